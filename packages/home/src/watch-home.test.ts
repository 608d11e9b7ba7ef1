import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";
import { watchHome, type HomeChange } from "./watch-home.ts";

const CONFIG = ".openclaw/openclaw.json";
const stateOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-state.json`;
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;

let ending = new AbortController();
afterEach(() => ending.abort());

interface Watched {
  readonly folder: TempHome;
  readonly home: Home;
  readonly errors: readonly Error[];
  /** The next change that is told. */
  next(): Promise<HomeChange>;
}

async function watched(
  files: Readonly<Record<string, string | object>>,
  prepare?: (folder: TempHome) => Promise<void>,
  more: readonly string[] = [],
): Promise<Watched> {
  ending = new AbortController();
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  await prepare?.(folder);
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env, use: "inspect" });
  const told: HomeChange[] = [];
  let waiting: PromiseWithResolvers<void> | undefined;
  const errors: Error[] = [];
  await watchHome({
    home,
    files: () => more.map((path) => join(folder.path, path)),
    signal: ending.signal,
    onError: (error) => {
      errors.push(error);
      waiting?.resolve();
    },
    async onChange(change) {
      if (change === "usage") await Promise.resolve();
      else if (change === "accounts") await home.reloadAccounts();
      else await home.reload();
      told.push(change);
      waiting?.resolve();
    },
  });
  return {
    folder,
    home,
    errors,
    async next() {
      while (told.length === 0) {
        waiting = Promise.withResolvers();
        await waiting.promise;
      }
      return told.shift() ?? "home";
    },
  };
}

/** As every careful writer does. */
async function replace(folder: TempHome, path: string, content: object): Promise<void> {
  await folder.write(`${path}.tmp`, content);
  await rename(join(folder.path, `${path}.tmp`), join(folder.path, path));
}

const keyed = (value: string) => ({ profiles: { "openai:a": { type: "api_key", provider: "openai", key: value } } });
const ids = (home: Home, agentId?: string) => home.current.agents.find(agentId).profiles().ids();

test("a store that is replaced is read again, each time", async () => {
  const { folder, home, next } = await watched({ [storeOf("main")]: { profiles: {} } });
  for (const value of ["test-key-one", "test-key-two", "test-key-three"]) {
    await replace(folder, storeOf("main"), keyed(value));
    expect(await next()).toBe("accounts");
    const [candidate] = home.plan({ provider: "openai" }).candidates;
    expect(await candidate?.resolve({})).toMatchObject({ id: "openai:a" });
  }
});

test("a file of a provider of secrets, and one that is named, count as the configuration", async () => {
  const providers = { near: { source: "file", path: "~/keys/near.json" }, far: { source: "file", path: "@HOME@/far/keys.json" } };
  const { folder, next } = await watched(
    { "keys/near.json": {}, "token/file": "x" },
    async (place) => {
      const config = JSON.stringify({ secrets: { providers } }).replaceAll("@HOME@", place.path);
      await place.write(CONFIG, config);
    },
    ["token/file"],
  );
  await replace(folder, "keys/near.json", { a: "b" });
  expect(await next()).toBe("home");
  // Nor was its folder there.
  await folder.write("far/keys.json", { a: "b" });
  expect(await next()).toBe("home");
  await replace(folder, "token/file", { a: "b" });
  expect(await next()).toBe("home");
});

test("a store that was not there, nor its folder, is seen when it comes", async () => {
  const { folder, home, next } = await watched({ [CONFIG]: { agents: { list: [{ id: "work" }] } } });
  await folder.write(storeOf("work"), keyed("test-key-one"));
  expect(await next()).toBe("accounts");
  expect(ids(home, "work")).toEqual(["openai:a"]);
});

test("a store that is a link is seen to change where it really is", async () => {
  const { folder, home, next } = await watched({ "elsewhere/shared.json": { profiles: {} } }, async (place) => {
    const link = join(place.path, storeOf("main"));
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(place.path, "elsewhere/shared.json"), link);
  });
  await replace(folder, "elsewhere/shared.json", keyed("test-key-one"));
  expect(await next()).toBe("accounts");
  expect(ids(home)).toEqual(["openai:a"]);
});

test("the configuration is read again, and agents that are new are watched from then on", async () => {
  const { folder, home, next } = await watched({ [CONFIG]: {} });
  await replace(folder, CONFIG, { agents: { list: [{ id: "late" }] } });
  expect(await next()).toBe("home");
  expect(home.current.agents.ids).toContain("late");
  await folder.write(storeOf("late"), keyed("test-key-one"));
  expect(await next()).toBe("accounts");
  expect(ids(home, "late")).toEqual(["openai:a"]);
});

test("the environment file is read again", async () => {
  const { folder, home, next } = await watched({ ".openclaw/.env": "OPENAI_API_KEY=test-key-one" });
  await folder.write(".openclaw/.env", "OPENAI_API_KEY=test-key-two");
  expect(await next()).toBe("home");
  expect(home.current.env.values["OPENAI_API_KEY"]).toBe("test-key-two");
});

test("a configuration that is broken is told, and the one that mends it is taken", async () => {
  const { folder, home, errors, next } = await watched({ [CONFIG]: { gateway: { port: 1 } } });
  await folder.write(CONFIG, "{torn");
  await folder.write(CONFIG, { gateway: { port: 2 } });
  await next();
  expect(home.current.config.gateway?.port).toBe(2);
  expect(errors.every((error) => error.name === "HomeError")).toBe(true);
});

test.each<[string, (folder: string) => Promise<void>]>([
  ["renamed away", (folder) => rename(folder, `${folder}.old`)],
  ["removed", (folder) => rm(folder, { recursive: true })],
])("a folder that was %s and came again is watched on", async (_name, away) => {
  const { folder, home, next } = await watched({ [storeOf("main")]: keyed("test-key-one") });
  const agentDir = join(folder.path, dirname(storeOf("main")));
  await away(agentDir);
  await mkdir(agentDir);
  expect(await next()).toBe("accounts");
  await replace(folder, storeOf("main"), keyed("test-key-two"));
  while (ids(home).length === 0) expect(await next()).toBe("accounts");
});

test("what is remembered of the use of accounts is told as that, of every agent, also when it comes first", async () => {
  const { folder, next } = await watched({ [CONFIG]: { agents: { list: [{ id: "work" }] } }, [storeOf("main")]: { profiles: {} } });
  await replace(folder, stateOf("main"), { version: 1, credentials: {} });
  expect(await next()).toBe("usage");
  await replace(folder, storeOf("work"), { profiles: {} });
  expect(await next()).toBe("accounts");
  await replace(folder, stateOf("work"), { version: 1, credentials: {} });
  expect(await next()).toBe("usage");
});

test("a state file that is a link is seen to change where it really is", async () => {
  const { folder, next } = await watched({ "elsewhere/state.json": { version: 1 }, [storeOf("main")]: { profiles: {} } }, (place) =>
    symlink(join(place.path, "elsewhere/state.json"), join(place.path, stateOf("main"))),
  );
  await replace(folder, "elsewhere/state.json", { version: 1, credentials: {} });
  expect(await next()).toBe("usage");
});

test.each([
  ["accounts", storeOf("main"), { profiles: {} }],
  ["home", CONFIG, { gateway: { port: 1 } }],
] as const)("%s that change along with it are told, whichever comes first", async (kind, path, content) => {
  const { folder, next } = await watched({ [storeOf("main")]: { profiles: {} }, [CONFIG]: {} });
  const changes = [() => replace(folder, stateOf("main"), { version: 1 }), () => replace(folder, path, content)];
  for (const order of [changes, changes.toReversed()]) {
    for (const change of order) await change();
    // On a busy machine the usage may have been told before the other came.
    let told = await next();
    while (told === "usage") told = await next();
    expect(told).toBe(kind);
  }
});

test("a folder that goes is told as the most that may have changed in it", async () => {
  const { folder, next } = await watched({ [stateOf("main")]: { version: 1 }, [storeOf("main")]: { profiles: {} } });
  await rename(join(folder.path, ".openclaw"), join(folder.path, "away"));
  expect(await next()).toBe("home");
});

test("a folder that goes with the configuration in it is an error, until it is back", async () => {
  const { folder, next, errors } = await watched({ [CONFIG]: {}, [storeOf("main")]: { profiles: {} } });
  await rename(join(folder.path, ".openclaw"), join(folder.path, "away"));
  await expect.poll(() => errors).toMatchObject([{ code: "config-unreadable" }]);
  await rename(join(folder.path, "away"), join(folder.path, ".openclaw"));
  expect(await next()).toBe("home");
});

test("other files of the state folder are nobody's business", async () => {
  const { folder, next } = await watched({ [storeOf("main")]: { profiles: {} } });
  await writeFile(join(folder.path, ".openclaw/agents/main/agent/notes.txt"), "x");
  await writeFile(join(folder.path, ".openclaw/other.json"), "{}");
  await replace(folder, storeOf("main"), keyed("test-key-one"));
  expect(await next()).toBe("accounts");
});

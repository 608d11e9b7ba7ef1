import { mkdir, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { createCanary, createTempHome, findCanary, manualClock, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });

interface Opened {
  readonly home: Home;
  readonly folder: TempHome;
}

async function open(files: Readonly<Record<string, string | object>>, env: Readonly<Record<string, string>> = {}): Promise<Opened> {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const paths = resolvePaths({ env: all, osHome: folder.path, cwd: folder.path });
  return { folder, home: await openHome({ paths, env: all, clock: manualClock(), use: "inspect" }) };
}

/** A home that counts how often its files are read. */
async function openCounted(): Promise<Opened & { readings(): number }> {
  const folder = await createTempHome({ [CONFIG]: { gateway: { port: 1 } } });
  onTestFinished(() => folder.remove());
  const resolved = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  let readings = 0;
  const count = () => {
    readings += 1;
    return resolved.configPath;
  };
  const paths = Object.defineProperty({ ...resolved }, "configPath", { get: count });
  return { folder, home: await openHome({ paths, env: folder.env }), readings: () => readings };
}

const origins = (home: Home, provider = "openai") => home.plan({ provider }).candidates.map(({ origin }) => origin);

describe("opening", () => {
  test("a home that is not there is an empty one, and is not made", async () => {
    const { home, folder } = await open({});
    expect(home.plan({ provider: "openai" })).toMatchObject({ candidates: [], excluded: [] });
    expect(home.current.models().defaultModel).toBe("anthropic/claude-opus-4-6");
    expect(await folder.list()).toEqual([]);
  });

  test("reads and writes nothing: every file stays as it is and none is made", async () => {
    const { home, folder } = await open({
      [CONFIG]: "{ agents: { list: [{ id: 'work' }] } } // mine",
      [storeOf("main")]: { profiles: { "openai:a": { mode: "api_key", provider: "openai", apiKey: "test-key-one" } } },
      ".openclaw/agents/main/agent/auth.json": { openai: { type: "api_key", key: "test-key-old" } },
      ".openclaw/.env": "A=1",
    });
    const files = await folder.list();
    const look = () =>
      Promise.all(files.map(async (file) => [file, (await stat(join(folder.path, file))).mtimeMs, await folder.read(file)]));
    const before = await look();
    await home.reload();
    expect(origins(home)).toEqual(["profile openai:a", "profile openai:default"]);
    for (const id of home.current.agents.ids) home.current.agents.find(id).profiles().inspect();
    expect(await folder.list()).toEqual(files);
    expect(await look()).toEqual(before);
  });

  test.each([
    ["a configuration that cannot be parsed", { [CONFIG]: "{torn" }, "config-invalid"],
    ["one with an unknown key", { [CONFIG]: { auth: { x: 1 } } }, "config-invalid"],
    ["a folder in its place", { [`${CONFIG}/x`]: "" }, "config-unreadable"],
    ["a folder in place of .env", { ".openclaw/.env/x": "" }, "env-unreadable"],
    ["a broken salt", { ".openclaw/fingerprint-salt": "x" }, "salt-unreadable"],
  ])("fails on %s", async (_name, files, code) => {
    await expect(open(files)).rejects.toMatchObject({ name: "HomeError", code });
  });

  test("a reference that leads nowhere breaks nothing", async () => {
    const profiles = { "openai:a": { ...key("a"), key: "${UNSET_KEY}" } };
    const config = { models: { providers: { openai: { apiKey: "${UNSET_KEY}" } } }, gateway: { auth: { token: "${UNSET_KEY}" } } };
    const { home } = await open({ [CONFIG]: config, [storeOf("main")]: { profiles } });
    expect(origins(home)).toEqual(["profile openai:a"]);
    expect(home.current.agents.find().profiles().inspect()).toMatchObject([{ reasonCode: "unresolved_ref" }]);
  });
});

describe("a plan", () => {
  test("is that of the agent", async () => {
    const { home } = await open({
      [CONFIG]: { agents: { list: [{ id: "work" }] } },
      [storeOf("main")]: { profiles: { "openai:main": key("m") } },
      [storeOf("work")]: { profiles: { "openai:work": key("w") }, order: { openai: ["openai:work"] } },
    });
    expect(origins(home)).toEqual(["profile openai:main"]);
    expect(home.plan({ provider: "OpenAI", agentId: "work", model: "gpt" })).toMatchObject({
      provider: "openai",
      model: "gpt",
      candidates: [{ id: "openai:work", hosts: ["https://api.openai.com"] }],
      excluded: [{ id: "openai:main", reason: "excluded_by_auth_order" }],
    });
  });

  test("of an unknown provider or agent is an error that says what to do", async () => {
    const { home } = await open({});
    expect(() => home.plan({ provider: "nobody" })).toThrow(
      expect.objectContaining({ code: "unknown-model", hint: "add it under models.providers in $OPENCLAW_HOME/.openclaw/openclaw.json" }),
    );
    expect(() => home.plan({ provider: "openai", agentId: "nobody" })).toThrow(expect.objectContaining({ code: "unknown-agent" }));
  });

  test("of an agent whose store is broken is its error, while the others go on", async () => {
    const { home } = await open({
      [CONFIG]: { agents: { list: [{ id: "work" }] } },
      [storeOf("main")]: { profiles: { "openai:main": key("m") } },
      [storeOf("work")]: "{torn",
    });
    expect(origins(home)).toEqual(["profile openai:main"]);
    expect(() => home.plan({ provider: "openai", agentId: "work" })).toThrow(expect.objectContaining({ code: "store-malformed" }));
  });
});

describe("reloading", () => {
  const good = {
    [CONFIG]: { models: { providers: { openai: { apiKey: "test-key-one" } } } },
    [storeOf("main")]: { profiles: { "openai:a": key("a") } },
  };

  test("shows what changed, all at once, and leaves the snapshot in use as it was", async () => {
    const { home, folder } = await open({ ...good, ".openclaw/.env": "OPENAI_API_KEY=test-key-two" });
    const before = home.current;
    await folder.write(storeOf("main"), { profiles: { "openai:b": key("b") } });
    await folder.write(".openclaw/.env", "");
    expect(origins(home)).toEqual(["profile openai:a", "OPENAI_API_KEY", "models.providers.openai.apiKey"]);
    await home.reload();
    expect(origins(home)).toEqual(["profile openai:b", "models.providers.openai.apiKey"]);
    expect(home.current).not.toBe(before);
    expect(before.agents.find().profiles().ids()).toEqual(["openai:a"]);
    expect(before.env.values["OPENAI_API_KEY"]).toBe("test-key-two");
  });

  test.each([
    ["configuration", CONFIG, "config-invalid"],
    ["salt", ".openclaw/fingerprint-salt", "salt-unreadable"],
    ["store of an agent that worked", storeOf("main"), "store-malformed"],
  ])("rejects on a broken %s, keeps the last good snapshot, and goes on once it is repaired", async (_name, file, code) => {
    const { home, folder } = await open(good);
    const before = home.current;
    await folder.write(".openclaw/.env", "OPENAI_API_KEY=test-key-two");
    await folder.write(file, "{torn");
    await expect(home.reload()).rejects.toMatchObject({ code });
    expect(home.current).toBe(before);
    expect(origins(home)).toEqual(["profile openai:a", "models.providers.openai.apiKey"]);

    await (file === ".openclaw/fingerprint-salt"
      ? rename(join(folder.path, file), join(folder.path, "broken"))
      : folder.write(file, file === CONFIG ? {} : { profiles: { "openai:c": key("c") } }));
    await home.reload();
    expect(origins(home)).toContain("OPENAI_API_KEY");
  });

  test("takes a configuration that is gone for a broken one, and one that never was for none", async () => {
    const { home, folder } = await open(good);
    const before = home.current;
    await rename(join(folder.path, CONFIG), join(folder.path, "away"));
    await expect(home.reload()).rejects.toMatchObject({
      code: "config-unreadable",
      message: `${join(folder.path, CONFIG)} was there and is gone`,
      hint: "put it back, or restart to go on without one",
    });
    expect(home.current).toBe(before);
    await rename(join(folder.path, "away"), join(folder.path, CONFIG));
    await home.reload();
    expect(origins(home)).toEqual(["profile openai:a", "models.providers.openai.apiKey"]);

    const { home: bare } = await open({ [storeOf("main")]: { profiles: { "openai:a": key("a") } } });
    await bare.reload();
    expect(origins(bare)).toEqual(["profile openai:a"]);
  });

  test("is not kept from it by an agent that was broken before", async () => {
    const { home, folder } = await open({ ...good, [CONFIG]: { agents: { list: [{ id: "work" }] } }, [storeOf("work")]: "{torn" });
    await folder.write(storeOf("main"), { profiles: { "openai:b": key("b") } });
    await home.reload();
    expect(origins(home)).toEqual(["profile openai:b"]);
  });

  test("is not kept from it by a new agent that is broken", async () => {
    const { home, folder } = await open(good);
    await folder.write(storeOf("work"), "{torn");
    await folder.write(CONFIG, { agents: { list: [{ id: "work" }] } });
    await home.reload();
    expect(home.current.agents.ids).toEqual(["main", "work"]);
  });

  test("an agent folder from the environment counts as well", async () => {
    const { home, folder } = await open(
      { "alt/auth-profiles.json": { profiles: { "openai:alt": key("a") } } },
      { OPENCLAW_AGENT_DIR: "alt" },
    );
    await folder.write("alt/auth-profiles.json", "{torn");
    await expect(home.reload()).rejects.toMatchObject({ code: "store-malformed" });
  });

  test("R4: runs one at a time, and those who ask while one runs share the next, which reads the newest files", async () => {
    const { home, folder, readings } = await openCounted();
    const first = home.reload();
    await expect.poll(readings).toBe(2);
    await folder.write(CONFIG, { gateway: { port: 3 } });
    const later = [home.reload(), home.reload()];
    await Promise.all([first, ...later]);
    expect(home.current.config.gateway?.port).toBe(3);
    expect(readings()).toBe(3);
  });

  test("R4: goes on after one that failed", async () => {
    const { home, folder, readings } = await openCounted();
    await folder.write(CONFIG, "{torn");
    const failing = home.reload().catch((error: unknown) => error);
    await expect.poll(readings).toBe(2);
    const next = home.reload().catch(() => undefined); // It may read the torn file as well.
    expect(await failing).toMatchObject({ code: "config-invalid" });
    await folder.write(CONFIG, { gateway: { port: 4 } });
    await next;
    await home.reload();
    expect(home.current.config.gateway?.port).toBe(4);
  });
});

test("a snapshot cannot be changed", async () => {
  const { home } = await open({ [CONFIG]: { models: { providers: { openai: { apiKey: "test-key-one" } } } } });
  const { current } = home;
  const parts = [
    home,
    current,
    current.paths,
    current.config,
    current.config.models,
    current.env,
    current.env.values,
    current.agents,
    current.providers,
  ];
  expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
});

describe("nothing prints a secret", () => {
  const [fromEnv, fromFile, fromConfig, fromStore] = ["env", "file", "config", "store"].map((name) => createCanary(name));
  const canaries = [fromEnv, fromFile, fromConfig, fromStore].filter((canary) => canary !== undefined);
  const files = {
    [CONFIG]: {
      models: {
        providers: {
          openai: { apiKey: fromConfig, headers: { authorization: fromConfig } },
          mine: { baseUrl: "https://llm.example", apiKey: fromConfig },
        },
      },
      gateway: { auth: { token: fromConfig } },
      env: { GROQ_API_KEY: fromConfig, vars: { MISTRAL_API_KEY: fromConfig } },
      channels: { telegram: { botToken: fromConfig } },
      agents: { list: [{ id: "work", apiKey: fromConfig }] },
    },
    ".openclaw/.env": `OPENROUTER_API_KEY=${fromFile}`,
    [storeOf("main")]: {
      profiles: { "openai:a": { ...key("a"), key: fromStore }, "openai:b": { type: "token", provider: "openai", token: fromStore } },
    },
  };

  test("neither the home nor its snapshot nor a plan", async () => {
    const { home } = await open(files, { OPENAI_API_KEY: fromEnv ?? "" });
    const { current } = home;
    const parts = [
      home,
      current,
      current.config,
      current.env,
      current.agents.find("work"),
      current.agents.find().profiles(),
      current.providers.find("openai"),
      home.plan({ provider: "openai" }),
    ];
    expect(origins(home)).toHaveLength(4);
    for (const canary of canaries) {
      const texts = {
        inspect: inspect(parts, { depth: 9, showHidden: true }),
        json: JSON.stringify(parts),
        text: parts.map(String).join(),
      };
      expect(await findCanary(canary, { texts })).toEqual([]);
    }
  });

  test.each([CONFIG, storeOf("main")])("nor the error of a torn %s", async (file) => {
    const error: unknown = await open({ ...files, [file]: JSON.stringify(files[file]).slice(0, -3) })
      .then(({ home }) => home.plan({ provider: "openai" }))
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: expect.stringMatching(/config-invalid|store-malformed/u) });
    for (const canary of canaries) {
      expect(await findCanary(canary, { texts: { inspect: inspect(error, { depth: 9, showHidden: true }) } })).toEqual([]);
    }
  });
});

test("a file in place of the state folder is an error, and stays", async () => {
  const folder = await createTempHome({ ".openclaw": "a file" });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  await expect(openHome({ paths, env: folder.env })).rejects.toMatchObject({ code: "config-unreadable" });
  expect(await folder.read(".openclaw")).toBe("a file");
});

test("a state folder that is empty stays empty", async () => {
  const folder = await createTempHome();
  onTestFinished(() => folder.remove());
  await mkdir(folder.stateDir);
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env });
  home.plan({ provider: "anthropic" });
  expect(await folder.list()).toEqual([".openclaw/"]);
});

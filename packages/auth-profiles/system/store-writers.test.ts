import { join } from "node:path";
import { createTempHome, giveToNobody, isProcessAlive, said, type RunningProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { startScript } from "./child.ts";

const WRITERS = 8;
const PATCHES = 500;
/** 4000 updates one after the other, each fsynced twice, and a reader that never rests: 30 to 60 s on two cores that others use too. */
const LIMIT_MS = 240_000;

let home: TempHome;
let paths: readonly string[];
beforeEach(async () => {
  home = await createTempHome();
  paths = ["agent/auth-profiles.json", "locks"].map((path) => join(home.path, path));
  await giveToNobody(home.path);
});
afterEach(() => home.remove());

async function started(script: string, args: readonly string[]): Promise<RunningProcess> {
  const running = await startScript(script, { args });
  onTestFinished(async () => {
    await running.stop();
    expect(isProcessAlive(running.pid)).toBe(false);
  });
  return running;
}

/** Four kinds of patch in turn; what is left of each can be told from the numbers alone. */
const WRITER = `
  dropRights();
  const [path, locks, name, times] = args;
  const storage = storageAt(path, locks);
  await go();
  for (let i = 0; i < Number(times); i++) {
    await storage.update((draft) => {
      const { profiles, order } = draft.store;
      if (i % 4 === 0) draft.put(name + ":" + i, keyOf("test-key-" + i));
      if (i % 4 === 1) draft.setOrder(name, [...(order[name] ?? []), name + ":" + (i - 1)]);
      if (i % 4 === 2) draft.setTokens("shared:login", { access: Secret.of("test-access"), expiresAt: profiles.get("shared:login").expires + 1 });
      if (i % 4 === 3 && i % 32 !== 3) draft.remove(name + ":" + (i - 3));
    }, { timeoutMs: 200_000 });
  }
  say("done");`;

const READER = `
  dropRights();
  const storage = storageAt(args[0], args[1]);
  let reads = 0;
  let isOver = false;
  process.once("SIGUSR1", () => { isOver = true; });
  await go();
  while (!isOver) {
    const text = fs.readFileSync(args[0], "utf8");
    const { profiles } = JSON.parse(text);
    if (profiles["shared:login"].refresh !== "test-refresh" || !text.endsWith("}\\n")) throw new Error("a field was lost");
    if (!(await storage.read()).profiles.has("shared:login")) throw new Error("the login was lost");
    reads++;
  }
  say(reads);`;

test(
  `W3, need 26: ${WRITERS} processes times ${PATCHES} patches lose nothing, and a reader never sees less than a store`,
  async () => {
    await home.write("agent/auth-profiles.json", {
      profiles: {
        "shared:login": { type: "oauth", provider: "shared", access: "test-access", refresh: "test-refresh", expires: 1, note: 1 },
      },
      future: { kept: true },
    });
    await giveToNobody(join(home.path, "agent"), join(home.path, "agent/auth-profiles.json"));
    const reader = await started(READER, paths);
    const names = Array.from({ length: WRITERS }, (_, index) => `w${index}`);
    const writers = await Promise.all(names.map((name) => started(WRITER, [...paths, name, String(PATCHES)])));
    for (const running of [reader, ...writers]) running.signal("SIGUSR2");
    for (const writer of writers) expect([await writer.exited, writer.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    reader.signal("SIGUSR1");
    expect([await reader.exited, reader.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    expect(said(reader.stdout())[1]).toBeGreaterThan(10);

    const kept = Array.from({ length: PATCHES / 4 }, (_, index) => index * 4).filter((index) => index % 32 === 0);
    const store: unknown = JSON.parse(await home.read("agent/auth-profiles.json"));
    expect(store).toMatchObject({
      future: { kept: true },
      profiles: { "shared:login": { expires: 1 + (WRITERS * PATCHES) / 4, note: 1 } },
      order: Object.fromEntries(names.map((name) => [name, kept.map((index) => `${name}:${index}`)])),
    });
    expect(Object.keys(Object(store).profiles)).toHaveLength(1 + WRITERS * kept.length);
    expect((await home.list()).filter((file) => file.endsWith(".tmp") || file.endsWith(".holder"))).toEqual([]);
  },
  LIMIT_MS,
);

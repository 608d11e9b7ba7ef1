import { createTempHome, startProcess, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const ROUNDS = 120;

const source = (file: string): string => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href);

/** Arguments: the home. `go()` says that it is ready and waits for SIGUSR2. */
const PRELUDE = `
import * as fs from "node:fs";
import { join } from "node:path";
import { Secret } from "@openclaw/secrets";
import { applyFileTransaction } from ${source("file-transaction.ts")};
import { createAgentStorages } from ${source("agent-storage.ts")};
import { readCommitted } from ${source("pending-files.ts")};
const [home] = process.argv.slice(1);
const stateDir = join(home, ".openclaw");
const storePath = join(home, ${JSON.stringify(STORE)});
const say = (value) => fs.writeSync(1, JSON.stringify(value) + "\\n");
const go = () => new Promise((resolve) => {
  const alive = setInterval(() => undefined, 60_000);
  process.once("SIGUSR2", () => { clearInterval(alive); resolve(); });
  say("ready");
});
const { storage } = createAgentStorages().open({ storePath, stateDir, secretDefaults: undefined, hasLegacyLogins: false });
/** Replaces the key or the note in the store, as "secrets apply" does: from what was read, and again when it changed meanwhile. */
const apply = async (edit) => {
  for (;;) {
    const expected = await readCommitted(stateDir, async (pathOf) => fs.readFileSync(pathOf(storePath)));
    const before = JSON.parse(expected.toString());
    const content = JSON.stringify(edit(before), undefined, 2) + "\\n";
    try { await applyFileTransaction({ stateDir, changes: [{ path: storePath, content, expected }] }); return; }
    catch (error) { if (error.code !== "file-changed") throw error; }
  }
};
const report = (work) => work().then(() => say("done"), (error) => say({ code: error.code, message: error.message }));
await go();
`;

/** Saves tokens again and again, as refreshes do, and says where the last ones are not those it saved. */
const REFRESHING = `
await report(async () => {
  for (let round = 1; round <= ${ROUNDS}; round += 1) {
    await storage.update((draft) => {
      const { expires } = draft.store.profiles.get("acme:a");
      if (expires !== 999 + round) throw new Error("the tokens of round " + (round - 1) + " are gone: " + expires);
      draft.setTokens("acme:a", { access: Secret.of("test-a" + round), refresh: Secret.of("test-r" + round), expiresAt: 1000 + round });
    });
  }
});`;

/** Moves a key out of the store at first, then changes a note of its own, and says where what it changed is not there any more. */
const APPLYING = `
await report(async () => {
  for (let round = 1; round <= ${ROUNDS}; round += 1) {
    await apply((store) => {
      const { key, ...entry } = store.profiles["openai:k"];
      if (round > 1 && key !== undefined) throw new Error("the key is back at " + round);
      if (round > 1 && store.note !== round - 1) throw new Error("the change of " + (round - 1) + " is gone");
      return { ...store, note: round, profiles: { ...store.profiles, "openai:k": { ...entry, keyRef: { source: "env", provider: "default", id: "K" } } } };
    });
  }
});`;

async function started(script: string, home: TempHome) {
  const args = [
    "--conditions=@openclaw/source",
    "--disable-warning=ExperimentalWarning",
    "--input-type=module",
    "-e",
    PRELUDE + script,
    home.path,
  ];
  const running = await startProcess(process.execPath, args, { env: { PATH: process.env["PATH"] }, cwd: import.meta.dirname });
  onTestFinished(async () => void (await running.stop()));
  await running.waitForOutput(/"ready"/, 30_000);
  return running;
}

test(
  "D8: a process that refreshes and one that applies lose nothing of each other's, and no key comes back",
  { timeout: 120_000 },
  async () => {
    const home = await createTempHome({
      [STORE]: {
        version: 1,
        profiles: {
          "openai:k": { type: "api_key", provider: "openai", key: "test-key-plain" },
          "acme:a": { type: "oauth", provider: "acme", access: "test-a0", refresh: "test-r0", expires: 1000 },
        },
      },
    });
    onTestFinished(() => home.remove());
    const both = await Promise.all([started(REFRESHING, home), started(APPLYING, home)]);
    for (const one of both) one.signal("SIGUSR2");
    for (const one of both) {
      expect(await one.exited).toEqual({ code: 0, signal: null });
      expect([one.stdout().trim().split("\n").slice(1), one.stderr()]).toEqual([['"done"'], ""]);
    }
    const text = await home.read(STORE);
    expect(text).not.toContain("test-key-plain");
    expect(JSON.parse(text)).toMatchObject({ note: ROUNDS, profiles: { "acme:a": { refresh: `test-r${ROUNDS}` } } });
    expect((await home.list()).filter((file) => /journal|prepared|\.tmp$/.test(file))).toEqual([]);
  },
);

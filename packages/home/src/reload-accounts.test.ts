import { chmod, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, manualClock, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const HELPER = `#!/bin/sh
echo x >> "$HOME/runs"
printf '{"protocolVersion":1,"values":{"a":"test-key-from-helper","b":"test-key-other"}}'
`;

async function open(): Promise<{ readonly home: Home; readonly folder: TempHome; readonly runs: () => Promise<number> }> {
  const folder = await createTempHome({
    helper: HELPER,
    [STORE]: { profiles: { "openai:vault": vaultKey("a"), "openai:text": key("one") } },
  });
  onTestFinished(() => folder.remove());
  await chmod(join(folder.path, "helper"), 0o700);
  const vault = { source: "exec", command: join(folder.path, "helper"), passEnv: ["HOME", "PATH"] };
  await folder.write(".openclaw/openclaw.json", { secrets: { providers: { vault } } });
  const env = { ...folder.env, PATH: "/usr/bin:/bin", HOME: folder.path };
  const paths = resolvePaths({ env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env, clock: manualClock() });
  onTestFinished(() => home.close());
  return { home, folder, runs: async () => (await folder.read("runs")).length / 2 };
}

const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });
const vaultKey = (id: string) => ({ type: "api_key", provider: "openai", keyRef: { source: "exec", provider: "vault", id } });

async function valueOf(home: Home, profileId: string): Promise<string | undefined> {
  const credential = await home.plan({ provider: "openai", profileId }).candidates[0]?.resolve({});
  return credential && "secret" in credential ? credential.secret.reveal() : undefined;
}

test("a store that changed is read again, and no command runs for the references that stay", async () => {
  const { home, folder, runs } = await open();
  const { config } = home.current;
  await folder.write(STORE, { profiles: { "openai:vault": vaultKey("a"), "openai:text": key("two"), "openai:more": key("three") } });
  expect(await home.reloadAccounts()).toEqual({ changes: { added: ["openai:more"], removed: [], replaced: ["openai:text"], renewed: [] } });
  expect([await valueOf(home, "openai:text"), await valueOf(home, "openai:more"), await valueOf(home, "openai:vault")]).toEqual([
    "test-key-two",
    "test-key-three",
    "test-key-from-helper",
  ]);
  expect(home.current.config).toBe(config);
  expect(await runs()).toBe(1);
});

test("a reference that is new is resolved, with all the others", async () => {
  const { home, folder, runs } = await open();
  await folder.write(STORE, { profiles: { "openai:vault": vaultKey("b") } });
  expect(await home.reloadAccounts()).toMatchObject({ changes: { replaced: ["openai:vault"] }, report: { outcome: "swapped" } });
  expect(await valueOf(home, "openai:vault")).toBe("test-key-other");
  expect(await runs()).toBe(2);
});

test("a reference that leads nowhere keeps what was there, and says so", async () => {
  const { home, folder } = await open();
  await folder.write(STORE, { profiles: { "openai:vault": vaultKey("nothing"), "openai:more": key("three") } });
  const { changes, report } = await home.reloadAccounts();
  expect(report).toMatchObject({ outcome: "kept", failures: [{ path: "profiles.openai:vault.key" }] });
  expect(changes).toEqual({ added: [], removed: [], replaced: [], renewed: [] });
  expect(await valueOf(home, "openai:vault")).toBe("test-key-from-helper");
});

test("a store that is broken is an error, and what was there stays", async () => {
  const { home, folder } = await open();
  const before = home.current;
  await folder.write(STORE, "{torn");
  await expect(home.reloadAccounts()).rejects.toMatchObject({ code: "store-malformed" });
  expect(home.current).toBe(before);
  await rm(join(folder.path, STORE));
  expect(await home.reloadAccounts()).toMatchObject({ changes: { removed: ["openai:vault", "openai:text"] } });
  expect(home.current.agents.find().profiles().ids()).toEqual([]);
});

test("values that are renewed count for what was read meanwhile", async () => {
  const { home, folder } = await open();
  await folder.write(STORE, { profiles: { "openai:vault": vaultKey("a") } });
  await home.reloadAccounts();
  await folder.write("helper", HELPER.replace("from-helper", "renewed"));
  await chmod(join(folder.path, "helper"), 0o700);
  expect((await home.renew()).outcome).toBe("swapped");
  expect(await valueOf(home, "openai:vault")).toBe("test-key-renewed");
});

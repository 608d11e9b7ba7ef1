import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { changedProfiles, type ProfileChanges } from "./changed-profiles.ts";
import { openHome } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const key = (value: string) => ({ type: "api_key", provider: "openai", key: value });
const token = (value: object) => ({ type: "token", provider: "anthropic", ...value });
const login = (access: string) => ({
  type: "oauth",
  provider: "openai-codex",
  accountId: "account-one",
  access,
  refresh: `${access}-refresh`,
  expires: 9e15,
});
const ref = (id: string) => ({ tokenRef: { source: "env", provider: "default", id } });

const before = {
  "openai:a": key("test-key-one"),
  "openai:b": key("test-key-two"),
  "anthropic:ref": token(ref("ONE")),
  "anthropic:text": token({ token: "test-token" }),
  "openai-codex:a": login("test-access-one"),
};

test.each<[string, object, Partial<ProfileChanges>]>([
  ["nothing", {}, {}],
  ["a name alone", { "openai:a": { ...key("test-key-one"), displayName: "mine" } }, {}],
  ["a key", { "openai:a": key("test-key-new") }, { replaced: ["openai:a"] }],
  ["a reference", { "anthropic:ref": token(ref("OTHER")) }, { replaced: ["anthropic:ref"] }],
  ["text that became a reference", { "anthropic:text": token(ref("ONE")) }, { replaced: ["anthropic:text"] }],
  ["a login", { "openai-codex:a": login("test-access-new") }, { renewed: ["openai-codex:a"] }],
  ["whose login it is", { "openai-codex:a": { ...login("test-access-new"), accountId: "other" } }, { replaced: ["openai-codex:a"] }],
  ["the type", { "openai:a": { type: "token", provider: "openai", token: "test-key-new" } }, { replaced: ["openai:a"] }],
  ["a profile that is new", { "openai:new": key("test-key-new") }, { added: ["openai:new"] }],
  ["one that is gone", { "openai:a": undefined }, { removed: ["openai:a"] }],
])("when somebody changes %s", async (_name, changes, expected) => {
  const folder = await createTempHome({ [STORE]: { profiles: before } });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env, clock: manualClock(), use: "inspect" });
  await folder.write(STORE, { profiles: { ...before, ...changes } });
  expect((await home.reloadAccounts()).changes).toEqual({ added: [], removed: [], replaced: [], renewed: [], ...expected });
});

test("a login that was refreshed here is the same login", async () => {
  const folder = await createTempHome({ [STORE]: { profiles: { "acme:a": { ...login("test-access-old"), provider: "acme" } } } });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env, clock: manualClock(), use: "inspect" });
  const { current } = home;
  await folder.write(STORE, {
    profiles: { "acme:a": { ...login("test-access-new"), provider: "acme", refresh: "test-access-old-refresh" } },
  });
  await home.reloadAccounts();
  const stored = home.current.agents.find().profiles().store.profiles.get("acme:a");
  expect(changedProfiles(current, home.current, { latest: (profile) => (stored?.type === "oauth" ? stored : profile) }).replaced).toEqual(
    [],
  );
  expect(changedProfiles(current, home.current, { latest: (profile) => profile }).renewed).toEqual(["acme:a"]);
});

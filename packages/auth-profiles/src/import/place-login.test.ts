import { Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import type { AuthProfile } from "../profile.ts";
import type { ImportedLogin } from "./imported-login.ts";
import { placeLogin } from "./place-login.ts";

const login: ImportedLogin = {
  owner: "codex",
  provider: "openai-codex",
  profileId: "openai-codex:default",
  access: Secret.of("test-access-new"),
  refresh: Secret.of("test-refresh-new"),
  expiresAt: 500,
  accountId: "one",
};
const claude: ImportedLogin = {
  owner: "claude",
  provider: "anthropic",
  profileId: "anthropic:claude",
  access: Secret.of("test-access-new"),
  expiresAt: 500,
};
const usual = { takesOver: false, replaces: false };
const own: AuthProfile = {
  type: "oauth",
  provider: "openai-codex",
  access: Secret.of("test-access-own"),
  refresh: Secret.of("test-refresh-own"),
  expires: 400,
  accountId: "one",
};
const imported: AuthProfile = {
  type: "oauth",
  provider: "openai-codex",
  access: Secret.of("test-access-old"),
  expires: 400,
  metadata: { importedFrom: "codex" },
};

test("29: a new login comes without its refresh token, and says whose it is", () => {
  const placed = placeLogin(login, undefined, usual);
  expect(placed).toMatchObject({
    outcome: "added",
    profile: { type: "oauth", expires: 500, accountId: "one", metadata: { importedFrom: "codex" } },
  });
  expect(placed).not.toHaveProperty("profile.refresh");
});

test("29: it comes with the refresh token where that is asked for", () => {
  expect(placeLogin(login, undefined, { ...usual, takesOver: true })).toHaveProperty("profile.refresh", login.refresh);
});

test("D19: of Claude Code a bearer token with its end is taken, whatever is asked for", () => {
  const placed = placeLogin({ ...claude, refresh: Secret.of("test-refresh-new") }, undefined, { ...usual, takesOver: true });
  expect(placed).toMatchObject({ profile: { type: "token", secret: claude.access, expires: 500 } });
  expect(placed).not.toHaveProperty("profile.refresh");
});

test.each<[string, Partial<ImportedLogin>, AuthProfile, Partial<typeof usual>, object]>([
  ["a later end updates an earlier import", {}, imported, {}, { outcome: "updated" }],
  ["a login of ours that is fresher stays", {}, { ...own, expires: 600 }, {}, { outcome: "kept", why: "fresher" }],
  ["one that ended and can be renewed stays", {}, own, {}, { outcome: "kept", why: "renewable" }],
  ["taking over replaces it with one that can be renewed too", {}, own, { takesOver: true }, { outcome: "updated" }],
  ["another account is refused", { accountId: "two" }, own, {}, { outcome: "refused", why: "other-account" }],
  ["an API key is refused", {}, { type: "api_key", provider: "openai-codex" }, {}, { outcome: "refused", why: "other-type" }],
  ["another provider is refused", {}, { ...own, provider: "openai" }, {}, { outcome: "refused", why: "other-provider" }],
  ["--replace replaces anything", { accountId: "two" }, { ...own, expires: 600 }, { replaces: true }, { outcome: "replaced" }],
])("29: %s", (_name, change, stored, options, expected) => {
  expect(placeLogin({ ...login, ...change }, stored, { ...usual, ...options })).toMatchObject(expected);
});

test("a pasted token is no earlier import", () => {
  const pasted: AuthProfile = { type: "token", provider: "anthropic", secret: Secret.of("test-token-own") };
  expect(placeLogin(claude, pasted, usual)).toMatchObject({ outcome: "refused", why: "other-account" });
  expect(placeLogin(claude, { ...pasted, metadata: { importedFrom: "claude" } }, usual)).toMatchObject({ outcome: "updated" });
});

test("29: importing the same again changes nothing, even with --replace", () => {
  for (const options of [usual, { ...usual, takesOver: true }, { ...usual, replaces: true }]) {
    const placed = placeLogin(login, undefined, options);
    expect(placeLogin(login, "profile" in placed ? placed.profile : undefined, options)).toEqual({ outcome: "unchanged" });
  }
});

test("29: a hundred imports of an older login leave a fresher one alone", () => {
  const fresher: AuthProfile = { ...own, expires: 900 };
  const outcomes = Array.from({ length: 100 }, () => placeLogin(login, fresher, { ...usual, takesOver: true }).outcome);
  expect(new Set(outcomes)).toEqual(new Set(["kept"]));
});

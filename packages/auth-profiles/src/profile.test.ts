import { describe, expect, test } from "vitest";
import { parseProfile, type AuthProfile } from "./profile.ts";

function profileOf(entry: unknown): AuthProfile {
  const parsed = parseProfile("p:x", entry);
  if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
  return parsed.profile;
}

describe("entries that are no profile", () => {
  test.each([
    ["null", null, "non_object"],
    ["text", "test-key-one", "non_object"],
    ["an array", [], "non_object"],
    ["no type", { provider: "p" }, "invalid_type"],
    ["a type of later versions", { type: "passkey", provider: "p" }, "invalid_type"],
    ["an inherited name as type", { type: "constructor", provider: "p" }, "invalid_type"],
    ["no provider", { type: "api_key", key: "test-key-one" }, "missing_provider"],
    ["a blank provider", { type: "api_key", provider: " " }, "missing_provider"],
    ["a provider that is a number", { type: "api_key", provider: 1 }, "missing_provider"],
  ])("%s", (_name, entry, dropped) => {
    expect(parseProfile("p:x", entry)).toEqual({ dropped });
  });
});

describe("what is accepted", () => {
  test("an API key with its public facts", () => {
    const profile = profileOf({
      type: "api_key",
      provider: " anthropic ",
      key: "test-key-one",
      email: "a@example.com",
      displayName: "  ",
      metadata: { project: "one", count: 3 },
      somethingNew: { kept: "in the file" },
    });
    expect(profile).toMatchObject({ type: "api_key", provider: "anthropic", email: "a@example.com" });
    expect(profile.metadata).toEqual({ project: "one" });
    expect(profile).not.toHaveProperty("displayName");
    expect(profile).not.toHaveProperty("ref");
    expect(profile.type === "api_key" && profile.secret?.reveal()).toBe("test-key-one");
  });

  test.each([
    ["mode for type", { mode: "api_key", provider: "p", key: "test-key-one" }],
    ["apiKey for key", { type: "api_key", provider: "p", apiKey: "test-key-one" }],
    ["both", { mode: "api_key", provider: "p", apiKey: "test-key-one" }],
  ])("%s", (_name, entry) => {
    const profile = profileOf(entry);
    expect(profile.type === "api_key" && profile.secret?.reveal()).toBe("test-key-one");
  });

  test.each([
    ["type beats mode", { type: "token", mode: "api_key", provider: "p", token: "test-key-one" }],
    ["key beats apiKey", { type: "api_key", provider: "p", key: "test-key-one", apiKey: "test-key-two" }],
  ])("%s", (_name, entry) => {
    const profile = profileOf(entry);
    expect(profile.type !== "oauth" && profile.secret?.reveal()).toBe("test-key-one");
  });

  test("a reference where the key belongs", () => {
    expect(profileOf({ type: "api_key", provider: "p", key: { source: "env", provider: "default", id: "WORK_KEY" } })).toEqual({
      type: "api_key",
      provider: "p",
      ref: { source: "env", provider: "default", id: "WORK_KEY" },
    });
  });

  test("a token with and without an end", () => {
    expect(profileOf({ type: "token", provider: "p", token: "test-token", expires: 5 })).toMatchObject({ type: "token", expires: 5 });
    expect(profileOf({ type: "token", provider: "p", token: "test-token", expires: null })).toMatchObject({ expires: "invalid" });
    expect(profileOf({ type: "token", provider: "p", token: "test-token" })).not.toHaveProperty("expires");
  });

  test("a login", () => {
    const profile = profileOf({
      type: "oauth",
      provider: "openai-codex",
      access: "test-access",
      refresh: "test-refresh",
      expires: 1_800_000_000_000,
      accountId: "acct-1",
      projectId: "project-1",
      enterpriseUrl: "https://ghe.example.com",
      clientId: "client-1",
    });
    expect(profile).toMatchObject({
      type: "oauth",
      expires: 1_800_000_000_000,
      accountId: "acct-1",
      projectId: "project-1",
      enterpriseUrl: "https://ghe.example.com",
      clientId: "client-1",
    });
    expect(profile.type === "oauth" && [profile.access?.reveal(), profile.refresh?.reveal()]).toEqual(["test-access", "test-refresh"]);
    expect(profile).not.toHaveProperty("forbiddenRefs");
  });

  test.each(["access", "refresh", "token", "tokenRef", "key", "keyRef"])("a login that holds a reference in %s is noted", (field) => {
    const profile = profileOf({ type: "oauth", provider: "p", [field]: { source: "env", provider: "default", id: "WORK_KEY" } });
    expect(profile).toMatchObject({ forbiddenRefs: [field] });
    expect(profile).not.toHaveProperty("access");
  });
});

test("problems name the field and the profile, and no value", () => {
  const parsed = parseProfile("p:x", { type: "token", provider: "p", token: "test-key-one", tokenRef: "test-key-two" });
  expect(parsed).toMatchObject({
    problems: [
      { code: "SECRETS_REF_OVERRIDES_PLAINTEXT", message: expect.stringContaining("profiles.p:x.token") },
      { code: "SECRETS_REF_INVALID", message: expect.stringContaining("profiles.p:x.token") },
    ],
  });
  expect(JSON.stringify(parsed)).not.toContain("test-key");
});

import { createSecretResolver, Secret, SecretsError, type Env } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import type { ProfileMetadata } from "./eligibility.ts";
import { AuthProfileError } from "./errors.ts";
import { parseProfile } from "./profile.ts";
import { resolveProfile } from "./resolve-profile.ts";

const NOW = 1_800_000_000_000;
const workRef = { source: "env", provider: "default", id: "WORK_KEY" };

function resolve(entry: object, env: Env = {}, metadata?: ProfileMetadata) {
  const parsed = parseProfile("p:x", { provider: "p", ...entry });
  if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
  return resolveProfile({ id: "p:x", profile: parsed.profile, metadata, secrets: createSecretResolver({ env }), now: NOW });
}

function errorOf(...args: Parameters<typeof resolve>): AuthProfileError {
  try {
    resolve(...args);
  } catch (error) {
    if (error instanceof AuthProfileError) return error;
    throw error;
  }
  throw new Error("it resolved");
}

describe("what is sent, and how", () => {
  test.each([
    ["a key", { type: "api_key", key: "test-key-one" }, { kind: "api-key" }, "test-key-one"],
    ["a key reference", { type: "api_key", keyRef: workRef }, { kind: "api-key" }, "test-key-env"],
    ["a reference beside a key wins", { type: "api_key", key: "test-key-one", keyRef: workRef }, { kind: "api-key" }, "test-key-env"],
    ["a token", { type: "token", token: "test-token" }, { kind: "bearer" }, "test-token"],
    ["a token with an end", { type: "token", token: "t", expires: NOW + 1 }, { kind: "bearer", expiresAt: NOW + 1 }, "t"],
    ["a token reference", { type: "token", token: "${WORK_KEY}" }, { kind: "bearer" }, "test-key-env"],
    ["a live login", { type: "oauth", access: "test-access", expires: NOW + 1 }, { kind: "bearer", expiresAt: NOW + 1 }, "test-access"],
  ])("%s", (_name, entry, expected, text) => {
    const { secret, ...rest } = resolve(entry, { WORK_KEY: "test-key-env" });
    expect(rest).toEqual(expected);
    expect(secret.reveal()).toBe(text);
  });
});

describe("references that do not resolve", () => {
  test.each([
    ["absent", {}],
    ["empty", { WORK_KEY: "" }],
    ["blank", { WORK_KEY: " \n" }],
  ])("the variable is %s: the stored key is not used instead", (_name, env) => {
    const error = errorOf({ type: "api_key", key: "test-key-one", keyRef: workRef }, env);
    expect(error).toMatchObject({
      code: "ref-unresolved",
      message: 'Profile "p:x": could not resolve SecretRef "env:default:WORK_KEY".',
      hint: expect.stringContaining("WORK_KEY"),
      profileId: "p:x",
    });
    expect(error.cause).toBeInstanceOf(SecretsError);
  });

  test("a profile made by hand with both does not fall back either", () => {
    const profile = {
      type: "api_key",
      provider: "p",
      secret: Secret.of("test-key-one"),
      ref: { source: "env", provider: "default", id: "X" },
    } as const;
    const options = { id: "p:x", profile, metadata: undefined, secrets: createSecretResolver({ env: {} }), now: NOW };
    expect(() => resolveProfile(options)).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
  });

  test("a broken reference names its rule, and the stored key is not used instead", () => {
    const error = errorOf({ type: "api_key", key: "test-key-one", keyRef: { source: "env", id: "lower" } });
    expect(error).toMatchObject({ code: "ref-unresolved", message: expect.stringContaining("an env id must match") });
  });
});

describe("references where none is allowed", () => {
  test("a login lists each field", () => {
    const error = errorOf({ type: "oauth", access: "test-access", expires: NOW + 1, refresh: workRef, keyRef: workRef });
    expect(error).toMatchObject({ code: "ref-policy", profileId: "p:x" });
    expect(error.message).toMatch(/profiles\.p:x\.refresh: .*; profiles\.p:x\.keyRef: /);
  });

  test.each([
    [{ type: "api_key", keyRef: workRef }, "profiles.p:x.keyRef: "],
    [{ type: "token", tokenRef: workRef }, "profiles.p:x.tokenRef: "],
  ])("neither where the configuration says oauth: %j", (entry, path) => {
    const error = errorOf(entry, { WORK_KEY: "test-key-env" }, { provider: "p", mode: "oauth" });
    expect(error).toMatchObject({ code: "ref-policy", message: expect.stringContaining(path) });
  });

  test("a plain token there is fine", () => {
    expect(resolve({ type: "token", token: "test-token" }, {}, { provider: "p", mode: "oauth" }).kind).toBe("bearer");
  });
});

describe("credentials that ended", () => {
  test.each([
    ["at this moment", { access: "test-access", expires: NOW }],
    ["and could be refreshed", { access: "test-access", expires: NOW - 1, refresh: "test-refresh" }],
    ["nobody knows when", { access: "test-access" }],
    ["and left no access", { refresh: "test-refresh", expires: NOW + 1 }],
  ])("a login, %s", (_name, entry) => {
    expect(errorOf({ type: "oauth", ...entry })).toMatchObject({
      code: "oauth-expired",
      hint: "openclaw models auth login --provider p",
      profileId: "p:x",
    });
  });

  test.each([
    ["expired", { type: "token", token: "test-token", expires: NOW }],
    ["invalid_expires", { type: "token", token: "test-token", expires: null }],
    ["missing_credential", { type: "api_key", key: " " }],
  ])("%s is an unusable profile", (reason, entry) => {
    expect(errorOf(entry)).toMatchObject({ code: "profile-unusable", reason, message: expect.stringContaining(reason) });
  });
});

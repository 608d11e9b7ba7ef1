import { describe, expect, test } from "vitest";
import { checkEligibility, type ProfileMetadata } from "./eligibility.ts";
import { parseProfile, type AuthProfile } from "./profile.ts";

const NOW = 1_800_000_000_000;
const workRef = { source: "env", provider: "default", id: "WORK_KEY" };

function profileOf(entry: object): AuthProfile {
  const parsed = parseProfile("p:x", { provider: "p", ...entry });
  if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
  return parsed.profile;
}

function reasonOf(profile: AuthProfile | undefined, metadata?: ProfileMetadata, purpose?: "selection" | "pin") {
  const normalizeProvider = (name: string) => name.trim().toLowerCase().replace("pee", "p");
  return checkEligibility({ profile, provider: "p", metadata, now: NOW, normalizeProvider, ...(purpose && { purpose }) });
}

describe("the credential", () => {
  test.each([
    ["a key", { type: "api_key", key: "test-key-one" }, undefined],
    ["a key reference", { type: "api_key", keyRef: workRef }, undefined],
    ["a broken key reference, which resolving names", { type: "api_key", keyRef: { source: "env", id: "lower" } }, undefined],
    ["no key", { type: "api_key" }, "missing_credential"],
    ["a blank key", { type: "api_key", key: " \n" }, "missing_credential"],
    ["a key that cannot be sent", { type: "api_key", key: "a\u0000b" }, "missing_credential"],
    ["a key does not end", { type: "api_key", key: "test-key-one", expires: 1 }, undefined],
    ["a token", { type: "token", token: "test-token" }, undefined],
    ["a token reference", { type: "token", tokenRef: workRef }, undefined],
    ["no token", { type: "token" }, "missing_credential"],
    ["a blank token", { type: "token", token: "  ", expires: 1 }, "missing_credential"],
    ["A2: a token that ends in a moment", { type: "token", token: "test-token", expires: NOW + 1 }, undefined],
    ["A2: a token that ends now", { type: "token", token: "test-token", expires: NOW }, "expired"],
    ["A2: a token that ended", { type: "token", token: "test-token", expires: NOW - 1 }, "expired"],
    ["A1: a token whose end is in seconds", { type: "token", token: "test-token", expires: NOW / 1000 + 3600 }, "expired"],
    ["A1: a token that ends at 0", { type: "token", token: "test-token", expires: 0 }, "invalid_expires"],
    ["A1: a token that ends before 1970", { type: "token", token: "test-token", expires: -1 }, "invalid_expires"],
    ["A1: a token that ends at null", { type: "token", token: "test-token", expires: null }, "invalid_expires"],
    ["A1: a token that ends at a text", { type: "token", token: "test-token", expires: String(NOW + 1) }, "invalid_expires"],
    ["A1: a token that ends beyond all dates", { type: "token", token: "test-token", expires: 8.64e15 + 1 }, "invalid_expires"],
    ["A1: a token that ends at 1e400", { type: "token", token: "test-token", expires: Number.POSITIVE_INFINITY }, "invalid_expires"],
    ["A3: a reference does not excuse a bad end", { type: "token", tokenRef: workRef, expires: null }, "invalid_expires"],
    ["A3: nor one that has passed", { type: "token", tokenRef: workRef, expires: NOW - 1 }, "expired"],
    ["a login with access", { type: "oauth", access: "test-access" }, undefined],
    ["a login with refresh", { type: "oauth", refresh: "test-refresh" }, undefined],
    ["a login that has expired may be refreshed", { type: "oauth", access: "test-access", expires: 1 }, undefined],
    ["an empty login", { type: "oauth", expires: NOW + 1 }, "missing_credential"],
    ["a login of blanks", { type: "oauth", access: " ", refresh: "" }, "missing_credential"],
    ["a login that holds a reference, which resolving names", { type: "oauth", access: workRef }, undefined],
  ])("%s", (_name, entry, reason) => {
    expect(reasonOf(profileOf(entry))).toBe(reason);
  });
});

describe("existence, provider and mode come before the credential, in this order", () => {
  const blankToken = profileOf({ type: "token" });
  const foreign = profileOf({ provider: "q", type: "token" });

  test.each([
    ["no such profile", undefined, { provider: "q", mode: "api_key" }, "profile_missing"],
    ["another provider", foreign, { provider: "q", mode: "api_key" }, "provider_mismatch"],
    ["another configured provider", blankToken, { provider: "q", mode: "api_key" }, "provider_mismatch"],
    ["another configured mode", blankToken, { provider: "p", mode: "api_key" }, "mode_mismatch"],
    ["the credential at last", blankToken, { provider: "p", mode: "token" }, "missing_credential"],
  ] as const)("%s", (_name, profile, metadata, reason) => {
    expect(reasonOf(profile, metadata)).toBe(reason);
  });

  test("spellings of one provider are one provider", () => {
    expect(reasonOf(profileOf({ provider: " PEE", type: "token", token: "test-token" }), { provider: "Pee", mode: "token" })).toBe(
      undefined,
    );
  });
});

describe("configured mode against stored type", () => {
  const entries = {
    api_key: profileOf({ type: "api_key", key: "test-key-one" }),
    token: profileOf({ type: "token", token: "test-token" }),
    oauth: profileOf({ type: "oauth", access: "test-access" }),
  };
  test.each([
    ["api_key", "api_key", true, true],
    ["api_key", "token", false, false],
    ["api_key", "oauth", false, false],
    ["token", "api_key", false, false],
    ["token", "token", true, true],
    ["token", "oauth", false, true],
    ["oauth", "api_key", false, false],
    ["oauth", "token", true, true],
    ["oauth", "oauth", true, true],
  ] as const)("mode %s, type %s: selected %s, pinned %s", (mode, type, isSelected, isPinned) => {
    const metadata = { provider: "p", mode };
    expect(reasonOf(entries[type], metadata)).toBe(isSelected ? undefined : "mode_mismatch");
    expect(reasonOf(entries[type], metadata, "pin")).toBe(isPinned ? undefined : "mode_mismatch");
  });
});

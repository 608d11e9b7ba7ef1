import { describe, expect, test } from "vitest";
import { inspectProfile, providerHealth, type ProfileHealth } from "./inspect.ts";
import type { RefreshState } from "./oauth/refresh-state.ts";
import { parseProfile } from "./profile.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const workRef = { source: "env", provider: "default", id: "WORK_KEY" };

function healthOf(entry: object, id = "p:x", known?: RefreshState): ProfileHealth {
  const parsed = parseProfile(id, { provider: "p", ...entry });
  if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
  return inspectProfile(id, parsed.profile, NOW, known);
}

const token = (expires?: unknown) => ({ type: "token", token: "test-token", ...(expires !== undefined && { expires }) });
const login = (expires?: unknown, rest: object = {}) => ({
  type: "oauth",
  access: "test-access",
  ...(expires !== undefined && { expires }),
  ...rest,
});
const refresh = { refresh: "test-refresh" };

describe("status, access and reason", () => {
  test.each([
    ["a key", { type: "api_key", key: "test-key-one" }, "static", "static", undefined],
    ["a key reference", { type: "api_key", keyRef: workRef }, "static", "static", undefined],
    ["a blank key", { type: "api_key", key: " " }, "static", "missing", "missing_credential"],
    ["a token without an end", token(), "static", "static", undefined],
    ["no token", { type: "token" }, "missing", "missing", "missing_credential"],
    ["a token with a bad end", token(null), "missing", "missing", "invalid_expires"],
    ["a token, one ms past a day left", token(NOW + DAY + 1), "ok", "ok", undefined],
    ["a token, a day left", token(NOW + DAY), "expiring", "expiring", undefined],
    ["a token, 1 ms left", token(NOW + 1), "expiring", "expiring", undefined],
    ["a token that ends now", token(NOW), "expired", "expired", "expired"],
    ["a login without an end", login(), "missing", "missing", undefined],
    ["a login that ends at 0", login(0), "missing", "missing", undefined],
    ["a login with refresh but no end", login(undefined, refresh), "missing", "missing", undefined],
    ["a login, one ms past a day left", login(NOW + DAY + 1), "ok", "ok", undefined],
    ["a login, a day left", login(NOW + DAY), "expiring", "expiring", undefined],
    ["a login that ended", login(NOW), "expired", "expired", undefined],
    ["a refreshable login, a day left", login(NOW + DAY, refresh), "ok", "expiring", undefined],
    ["a refreshable login that ended", login(NOW - 1, refresh), "ok", "expired", undefined],
    ["a login with a blank refresh that ended", login(NOW - 1, { refresh: " " }), "expired", "expired", undefined],
    ["a refreshable login without access", { type: "oauth", expires: NOW + 2 * DAY, ...refresh }, "ok", "missing", undefined],
    ["an empty login", { type: "oauth", expires: NOW + 2 * DAY }, "missing", "missing", "missing_credential"],
    ["a login that holds a reference", login(NOW + 2 * DAY, { keyRef: workRef }), "ok", "missing", undefined],
  ])("%s", (_name, entry, status, access, reasonCode) => {
    const health = healthOf(entry);
    expect([health.status, health.access, health.reasonCode]).toEqual([status, access, reasonCode]);
  });

  test("only a login with a refresh token is refreshable", () => {
    expect(healthOf(login(NOW - 1, refresh)).isRefreshable).toBe(true);
    expect(healthOf(login(NOW - 1)).isRefreshable).toBe(false);
    expect(healthOf(login(NOW - 1, { ...refresh, key: workRef })).isRefreshable).toBe(false);
    expect(healthOf(token()).isRefreshable).toBe(false);
  });

  test("A1: an end in seconds comes with advice", () => {
    expect(healthOf(token(NOW / 1000))).toMatchObject({ status: "expired", hint: expect.stringContaining("seconds") });
    expect(healthOf(token(NOW))).not.toHaveProperty("hint");
  });
});

describe("what is known of the refresh token", () => {
  const noAccess = { type: "oauth", expires: NOW + 2 * DAY, ...refresh };

  test.each([
    ["ready", "ok", "ok", "ok", true],
    ["paused", "ok", "ok", "ok", true],
    ["indeterminate", "expired", "expiring", "ok", false],
    ["rejected", "expired", "expiring", "ok", false],
    ["none", "expired", "expiring", "ok", false],
  ] as const)("%s: ended it is %s, with a day left %s, with more %s", (known, ended, ending, fresh, isRefreshable) => {
    const ends = [NOW - 1, NOW + DAY, NOW + 2 * DAY].map((end) => healthOf(login(end, refresh), "p:x", known));
    expect(ends.map(({ status }) => status)).toEqual([ended, ending, fresh]);
    for (const health of ends) expect(health).toMatchObject({ refresh: known, isRefreshable });
  });

  test.each([
    ["without access", noAccess],
    ["without an end", login(undefined, refresh)],
  ])("a login %s whose refresh token is dead, or may be, has expired", (_name, entry) => {
    for (const known of ["rejected", "indeterminate"] as const) expect(healthOf(entry, "p:x", known).status).toBe("expired");
  });

  test("may be good though none is stored here, for a copy elsewhere may hold it", () => {
    expect(healthOf(login(NOW), "p:x", "ready")).toMatchObject({ refresh: "ready", isRefreshable: true, status: "ok", access: "expired" });
    expect(healthOf(login(NOW))).toMatchObject({ refresh: "none", isRefreshable: false, status: "expired" });
  });

  test("says nothing of what is no login, holds no token, or must not be refreshed", () => {
    const empty = { type: "oauth", expires: NOW };
    const others = [token(), { type: "api_key", key: "test-key-one" }, empty, login(NOW, { ...refresh, key: workRef })];
    expect(others.map((entry) => healthOf(entry, "p:x", "ready").refresh)).toEqual(["none", "none", "none", "none"]);
  });

  test("a login that holds a reference is not called ok once it has ended", () => {
    expect(healthOf(login(NOW - 1, { ...refresh, key: workRef })).status).toBe("expired");
  });
});

describe("as recorded from OpenClaw", () => {
  test("011: a token with an hour left is expiring", () => {
    expect(healthOf({ ...token(NOW + 3_600_000), provider: "anthropic" }, "anthropic:manual")).toEqual({
      profileId: "anthropic:manual",
      provider: "anthropic",
      type: "token",
      status: "expiring",
      expiresAt: NOW + 3_600_000,
      remainingMs: 3_600_000,
      access: "expiring",
      refresh: "none",
      isRefreshable: false,
    });
  });

  test("018: tokens that are absent or blank are missing, and their provider expired", () => {
    const profiles = [healthOf({ type: "token", token: "  " }, "anthropic:blank"), healthOf({ type: "token" }, "anthropic:manual")];
    for (const profile of profiles) {
      expect(profile).toMatchObject({ type: "token", status: "missing", reasonCode: "missing_credential" });
      expect(profile).not.toHaveProperty("expiresAt");
    }
    expect(providerHealth(profiles)).toEqual({ status: "expired" });
  });

  test("024: a login that expired in 2020 without refresh", () => {
    const profile = healthOf(login(1_577_836_800_000), "openai-codex:default");
    expect(profile).toMatchObject({ status: "expired", expiresAt: 1_577_836_800_000, remainingMs: 1_577_836_800_000 - NOW });
    expect(profile).not.toHaveProperty("reasonCode");
    expect(providerHealth([profile])).toEqual({
      status: "expired",
      expiresAt: 1_577_836_800_000,
      remainingMs: 1_577_836_800_000 - NOW,
    });
  });

  test("053: keys are static, in a cooldown or not", () => {
    const profiles = ["anthropic:default", "anthropic:work"].map((id) => healthOf({ type: "api_key", key: "test-key-one" }, id));
    expect(profiles.map(({ status, reasonCode }) => [status, reasonCode])).toEqual([
      ["static", undefined],
      ["static", undefined],
    ]);
    expect(providerHealth(profiles)).toEqual({ status: "static" });
  });

  test("056: one static token among keys makes the provider ok; keys of any length are keys", () => {
    const keys = ["x", "12345678", "1234567890123456"].map((key, at) => healthOf({ type: "api_key", key }, `p1:${at}`));
    expect(keys.map(({ status }) => status)).toEqual(["static", "static", "static"]);
    expect(providerHealth([...keys, healthOf(token(), "p1:g")])).toEqual({ status: "ok" });
    expect(providerHealth([])).toEqual({ status: "missing" });
  });
});

describe("a provider is as well as its worst profile", () => {
  const ok = healthOf(login(NOW + 3 * DAY));
  const expiring = healthOf(token(NOW + 1));
  const expired = healthOf(token(NOW - 5));
  const missing = healthOf({ type: "token" });
  const key = healthOf({ type: "api_key" });

  test.each([
    ["ok", [ok, key], "ok", NOW + 3 * DAY],
    ["expiring", [ok, expiring], "expiring", NOW + 1],
    ["expired beats expiring", [expired, expiring], "expired", NOW - 5],
    ["missing counts as expired", [ok, missing], "expired", NOW + 3 * DAY],
  ])("%s", (_name, profiles, status, expiresAt) => {
    expect(providerHealth(profiles)).toEqual({ status, expiresAt, remainingMs: expiresAt - NOW });
  });
});

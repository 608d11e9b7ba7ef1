import { Secret, type ActiveOutcome, type Credential, type SecretRef } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { profileCandidate } from "./candidate.ts";
import { createFileStorage } from "./file-storage.ts";
import type { Refresher } from "./oauth/refresher.ts";
import { parseProfile } from "./profile.ts";
import type { ProfileSecrets } from "./resolve-profile.ts";

const NOW = 1_800_000_000_000;
const execRef: SecretRef = { source: "exec", provider: "vault", id: "work" };
const envRef: SecretRef = { source: "env", provider: "default", id: "WORK_KEY" };
const resolved = (text: string): ActiveOutcome => ({ status: "resolved", secret: Secret.of(text) });
const textOf = (credential: Credential) => ("secret" in credential ? credential.secret.reveal() : credential.kind);

/** References that lead to `current`, and from the first renewal on to `renewed`. */
function fakeSecrets(current: ActiveOutcome, renewed?: ActiveOutcome) {
  const asked: (AbortSignal | undefined)[] = [];
  const secrets: ProfileSecrets = {
    outcomeOf: () => current,
    async renew(_ref, signal) {
      asked.push(signal);
      return renewed;
    },
  };
  return { secrets, asked };
}

function candidateOf(entry: object, secrets: ProfileSecrets, refresher?: Refresher) {
  const parsed = parseProfile("p:x", { provider: "p", ...entry }, {});
  if (!("profile" in parsed)) throw new Error("the profile of this test is not well formed");
  return profileCandidate({
    id: "p:x",
    profile: parsed.profile,
    provider: "p",
    hosts: ["https://p.example"],
    billing: "metered",
    metadata: undefined,
    secrets,
    refresher,
    storage: createFileStorage({ storePath: "/nowhere/auth-profiles.json" }),
    now: () => NOW,
  });
}

describe("a reference whose value a provider refused", () => {
  test("is asked for again, once, and what comes is used", async () => {
    const { secrets, asked } = fakeSecrets(resolved("test-key-old"), resolved("test-key-new"));
    const candidate = candidateOf({ type: "api_key", keyRef: execRef }, secrets);
    const rejected = await candidate.resolve({});
    const { signal } = new AbortController();
    expect([textOf(rejected), asked.length]).toEqual(["test-key-old", 0]);
    expect(textOf(await candidate.resolve({ rejected, signal }))).toBe("test-key-new");
    expect(asked).toEqual([signal]);
  });

  test("is not asked for again where another value is there by now", async () => {
    const { secrets, asked } = fakeSecrets(resolved("test-key-new"), resolved("test-key-newest"));
    const candidate = candidateOf({ type: "token", tokenRef: execRef }, secrets);
    const old: Credential = { ...(await candidate.resolve({})), kind: "bearer", secret: Secret.of("test-key-old") };
    expect(textOf(await candidate.resolve({ rejected: old }))).toBe("test-key-new");
    expect(asked).toEqual([]);
  });

  test("that leads nowhere by now is an error, and the refused value is not used again", async () => {
    const { secrets } = fakeSecrets(resolved("test-key-old"), { status: "skipped" });
    const candidate = candidateOf({ type: "api_key", keyRef: execRef }, secrets);
    const rejected = await candidate.resolve({});
    await expect(candidate.resolve({ rejected })).rejects.toMatchObject({ code: "ref-unresolved", profileId: "p:x" });
  });

  test("stays what it is where it is the environment's, or nobody can ask again", async () => {
    const { secrets, asked } = fakeSecrets(resolved("test-key-old"), resolved("test-key-new"));
    for (const candidate of [
      candidateOf({ type: "api_key", keyRef: envRef }, secrets),
      candidateOf({ type: "api_key", keyRef: execRef }, { outcomeOf: secrets.outcomeOf }),
    ]) {
      const rejected = await candidate.resolve({});
      expect(textOf(await candidate.resolve({ rejected }))).toBe("test-key-old");
    }
    expect(asked).toEqual([]);
  });
});

test("says whether its secret can be renewed", () => {
  const { secrets } = fakeSecrets(resolved("test-key-old"));
  const refresher: Refresher = {
    live: () => Promise.reject(new Error("not asked")),
    refreshAhead: async () => false,
    states: async () => new Map(),
    latest: (profile) => profile,
  };
  const login = { type: "oauth", access: "test-access", refresh: "test-refresh", expires: NOW + 1 };
  const cases: readonly (readonly [object, Refresher | undefined, boolean])[] = [
    [login, refresher, true],
    [login, undefined, false],
    [{ type: "api_key", keyRef: execRef }, undefined, true],
    [{ type: "token", tokenRef: { ...execRef, source: "file", id: "/work" } }, undefined, true],
    [{ type: "api_key", keyRef: envRef }, undefined, false],
    [{ type: "api_key", key: "test-key-plain" }, refresher, false],
  ];
  for (const [entry, withRefresher, expected] of cases) {
    expect(candidateOf(entry, secrets, withRefresher).isRenewable).toBe(expected);
  }
});

import { createSecretResolver, Secret, type Candidate } from "@openclaw/secrets";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createAuthProfiles, type AuthProfilesOptions, type ProfileSet } from "./auth-profiles.ts";
import { AuthProfileError, type AuthProfileErrorCode } from "./errors.ts";
import type { ProfileStorage } from "./file-storage.ts";
import type { ProfileHealth } from "./inspect.ts";
import type { RefreshState } from "./oauth/refresh-state.ts";
import type { Refresher, StoredLogin } from "./oauth/refresher.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const hosts = ["https://api.example.com"];
const clock = { now: () => NOW };
const secrets = createSecretResolver({ env: { WORK_KEY: "test-key-env" } });
const login = { type: "oauth", provider: "p", access: "test-access", refresh: "test-refresh", expires: NOW - 1 };
const key = { type: "api_key", provider: "p", key: "test-key-one" };

const storageOf = (json: object, storePath = "/store"): ProfileStorage => ({
  storePath,
  read: async () => parseAuthStore(json),
  update: () => Promise.reject(new Error("only read")),
  probe: async () => undefined,
  realPath: async () => "/store",
});

const unreadable: ProfileStorage = { ...storageOf({}), read: () => Promise.reject(new Error("must not be read")) };

const refusals: Readonly<Record<Exclude<RefreshState, "ready">, AuthProfileErrorCode>> = {
  none: "oauth-expired",
  paused: "oauth-unavailable",
  indeterminate: "refresh-indeterminate",
  rejected: "oauth-refresh-rejected",
};

/** Knows the state of each refresh token and acts on it; asks nobody. */
function fakeRefresher(stateOf: (id: string) => RefreshState = () => "ready") {
  const asked: StoredLogin[] = [];
  const refresher: Refresher = {
    live({ id, profile: { access, expires } }) {
      if (access !== undefined && typeof expires === "number" && NOW < expires)
        return { kind: "bearer", secret: access, expiresAt: expires };
      const state = stateOf(id);
      if (state !== "ready") return Promise.reject(new AuthProfileError(refusals[state], "refused", { profileId: id }));
      return Promise.resolve({ kind: "bearer", secret: Secret.of("test-access-new"), expiresAt: NOW + DAY });
    },
    refreshAhead: () => Promise.resolve(false),
    latest: (profile) => profile,
    states: (logins) => {
      asked.push(...logins);
      return Promise.resolve(new Map(logins.map(({ id }) => [id, stateOf(id)])));
    },
  };
  return { refresher, asked };
}

describe("the accounts in stores that were read", () => {
  const accounts = (options: Partial<AuthProfilesOptions> = {}) =>
    createAuthProfiles({ storage: unreadable, mainStorage: unreadable, secrets, clock, ...options });

  test("are those of reading them, main's behind the agent's own", async () => {
    const agent = parseAuthStore({ profiles: { "p:own": key } });
    expect((await accounts().of({ agent })).ids()).toEqual(["p:own"]);
    const main = parseAuthStore({ profiles: { "p:own": login, "p:main": key } });
    const set = await accounts().of({ agent, main });
    expect(set.ids()).toEqual(["p:own", "p:main"]);
    expect(set.inspect().map(({ type }) => type)).toEqual(["api_key", "api_key"]);
  });

  test("are refreshed where they are kept", async () => {
    const { refresher } = fakeRefresher();
    const [storage, mainStorage] = [storageOf({}), storageOf({})];
    const kept: unknown[] = [];
    const watched: Refresher = { ...refresher, live: (request) => (kept.push(request.storage), refresher.live(request)) };
    const agent = parseAuthStore({ profiles: { "p:own": login } });
    const main = parseAuthStore({ profiles: { "p:main": login } });
    const set = await accounts({ storage, mainStorage, refresher: watched }).of({ agent, main });
    for (const id of ["p:own", "p:main"]) await pinned(set, id).resolve({});
    expect(kept.map((each) => [each === storage, each === mainStorage])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test("count a refresh token as good unless told", async () => {
    const agent = parseAuthStore({ profiles: { "p:a": login, "p:b": login } });
    const { refresher } = fakeRefresher((id) => (id === "p:b" ? "rejected" : "ready"));
    const untold = await accounts().of({ agent });
    expect(untold.inspect().map(({ refresh }) => refresh)).toEqual(["ready", "ready"]);
    const told = await accounts({ refresher }).of({ agent });
    expect(told.inspect()).toMatchObject([
      { profileId: "p:a", refresh: "ready", status: "ok", isRefreshable: true },
      { profileId: "p:b", refresh: "rejected", status: "expired", isRefreshable: false },
    ]);
  });
});

test("reading asks for the state of every login that holds a token, and of nothing else", async () => {
  const { refresher, asked } = fakeRefresher(() => "indeterminate");
  const [storage, mainStorage] = [
    storageOf({ profiles: { "p:login": login, "p:key": key, "p:none": { ...login, access: " ", refresh: "" } } }),
    storageOf({ profiles: { "p:main": { ...login, expires: NOW + DAY } } }),
  ];
  const set = await createAuthProfiles({ storage, mainStorage, secrets, clock, refresher }).read();
  expect(asked.map((each) => [each.id, each.storage === mainStorage])).toEqual([
    ["p:main", true],
    ["p:login", false],
  ]);
  expect(set.inspect().map(({ profileId, refresh, status }) => [profileId, refresh, status])).toEqual([
    ["p:key", "none", "static"],
    ["p:login", "indeterminate", "expired"],
    ["p:main", "indeterminate", "expiring"],
    ["p:none", "none", "missing"],
  ]);
});

test("a reference where the configuration allows none has no access, and a status that gives no reason", async () => {
  const config = { profiles: { "p:t": { provider: "p", mode: "oauth" } } } as const;
  const agent = parseAuthStore({ profiles: { "p:t": { type: "token", provider: "p", token: "${WORK_KEY}" } } });
  const set = await createAuthProfiles({ storage: unreadable, secrets, clock, config }).of({ agent });
  expect(() => pinned(set, "p:t").resolve({})).toThrow(expect.objectContaining({ code: "ref-policy" }));
  const [health] = set.inspect();
  expect(health).toMatchObject({ access: "missing", status: "static" });
  expect(health).not.toHaveProperty("reasonCode");
});

describe("A13: what status says of an account is what a request finds", () => {
  const time = fc.constantFrom(undefined, null, 0, "soon", 1, NOW - 1, NOW, NOW + 1, NOW + DAY, NOW + DAY + 1, NOW + 9 * DAY, Infinity);
  const value = fc.constantFrom(undefined, " ", "test-value", "${WORK_KEY}", "${UNSET_KEY}", "a\u0000b", { source: "env", id: "lower" });
  const state = fc.constantFrom<RefreshState>("ready", "none", "paused", "indeterminate", "rejected");
  const mode = fc.constantFrom(undefined, "api_key", "token", "oauth");
  const entry = fc.oneof(
    fc.record({ type: fc.constant("api_key"), key: value, keyRef: value }),
    fc.record({ type: fc.constant("token"), token: value, tokenRef: value, expires: time }),
    fc.record({ type: fc.constant("oauth"), access: value, refresh: value, expires: time }),
  );
  const account = fc.record({ entry, state, mode });
  const isLive = ({ access }: ProfileHealth) => access === "ok" || access === "expiring" || access === "static";

  test("of any 500 stores", async () => {
    const notResolved = expect.not.stringMatching(/^resolved$/u);
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.array(account, { minLength: 1, maxLength: 6 }), async (accounts) => {
        const ids = accounts.map((_, at) => `p:${at}`);
        const entries = accounts.map((each, at) => [ids[at] ?? "", { provider: "p", ...each.entry }] as const);
        const modes = accounts.flatMap((each, at) =>
          each.mode === undefined ? [] : [[ids[at] ?? "", { provider: "p", mode: each.mode }] as const],
        );
        const { refresher } = fakeRefresher((id) => accounts[ids.indexOf(id)]?.state ?? "none");
        const config = { order: { p: ids }, profiles: Object.fromEntries(modes) };
        const options = { storage: storageOf({ profiles: Object.fromEntries(entries) }), secrets, clock, refresher, config };
        const set = await createAuthProfiles(options).read();

        const { ids: ordered, excluded } = set.order("p");
        const { candidates } = set.candidates({ provider: "p", hosts });
        expect(candidates.map(({ id }) => id)).toEqual(ordered);
        const reasons = new Map(excluded.map(({ id, reason }) => [id, reason]));
        for (const health of set.inspect()) {
          const { profileId: id, refresh, status, access, reasonCode } = health;
          const reason = reasons.get(id);
          const stored = reasonCode === "unresolved_ref" ? undefined : reasonCode;
          expect(reason === "mode_mismatch" ? stored : reason).toBe(stored);

          const found = await resolvedBy(candidates.find((candidate) => candidate.id === id));
          const isUsable = reason === undefined && (isLive(health) || refresh === "ready");
          const refusal = reason === undefined && refresh !== "none" && refresh !== "ready" ? refusals[refresh] : notResolved;
          expect([id, found]).toEqual([id, isUsable ? "resolved" : refusal]);
          expect([id, status === "ok" && access === "expired"]).toEqual([
            id,
            access === "expired" && (refresh === "ready" || refresh === "paused"),
          ]);
          seen.add(found);
        }
      }),
      { numRuns: 500, seed: 13 },
    );
    // Every way to end has been seen, so that the agreement is not one about nothing.
    expect([...seen].toSorted()).toEqual([...Object.values(refusals), "ref-policy", "ref-unresolved", "resolved", "not listed"].toSorted());
  });
});

async function resolvedBy(candidate: Candidate | undefined): Promise<string> {
  if (candidate === undefined) return "not listed";
  try {
    await candidate.resolve({});
    return "resolved";
  } catch (error) {
    if (error instanceof AuthProfileError) return error.code;
    throw error;
  }
}

function pinned(set: ProfileSet, profileId: string): Candidate {
  const [candidate] = set.candidates({ provider: "p", hosts, profileId }).candidates;
  if (candidate === undefined) throw new Error("no candidate");
  return candidate;
}

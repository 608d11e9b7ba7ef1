import { createSecretResolver, type Credential, type Env } from "@openclaw/secrets";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { ProfileSecrets } from "./resolve-profile.ts";
import { createAuthProfiles, type AuthProfilesOptions, type ProfileSet } from "./auth-profiles.ts";
import { createFileStorage, type ProfileStorage } from "./file-storage.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const hosts = ["https://api.example.com"];
const key = { type: "api_key", provider: "p", key: "test-key-one" };
const token = { type: "token", provider: "p", token: "test-token" };
const login = { type: "oauth", provider: "p", access: "test-access", expires: NOW + 1 };

const storageOf = (json: object, storePath = "/store"): ProfileStorage => ({
  storePath,
  read: async () => parseAuthStore(json),
  update: () => Promise.reject(new Error("only read")),
  probe: async () => undefined,
  realPath: async () => "/store",
});

function read(json: object, options: Partial<AuthProfilesOptions> = {}, env: Env = {}): Promise<ProfileSet> {
  const clock = { now: () => NOW };
  return createAuthProfiles({ storage: storageOf(json), secrets: createSecretResolver({ env }), clock, ...options }).read();
}

function textOf(credential: Credential | Promise<Credential> | undefined): string {
  if (credential === undefined || credential instanceof Promise) throw new Error("not resolved at once");
  return "secret" in credential ? credential.secret.reveal() : "";
}

describe("candidates", () => {
  test("are listed in order, with everything but the secret", async () => {
    const set = await read({ profiles: { "p:key": key, "p:token": token, "p:login": login } });
    const { candidates, excluded, isExplicit } = set.candidates({ provider: " P ", hosts });
    expect([excluded, isExplicit]).toEqual([[], false]);
    expect(candidates).toMatchObject([
      { id: "p:login", provider: "p", origin: "profile p:login", billing: "subscription", hosts, profileId: "p:login", via: "profile" },
      { id: "p:token", provider: "p", origin: "profile p:token", billing: "subscription", hosts, profileId: "p:token", via: "profile" },
      { id: "p:key", provider: "p", origin: "profile p:key", billing: "metered", hosts, profileId: "p:key", via: "profile" },
    ]);
    expect(candidates.map((candidate) => textOf(candidate.resolve({})))).toEqual(["test-access", "test-token", "test-key-one"]);
    expect(candidates.every((candidate) => Object.isFrozen(candidate))).toBe(true);
  });

  test("resolve to a credential that carries what the provider needs beside the secret", async () => {
    const profiles = {
      "p:login": { ...login, accountId: "acct-1", projectId: "project-1", metadata: { accountId: "other", region: "eu" } },
    };
    const [candidate] = (await read({ profiles })).candidates({ provider: "p", hosts }).candidates;
    expect(candidate?.resolve({})).toMatchObject({
      id: "p:login",
      kind: "bearer",
      expiresAt: NOW + 1,
      generation: 0,
      billing: "subscription",
      attributes: { accountId: "acct-1", projectId: "project-1", region: "eu" },
    });
  });

  test("a credential without public facts has no attributes", async () => {
    const [candidate] = (await read({ profiles: { "p:key": key } })).candidates({ provider: "p", hosts }).candidates;
    expect(candidate?.resolve({})).not.toHaveProperty("attributes");
  });

  test("a caller that knows better says who pays", async () => {
    const set = await read({ profiles: { "p:key": key, "p:token": token } });
    const billing = ({ type }: { type: string }) => (type === "token" ? "metered" : "local");
    expect(set.candidates({ provider: "p", hosts, billing }).candidates.map((candidate) => candidate.billing)).toEqual([
      "metered",
      "local",
    ]);
  });

  test("listing resolves nothing, and a reference is resolved at each try", async () => {
    const env: Record<string, string> = {};
    const set = await read({ profiles: { "p:key": { ...key, key: "${WORK_KEY}" } } }, {}, env);
    const [candidate] = set.candidates({ provider: "p", hosts }).candidates;
    expect(() => candidate?.resolve({})).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
    env["WORK_KEY"] = "test-key-env";
    expect(textOf(candidate?.resolve({}))).toBe("test-key-env");
  });

  test("time passes between listing and trying", async () => {
    let now = NOW;
    const set = await read({ profiles: { "p:login": login } }, { clock: { now: () => now } });
    const [candidate] = set.candidates({ provider: "p", hosts }).candidates;
    expect(textOf(candidate?.resolve({}))).toBe("test-access");
    now = NOW + 1;
    expect(() => candidate?.resolve({})).toThrow(expect.objectContaining({ code: "oauth-expired" }));
  });

  test("an order is explicit, and reports what it leaves out", async () => {
    const set = await read({ profiles: { "p:a": key, "p:b": key } }, { config: { order: { P: ["p:b", "p:gone"] } } });
    const { candidates, excluded, isExplicit } = set.candidates({ provider: "p", hosts });
    expect(candidates.map(({ id }) => id)).toEqual(["p:b"]);
    expect(excluded).toEqual([
      { id: "p:gone", reason: "profile_missing" },
      { id: "p:a", reason: "excluded_by_auth_order" },
    ]);
    expect(isExplicit).toBe(true);
    expect(set.order("p").ids).toEqual(["p:b"]);
    expect(set.candidates({ provider: "p", hosts }).sequence).toEqual(["p:b", "p:gone"]);
  });

  test("a preference and the model's cooldown reach the order", async () => {
    const json = {
      profiles: { "p:a": key, "p:b": key, "p:c": key },
      usageStats: { "p:a": { cooldownUntil: NOW + 9, cooldownModel: "m" } },
    };
    const { candidates } = (await read(json)).candidates({ provider: "p", hosts, model: "m", preferred: "p:c" });
    expect(candidates.map(({ id }) => id)).toEqual(["p:c", "p:b", "p:a"]);
  });
});

describe("until something changes", () => {
  const json = {
    profiles: { "p:a": key, "p:t": { ...token, expires: NOW + 5 }, "p:b": key },
    usageStats: { "p:a": { cooldownUntil: NOW + 3, cooldownModel: "m" } },
  };

  test("the same question has the very same answer, of an order as of a pin", async () => {
    let now = NOW;
    const set = await read(json, { clock: { now: () => now } });
    for (const rest of [{}, { model: "m" }, { profileId: "p:a" }, { profileId: "p:t" }]) {
      const query = { provider: "p", hosts, ...rest };
      const first = set.candidates(query);
      now += 1;
      expect(set.candidates(query)).toBe(first);
      expect(set.candidates({ ...query, provider: "P" }).candidates).toBe(first.candidates);
      now = NOW;
    }
    const before = set.candidates({ provider: "p", hosts });
    now = NOW + 5;
    expect(set.candidates({ provider: "p", hosts })).not.toBe(before);
  });

  test("a pinned profile is the candidate that it is without a pin", async () => {
    const set = await read(json);
    const [pinned] = set.candidates({ provider: "p", hosts, profileId: "p:a" }).candidates;
    expect(set.candidates({ provider: "p", hosts }).candidates).toContain(pinned);
  });
});

describe("what the operator says of single profiles", () => {
  const credentials = { "p:a": { bucket: "project-1", maxConcurrent: 2 }, "p:b": { bucket: undefined }, constructor: { bucket: "x" } };

  test("is on the candidate and on its credential", async () => {
    const set = await read({ profiles: { "p:a": key, "p:b": key } }, { config: { credentials } });
    const [first, second] = set.candidates({ provider: "p", hosts }).candidates;
    for (const info of [first, first?.resolve({})]) expect(info).toMatchObject({ bucket: "project-1", maxConcurrent: 2 });
    for (const name of ["bucket", "maxConcurrent"]) expect(second).not.toHaveProperty(name);
  });
});

describe("the store that holds a profile", () => {
  test("is on its candidate: the agent's own, or main's where it is read through", async () => {
    const main = storageOf({ profiles: { "p:main": key, "p:own": key } }, "/main/auth-profiles.json");
    const own = storageOf({ profiles: { "p:own": key } }, "/work/auth-profiles.json");
    const set = await read({}, { storage: own, mainStorage: main });
    const { candidates } = set.candidates({ provider: "p", hosts });
    const stores = { "p:main": "/main/auth-profiles.json", "p:own": "/work/auth-profiles.json" };
    expect(Object.fromEntries(candidates.map(({ id, store }) => [id, store]))).toEqual(stores);
    expect(candidates.map((candidate) => candidate.resolve({}))).toMatchObject(candidates.map(({ store }) => ({ store })));
    expect(["p:main", "p:own", "p:gone", "constructor"].map((id) => set.storeOf(id))).toEqual([
      ...Object.values(stores),
      undefined,
      undefined,
    ]);
  });
});

describe("whether a profile could be pinned", () => {
  test("is said without an error, but for one that is not there", async () => {
    const profiles = { "p:a": key, "p:old": { ...token, expires: NOW }, "q:a": { ...key, provider: "q" } };
    const set = await read({ profiles, order: { p: [] } });
    expect(["p:a", "p:old", "q:a"].map((id) => set.checkPin(id, "P"))).toEqual([undefined, "expired", "provider_mismatch"]);
    expect(() => set.checkPin("p:gone", "p")).toThrow(expect.objectContaining({ code: "profile-not-found" }));
  });
});

describe("a pinned profile", () => {
  const json = {
    profiles: { "p:a": key, "p:old": { ...token, expires: 5 }, "p:login": login, "q:a": { ...key, provider: "q" } },
    order: { p: ["p:a"] },
    usageStats: { "p:login": { disabledUntil: NOW + 99 } },
  };

  test("is the one candidate, whatever the order and the cooldowns say", async () => {
    const config = { profiles: { "p:login": { provider: "p", mode: "token" } } } as const;
    const { candidates, sequence, isExplicit } = (await read(json, { config })).candidates({ provider: "p", hosts, profileId: "p:login" });
    expect(candidates.map(({ id }) => id)).toEqual(["p:login"]);
    expect([sequence, isExplicit]).toEqual([["p:login"], true]);
  });

  test("that is gone is an error that names the fix", async () => {
    const set = await read(json);
    expect(() => set.candidates({ provider: "p", hosts, profileId: "p:gone" })).toThrow(
      expect.objectContaining({
        code: "profile-not-found",
        message: 'No credentials found for profile "p:gone".',
        hint: expect.stringContaining("openclaw models status"),
        profileId: "p:gone",
      }),
    );
  });

  test.each([
    ["p:old", "expired"],
    ["q:a", "provider_mismatch"],
  ])("%s cannot be used: %s", async (profileId, reason) => {
    const set = await read(json);
    expect(() => set.candidates({ provider: "p", hosts, profileId })).toThrow(
      expect.objectContaining({ code: "profile-unusable", reason }),
    );
  });

  test.each(["constructor", "__proto__", "toString"])("%s is not found", async (profileId) => {
    const set = await read(json, { config: { profiles: {} } });
    expect(() => set.candidates({ provider: "p", hosts, profileId })).toThrow(expect.objectContaining({ code: "profile-not-found" }));
  });
});

describe("inspection", () => {
  test("sorts by provider and id, and tells what a request would find", async () => {
    const profiles = {
      "q:a": { ...key, provider: "Q" },
      "p:unset": { ...key, key: "${UNSET_KEY}" },
      "p:set": { ...key, key: "${WORK_KEY}" },
      "p:exec": { type: "api_key", provider: "p", keyRef: { source: "exec", provider: "vault", id: "a/b" } },
      "p:broken": { ...token, tokenRef: "not a reference" },
    };
    const health = (await read({ profiles }, {}, { WORK_KEY: "test-key-env" })).inspect();
    expect(health.map(({ profileId, provider, status, access, reasonCode }) => [profileId, provider, status, access, reasonCode])).toEqual([
      ["p:broken", "p", "static", "missing", "unresolved_ref"],
      ["p:exec", "p", "static", "missing", "unresolved_ref"],
      ["p:set", "p", "static", "static", undefined],
      ["p:unset", "p", "static", "missing", "unresolved_ref"],
      ["q:a", "q", "static", "static", undefined],
    ]);
  });

  test("takes a reference that nobody asked for as it is stored", async () => {
    const secrets: ProfileSecrets = { outcomeOf: () => ({ status: "skipped" }) };
    const keyRef = { source: "exec", provider: "vault", id: "a/b" };
    expect((await read({ profiles: { "p:a": { ...key, keyRef } } }, { secrets })).inspect()).toMatchObject([{ access: "static" }]);
  });
});

test("an agent reads through to the main agent's store", async () => {
  const set = await read(
    { profiles: { "p:own": key } },
    {
      mainStorage: storageOf({ profiles: { "p:own": { ...key, key: "test-key-main" }, "p:main": key }, order: { P: ["p:main", "p:own"] } }),
    },
  );
  expect(set.ids()).toEqual(["p:own", "p:main"]);
  const { candidates } = set.candidates({ provider: "p", hosts });
  expect(candidates.map(({ id }) => id)).toEqual(["p:main", "p:own"]);
  expect(textOf(candidates[1]?.resolve({}))).toBe("test-key-one");
});

test("a set stays as it was read", async () => {
  let json: object = { profiles: { "p:a": key } };
  const profiles = createAuthProfiles({
    storage: { ...storageOf({}), read: async () => parseAuthStore(json) },
    secrets: createSecretResolver({ env: {} }),
  });
  const first = await profiles.read();
  json = {};
  expect((await profiles.read()).ids()).toEqual([]);
  expect(first.ids()).toEqual(["p:a"]);
  expect(Object.isFrozen(first) && Object.isFrozen(first.store) && Object.isFrozen(first.store.profiles.get("p:a"))).toBe(true);
});

test("a store that cannot be parsed is the error of reading", async () => {
  await expect(read([])).rejects.toMatchObject({ code: "store-malformed" });
});

describe("nothing prints a secret", () => {
  const canary = "canary-3f9a";
  const keyRef = { source: "env", provider: "default", id: "WORK_KEY" };
  const profiles = {
    "p:key": { ...key, key: `${canary}-1` },
    "p:both": { ...key, key: `${canary}-2`, keyRef },
    "p:broken": { ...key, key: `${canary}-3`, keyRef: `${canary}-4` },
    "p:unsendable": { ...key, key: `${canary}\u0000` },
    "p:token": { ...token, token: `${canary}-5` },
    "p:old": { ...token, token: `${canary}-6`, expires: 5 },
    "p:login": { ...login, access: `${canary}-7`, refresh: `${canary}-8` },
    "p:ended": { ...login, access: `${canary}-9`, expires: 5 },
    "p:forbidden": { ...login, access: keyRef, refresh: `${canary}-10` },
    "p:dropped": { type: "passkey", secret: canary },
    "p:text": canary,
  };

  function expectSilent(value: unknown): void {
    const printed = [inspect(value, { showHidden: true, depth: 9 }), JSON.stringify(value), `${String(value)}`];
    expect(printed.join("\n")).not.toContain(canary);
  }

  test.each([
    ["resolvable", { WORK_KEY: `${canary}-env` }],
    ["unresolvable", { WORK_KEY: "" }],
  ])("neither stores, sets, candidates, credentials nor errors; reference %s", async (_name, env) => {
    const json = { version: 1, profiles };
    const store = parseAuthStore(json);
    expectSilent(store);
    expectSilent([...store.profiles]);
    const configured = { profiles: { "p:token": { provider: "p", mode: "oauth" } } } as const;
    let tried = 0;
    for (const set of await Promise.all([read(json, {}, env), read(json, { config: configured }, env)])) {
      expectSilent(set);
      expectSilent(set.inspect());
      expectSilent(set.order("p"));
      for (const profileId of [undefined, ...set.ids()]) {
        const query = { provider: "p", hosts, ...(profileId && { profileId }) };
        for (const candidate of attempt(() => set.candidates(query).candidates) ?? []) {
          expectSilent(candidate);
          expectSilent(attempt(() => candidate.resolve({})));
          tried += 1;
        }
      }
    }
    expect(tried).toBeGreaterThan(10);

    function attempt<T>(run: () => T): T | undefined {
      try {
        return run();
      } catch (error) {
        expectSilent(error);
        if (error instanceof Error) expectSilent([error.message, error.stack, error.cause]);
        return undefined;
      }
    }
  });
});

test("the example of the README works", async () => {
  const folder = await mkdtemp(join(tmpdir(), "openclaw-profiles-"));
  try {
    await writeFile(
      join(folder, "auth-profiles.json"),
      JSON.stringify({ version: 1, profiles: { "anthropic:work": { type: "api_key", provider: "anthropic", key: "${WORK_KEY}" } } }),
    );
    const env = { WORK_KEY: "test-key-one" };

    const profiles = createAuthProfiles({
      storage: createFileStorage({ storePath: join(folder, "auth-profiles.json") }),
      secrets: createSecretResolver({ env }),
    });
    const set = await profiles.read();
    const { candidates, excluded } = set.candidates({ provider: "anthropic", hosts: ["https://api.anthropic.com"] });
    const credential = await candidates[0]?.resolve({});

    expect(candidates.map(({ origin }) => origin)).toEqual(["profile anthropic:work"]);
    expect(excluded).toEqual([]);
    expect(credential?.kind).toBe("api-key");
  } finally {
    await rm(folder, { recursive: true });
  }
});

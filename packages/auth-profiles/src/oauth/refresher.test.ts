import { createLockFolder, Secret, type Credential } from "@openclaw/secrets";
import {
  createTempHome,
  manualClock,
  startFakeIdp,
  type FakeIdp,
  type FakeIdpOptions,
  type ManualClock,
  type TempHome,
} from "@openclaw/testkit";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileStorage, type ProfileStorage } from "../file-storage.ts";
import type { OAuthProfile } from "../profile.ts";
import { createOAuthClient } from "./oauth-client.ts";
import { createRefresher, type Refresher } from "./refresher.ts";

const ID = "acme:work";
let home: TempHome;
let idp: FakeIdp;
let clock: ManualClock;
let storage: ProfileStorage;
let refresher: Refresher;
let refresh: string;

async function setUp(options: FakeIdpOptions = {}): Promise<void> {
  await idp?.close();
  idp = await startFakeIdp({ clock, ...options });
  refresh = idp.issue().refresh;
  await store({ access: "test-access-old", refresh, expires: clock.now() - 1, accountId: "account-one" });
  refresher = create();
}

const store = (entry: object) => home.write("auth-profiles.json", { profiles: { [ID]: { type: "oauth", provider: "acme", ...entry } } });

function create(): Refresher {
  const client = createOAuthClient(
    { provider: "acme", tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] },
    // The provider's answers take real time; only the refresher's pauses are on the manual clock.
    {
      clock: {
        now: () => clock.now(),
        sleep: (_ms, signal) => new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason))),
      },
    },
  );
  const quick = { now: () => clock.now(), sleep: async (ms: number) => clock.advance(ms) };
  return createRefresher({
    clientFor: () => client,
    locks: createLockFolder(join(home.path, "locks")),
    journalDir: join(home.path, "refresh"),
    clock: quick,
    random: () => 0.5,
  });
}

async function login(): Promise<OAuthProfile> {
  const profile = (await storage.read()).profiles.get(ID);
  if (profile?.type !== "oauth") throw new Error("no login");
  return profile;
}

const rejectedOf = (secret: Secret): Credential => ({
  id: ID,
  provider: "acme",
  origin: "test",
  billing: "subscription",
  hosts: [],
  generation: 0,
  kind: "bearer",
  secret,
});
const live = async (rejected?: Secret) =>
  refresher.live({ id: ID, profile: await login(), storage, ...(rejected && { rejected: rejectedOf(rejected) }) });

beforeEach(async () => {
  home = await createTempHome();
  clock = manualClock();
  storage = createFileStorage({ storePath: join(home.path, "auth-profiles.json") });
  await setUp();
});
afterEach(async () => {
  await idp.close();
  await home.remove();
});

describe("a request whose answer is lost", () => {
  test("O6: is repeated once and then never, with the old tokens kept", async () => {
    idp.script({ drop: "after" }, { drop: "after" });
    await expect(live()).rejects.toMatchObject({ code: "refresh-indeterminate", profileId: ID });
    expect(idp.tokenRequests()).toBe(2);
    await expect(live()).rejects.toMatchObject({ code: "refresh-indeterminate" });
    refresher = create();
    await expect(live()).rejects.toMatchObject({ code: "refresh-indeterminate" });
    expect(idp.tokenRequests()).toBe(2);
    expect((await login()).refresh?.reveal()).toBe(refresh);
  });

  test("O6: succeeds the second time where the provider forgives", async () => {
    await setUp({ graceMs: 10_000 });
    idp.script({ drop: "after" });
    const { secret } = await live();
    expect((await login()).access?.equals(secret)).toBe(true);
    expect([idp.tokenRequests(), idp.reuses()]).toEqual([2, 0]);
    expect((await home.list()).filter((file) => file.startsWith("refresh/") && file.endsWith(".json"))).toEqual([]);
  });

  test("a person who logs in again ends it", async () => {
    idp.script({ drop: "after" }, { drop: "after" });
    await expect(live()).rejects.toMatchObject({ code: "refresh-indeterminate" });
    await store({ access: "test-access-new", refresh: idp.issue().refresh, expires: clock.now() - 1, accountId: "account-one" });
    await expect(live()).resolves.toMatchObject({ kind: "bearer" });
  });
});

test("O7: invalid_grant while the disk has a newer login takes that one over", async () => {
  const gate = Promise.withResolvers<void>();
  idp.revoke(refresh);
  idp.script({ beforeSpending: gate.promise });
  const waiting = live();
  await idp.waitForTokenRequests(1);
  await store({ access: "test-access-newer", refresh: "test-refresh-newer", expires: clock.now() + 3_600_000, accountId: "account-one" });
  gate.resolve();
  expect((await waiting).secret.reveal()).toBe("test-access-newer");
});

test("a dead refresh token is sent once only", async () => {
  idp.revoke(refresh);
  await expect(live()).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
  await expect(live()).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
  expect(idp.tokenRequests()).toBe(1);
});

test("O6: a provider that asks for patience is given it", async () => {
  idp.script({ reply: { status: 429, headers: { "retry-after": "60" } } });
  await expect(live()).rejects.toMatchObject({ code: "oauth-unavailable" });
  await expect(live()).rejects.toMatchObject({ code: "oauth-unavailable", retryAt: clock.now() + 60_000 });
  expect(idp.tokenRequests()).toBe(1);
  clock.advance(60_001);
  await expect(live()).resolves.toMatchObject({ kind: "bearer" });
});

test("O8: an answer without a refresh token keeps the old one", async () => {
  idp.script({ fields: { refresh_token: undefined } });
  const { secret } = await live();
  expect((await login()).refresh?.reveal()).toBe(refresh);
  expect((await login()).access?.equals(secret)).toBe(true);
});

test("O14: a login removed during its refresh stays removed", async () => {
  const gate = Promise.withResolvers<void>();
  idp.script({ beforeAnswering: gate.promise });
  const waiting = live();
  await idp.waitForTokenRequests(1);
  await storage.update((draft) => draft.remove(ID));
  gate.resolve();
  await expect(waiting).rejects.toMatchObject({ code: "profile-not-found" });
  expect((await storage.read()).profiles.has(ID)).toBe(false);
});

test("tokens of another account are refused, and the old ones kept", async () => {
  await store({ access: "test-access-old", refresh, expires: 1, accountId: "account-other" });
  await expect(live()).rejects.toMatchObject({ code: "account-mismatch" });
  expect((await login()).refresh?.reveal()).toBe(refresh);
});

test("a store that cannot be saved is known before anything is sent", async () => {
  const refusing: ProfileStorage = { ...storage, probe: () => Promise.reject(new Error("read-only")) };
  const request = { id: ID, profile: await login(), storage: refusing };
  await expect(refresher.live(request)).rejects.toThrow("read-only");
  expect(idp.tokenRequests()).toBe(0);
});

test("a refused access is refreshed once, and afterwards the new one is at hand", async () => {
  await store({ access: "test-access-old", refresh, expires: clock.now() + 3_600_000, accountId: "account-one" });
  const profile = await login();
  const request = { id: ID, profile, storage };
  const old = Secret.of("test-access-old");
  expect(refresher.live(request)).toMatchObject({ kind: "bearer" });
  const { secret } = await refresher.live({ ...request, rejected: rejectedOf(old) });
  for (const rejected of [rejectedOf(old), undefined]) {
    const again = refresher.live({ ...request, ...(rejected && { rejected }) });
    if (again instanceof Promise) throw new Error("not at once");
    expect(again.secret.equals(secret)).toBe(true);
  }
  refresher = create();
  expect((await refresher.live({ ...request, rejected: rejectedOf(old) })).secret.equals(secret)).toBe(true);
  expect(idp.tokenRequests()).toBe(1);
});

test("O1: many who come at once share one request", async () => {
  const others = [refresher, create(), create()];
  const profile = await login();
  const all = await Promise.all(others.flatMap((one) => [1, 2, 3].map(() => one.live({ id: ID, profile, storage }))));
  expect(all.every(({ secret }) => secret.equals(all[0]?.secret ?? Secret.of("")))).toBe(true);
  expect([idp.tokenRequests(), idp.reuses()]).toEqual([1, 0]);
});

test("a login is refreshed ahead of its end, and not before", async () => {
  await store({ access: "test-access-old", refresh, expires: clock.now() + 3_600_000, accountId: "account-one" });
  const request = { id: ID, profile: await login(), storage };
  expect(await refresher.refreshAhead(request)).toBe(false);
  clock.advance(3_600_000 - 331_000);
  expect(await refresher.refreshAhead(request)).toBe(false);
  clock.advance(32_000);
  expect(await refresher.refreshAhead(request)).toBe(true);
  expect(await refresher.refreshAhead(request)).toBe(false);
  expect(idp.tokenRequests()).toBe(1);
});

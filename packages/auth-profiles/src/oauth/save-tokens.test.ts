import { Secret, SecretsError } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, refused, type RefreshBench } from "../../system/refresh-bench.ts";
import { AuthProfileError } from "../errors.ts";
import type { ProfileStorage } from "../file-storage.ts";
import { plainProvider } from "../normalize-provider.ts";
import { accountLockName } from "./account-lock.ts";
import { createOAuthClient } from "./oauth-client.ts";
import { tokenMark } from "./refresh-journal.ts";
import type { TokenSet } from "./token-set.ts";

async function expired(entry: object = {}) {
  const bench = await refreshBench();
  const { refresh } = bench.idp.issue();
  await bench.store("main", { access: "test-access-old", refresh, expires: bench.clock.now() - 1, ...entry });
  return { bench, refresh };
}

const requestOf = async (bench: RefreshBench) => ({ id: ID, profile: await bench.login("main"), storage: bench.storage("main") });

/** The first update tries whether the store can be written to, the second saves: that one fails as often as told. */
function failingToSave(storage: ProfileStorage, times: number, error: Error): ProfileStorage {
  let updates = 0;
  return {
    ...storage,
    update(change, options) {
      updates++;
      return updates > 1 && updates <= 1 + times ? Promise.reject(error) : storage.update(change, options);
    },
  };
}

const diskFull = new AuthProfileError("store-unwritable", "the disk is full");

describe("tokens that were received and could not be saved", () => {
  test("W2: no other process sends the spent token, at once or later; the holder saves at its next try", async () => {
    const { bench, refresh } = await expired();
    const holder = bench.refresher();
    const request = { ...(await requestOf(bench)), storage: failingToSave(bench.storage("main"), 1, diskFull) };
    await expect(holder.live(request)).rejects.toMatchObject({ code: "store-unwritable" });

    for (const waitedMs of [1_000, HOUR_MS / 2]) {
      bench.clock.advance(waitedMs);
      const other = bench.refresher();
      await expect(other.live(await requestOf(bench))).rejects.toMatchObject({ code: "refresh-indeterminate" });
      expect(await other.states([request])).toEqual(new Map([[ID, "indeterminate"]]));
    }
    expect(await holder.states([request])).toEqual(new Map([[ID, "ready"]]));
    const { secret } = await holder.live(request);
    expect((await bench.login("main")).access?.equals(secret)).toBe(true);
    expect((await bench.refresher().live(await requestOf(bench))).secret.equals(secret)).toBe(true);
    expect((await bench.login("main")).refresh?.reveal()).not.toBe(refresh);
    expect([bench.idp.tokenRequests(), bench.idp.reuses(), await bench.notes()]).toEqual([1, 0, 0]);
  });

  test("W2: they are saved before another agent's later login is taken over", async () => {
    const { bench } = await expired();
    const request = { ...(await requestOf(bench)), storage: failingToSave(bench.storage("main"), 1, diskFull) };
    const holder = bench.refresher();
    await expect(holder.live(request)).rejects.toMatchObject({ code: "store-unwritable" });
    await bench.store("work", { access: "test-access-later", refresh: "test-refresh-later", expires: bench.clock.now() + 9 * HOUR_MS });
    bench.storage("work");
    const { secret } = await holder.live(request);
    expect((await bench.login("main")).access?.equals(secret)).toBe(true);
    expect([bench.idp.tokenRequests(), await bench.notes()]).toEqual([1, 0]);
  });

  test("W2: those whose access has ended meanwhile are saved, and their refresh token gets others", async () => {
    const { bench } = await expired();
    const request = { ...(await requestOf(bench)), storage: failingToSave(bench.storage("main"), 1, diskFull) };
    const holder = bench.refresher();
    await expect(holder.live(request)).rejects.toMatchObject({ code: "store-unwritable" });
    bench.clock.advance(2 * HOUR_MS);
    const { expiresAt } = await holder.live(request);
    expect(expiresAt).toBeGreaterThan(bench.clock.now());
    expect([bench.idp.tokenRequests(), bench.idp.reuses(), await bench.notes()]).toEqual([2, 0, 0]);
  });

  test("W2: a token that the provider lets be used again is not given up", async () => {
    const { bench, refresh } = await expired();
    const tokens = { access: Secret.of("test-access-new"), expiresAt: bench.clock.now() + HOUR_MS };
    const request = { ...(await requestOf(bench)), storage: failingToSave(bench.storage("main"), 1, diskFull) };
    await expect(answering(bench, tokens).live(request)).rejects.toMatchObject({ code: "store-unwritable" });
    bench.clock.advance(60_000);
    await expect(bench.refresher().live(await requestOf(bench))).resolves.toMatchObject({ kind: "bearer" });
    expect(bench.idp.requests.map(({ form }) => form.get("refresh_token"))).toEqual([refresh]);
  });

  test("W2: a store that is busy is said to be, and is tried again", async () => {
    const { bench } = await expired();
    const busy = new SecretsError("lock-timeout", "Waited for process 7");
    const request = { ...(await requestOf(bench)), storage: failingToSave(bench.storage("main"), 1, busy) };
    const holder = bench.refresher();
    await expect(holder.live(request)).rejects.toMatchObject({ code: "store-unwritable", message: expect.stringContaining("process 7") });
    await expect(holder.live(request)).resolves.toMatchObject({ kind: "bearer" });
    expect(bench.idp.tokenRequests()).toBe(1);
  });
});

test("a note that an older version kept of the account is heeded, and removed with the next success", async () => {
  const { bench } = await expired();
  const request = await requestOf(bench);
  const account = await accountLockName({ ...request, normalizeProvider: plainProvider });
  const mark = tokenMark(request.profile, account);
  const path = `refresh/${account}.json`;
  await bench.home.write(path, { mark, startedAt: bench.clock.now() - 60_000, state: "sent" });
  await expect(bench.refresher().live(request)).rejects.toMatchObject({ code: "refresh-indeterminate" });
  expect(bench.idp.tokenRequests()).toBe(0);
  await bench.home.write(path, { mark, startedAt: bench.clock.now() - 60_000, state: "unsent" });
  await bench.refresher().live(request);
  expect([bench.idp.tokenRequests(), await bench.notes()]).toEqual([1, 0]);
});

describe("an answer that names somebody", () => {
  const fresh = (bench: RefreshBench, facts: Partial<TokenSet>): TokenSet => ({
    access: Secret.of("test-access-new"),
    refresh: Secret.of("test-refresh-new"),
    expiresAt: bench.clock.now() + HOUR_MS,
    ...facts,
  });

  test("by a new address is saved, and the address with it", async () => {
    const { bench } = await expired({ accountId: undefined, email: "old@acme.test" });
    const { secret } = await answering(bench, fresh(bench, { email: "new@acme.test" })).live(await requestOf(bench));
    expect(secret.reveal()).toBe("test-access-new");
    expect(await bench.login("main")).toMatchObject({ email: "new@acme.test" });
    expect((await bench.login("main")).refresh?.reveal()).toBe("test-refresh-new");
    expect(await bench.notes()).toBe(0);
  });

  test("of another id is refused, and a copy that claims another id and holds the spent token gets the new ones", async () => {
    const { bench, refresh } = await expired();
    await bench.store("work", { access: "test-access-old", refresh, expires: 1, accountId: "account-other" });
    bench.storage("work");
    await answering(bench, fresh(bench, { accountId: "account-one" })).live(await requestOf(bench));
    expect((await bench.login("work")).refresh?.reveal()).toBe("test-refresh-new");

    const request = { ...(await requestOf(bench)), rejected: refused(Secret.of("test-access-new")) };
    const other = answering(bench, fresh(bench, { accountId: "account-two", refresh: Secret.of("test-refresh-two") }));
    await expect(other.live(request)).rejects.toMatchObject({ code: "account-mismatch" });
    expect((await bench.login("main")).refresh?.reveal()).toBe("test-refresh-new");
  });
});

/** A refresher whose provider answers so. */
function answering(bench: RefreshBench, tokens: TokenSet) {
  const client = createOAuthClient({ provider: "acme", tokenUrl: bench.idp.tokenUrl, clientId: bench.idp.clientId });
  return bench.refresher({ clientFor: () => ({ ...client, refresh: async () => tokens }) });
}

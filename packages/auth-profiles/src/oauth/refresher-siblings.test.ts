import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, refused, type RefreshBench } from "../../system/refresh-bench.ts";
import { createAuthProfiles } from "../auth-profiles.ts";
import type { Refresher } from "./refresher.ts";

const ask = async (bench: RefreshBench, refresher: Refresher, agent: string) =>
  refresher.live({ id: ID, profile: await bench.login(agent), storage: bench.storage(agent) });
const fileOf = (agent: string) => join(agent, "auth-profiles.json");

describe("O2: one account in the files of several agents", () => {
  test("O2: three agents at once make one request, and each file gets the tokens", async () => {
    const bench = await refreshBench();
    const { refresh } = bench.idp.issue();
    const agents = ["main", "work", "home"];
    for (const agent of agents) await bench.store(agent, { access: "test-access-old", refresh, expires: 1 });
    for (const agent of agents) bench.storage(agent);
    // Each has a refresher of its own, as three processes would.
    const all = await Promise.all(agents.map((agent) => ask(bench, bench.refresher(), agent)));
    expect(new Set(all.map(({ secret }) => secret.reveal())).size).toBe(1);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([1, 0]);
    for (const agent of agents) expect((await bench.login(agent)).refresh?.reveal()).not.toBe(refresh);
  });

  test("O2: a later copy of another agent is used as it is, and not copied", async () => {
    const bench = await refreshBench();
    await bench.store("work", { access: "test-access-old", refresh: "test-refresh-old", expires: 1 });
    await bench.store("main", { access: "test-access-new", refresh: "test-refresh-new", expires: bench.clock.now() + HOUR_MS });
    bench.storage("main");
    const before = await bench.home.read(fileOf("work"));
    expect((await ask(bench, bench.refresher(), "work")).secret.reveal()).toBe("test-access-new");
    expect(bench.idp.tokenRequests()).toBe(0);
    expect(await bench.home.read(fileOf("work"))).toBe(before);
  });

  test("O2: the copy that ends last is refreshed in its own file, and an older token is never sent", async () => {
    const bench = await refreshBench();
    const { refresh } = bench.idp.issue();
    await bench.store("work", { access: "test-access-old", refresh: "test-refresh-spent", expires: 1 });
    await bench.store("main", { access: "test-access-new", refresh, expires: 2 });
    bench.storage("main");
    const before = await bench.home.read(fileOf("work"));
    const refresher = bench.refresher();
    const { secret } = await ask(bench, refresher, "work");
    expect((await bench.login("main")).access?.equals(secret)).toBe(true);
    expect(bench.idp.requests.map(({ form }) => form.get("refresh_token"))).toEqual([refresh]);
    expect(await bench.home.read(fileOf("work"))).toBe(before);
    const profile = await bench.login("work");
    expect(refresher.latest(profile)).toBe(refresher.latest(refresher.latest(profile)));
    expect((await ask(bench, bench.refresher(), "work")).secret.equals(secret)).toBe(true);
    expect(bench.idp.tokenRequests()).toBe(1);
  });

  test("O2: what was refused is not tried again in an older copy: the newest is refreshed", async () => {
    const bench = await refreshBench();
    const { refresh } = bench.idp.issue();
    await bench.store("main", { access: "test-access-new", refresh, expires: bench.clock.now() + HOUR_MS });
    await bench.store("work", { access: "test-access-old", refresh: "test-refresh-old", expires: bench.clock.now() + HOUR_MS / 2 });
    bench.storage("work");
    const profile = await bench.login("main");
    if (profile.access === undefined) throw new Error("no access");
    const request = { id: ID, profile, storage: bench.storage("main"), rejected: refused(profile.access) };
    expect((await bench.refresher().live(request)).secret.reveal()).not.toBe("test-access-old");
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([1, 0]);
  });

  test("O2: dead tokens are noted for all: each is sent once, that of the newest copy first", async () => {
    const bench = await refreshBench();
    const { refresh } = bench.idp.issue();
    bench.idp.revoke(refresh);
    await bench.store("main", { access: "test-access-new", refresh, expires: 2 });
    await bench.store("work", { access: "test-access-old", refresh: "test-refresh-old", expires: 1 });
    bench.storage("main");
    for (const agent of ["work", "main", "work"]) {
      await expect(ask(bench, bench.refresher(), agent)).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
    }
    expect(bench.idp.requests.map(({ form }) => form.get("refresh_token"))).toEqual([refresh, "test-refresh-old"]);
    const login = { id: ID, profile: await bench.login("work"), storage: bench.storage("work") };
    expect(await bench.refresher().states([login])).toEqual(new Map([[ID, "rejected"]]));
  });

  test("a broken file of another agent is not in the way, and stays", async () => {
    const bench = await refreshBench();
    await bench.store("work", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
    await bench.home.write(fileOf("broken"), "{ torn");
    bench.storage("broken");
    await expect(ask(bench, bench.refresher(), "work")).resolves.toMatchObject({ kind: "bearer" });
    expect(await bench.home.read(fileOf("broken"))).toBe("{ torn");
  });

  test("a login of another account under the same id is left alone", async () => {
    const bench = await refreshBench();
    await bench.store("work", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
    await bench.store("main", {
      access: "test-access-two",
      refresh: "two",
      expires: bench.clock.now() + HOUR_MS,
      accountId: "account-two",
    });
    bench.storage("main");
    const before = await bench.home.read(fileOf("main"));
    expect((await ask(bench, bench.refresher(), "work")).secret.reveal()).not.toBe("test-access-two");
    expect(await bench.home.read(fileOf("main"))).toBe(before);
  });

  test("the same file under two paths is one store", async () => {
    const bench = await refreshBench();
    await bench.store("work", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
    await symlink(join(bench.home.path, "work"), join(bench.home.path, "link"));
    const agents = ["work", "link"];
    for (const agent of agents) bench.storage(agent);
    const all = await Promise.all(agents.map((agent) => ask(bench, bench.refresher(), agent)));
    expect(new Set(all.map(({ secret }) => secret.reveal())).size).toBe(1);
    expect([bench.idp.tokenRequests(), bench.idp.reuses()]).toEqual([1, 0]);
  });

  test("a copy that cannot be written is no failure, and is served from the one that could", async () => {
    const bench = await refreshBench();
    const { refresh } = bench.idp.issue();
    for (const agent of ["main", "work"]) await bench.store(agent, { access: "test-access-old", refresh, expires: 1 });
    const main = bench.storage("main");
    const work = { ...bench.storage("work"), update: () => Promise.reject(new Error("read-only")) };
    const refresher = bench.refresher({ siblings: () => [main, work] });
    const { secret } = await ask(bench, refresher, "main");
    const { secret: adopted } = await refresher.live({ id: ID, profile: await bench.login("work"), storage: work });
    expect(adopted.equals(secret)).toBe(true);
    expect(bench.idp.tokenRequests()).toBe(1);
  });
});

test("D9: a login read through from main is refreshed in main's file and never copied", async () => {
  const bench = await refreshBench();
  await bench.store("main", { access: "test-access-old", refresh: bench.idp.issue().refresh, expires: 1 });
  const stores = { storage: bench.storage("work"), mainStorage: bench.storage("main") };
  const set = await createAuthProfiles({
    ...stores,
    secrets: { outcomeOf: () => undefined },
    refresher: bench.refresher(),
    clock: bench.clock,
  }).read();
  const [candidate] = set.candidates({ provider: "acme", hosts: [], profileId: ID }).candidates;
  const credential = await candidate?.resolve({});
  if (credential === undefined || !("secret" in credential)) throw new Error("no credential");
  expect((await bench.login("main")).access?.equals(credential.secret)).toBe(true);
  expect((await bench.home.list()).filter((file) => file.startsWith("work/"))).toEqual([]);
});

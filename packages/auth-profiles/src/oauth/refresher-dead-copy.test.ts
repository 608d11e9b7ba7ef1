import { describe, expect, test } from "vitest";
import { HOUR_MS, ID, refreshBench, refused, type RefreshBench } from "../../system/refresh-bench.ts";

const DAY_MS = 24 * HOUR_MS;

const requestOf = async (bench: RefreshBench, agent: string) => ({
  id: ID,
  profile: await bench.login(agent),
  storage: bench.storage(agent),
});
const sent = ({ idp }: RefreshBench) => idp.requests.map(({ form }) => form.get("refresh_token"));

/** A person has logged in again in main's file; work's holds a revoked login that claims to live for most of a year. */
async function benchWithDeadCopy() {
  const bench = await refreshBench();
  const { refresh: dead } = bench.idp.issue();
  bench.idp.revoke(dead);
  const { refresh: fresh } = bench.idp.issue();
  await bench.store("work", { access: "test-access-dead", refresh: dead, expires: bench.clock.now() + 300 * DAY_MS });
  await bench.store("main", { access: "test-access-fresh", refresh: fresh, expires: bench.clock.now() + HOUR_MS });
  for (const agent of ["main", "work"]) bench.storage(agent);
  return { bench, dead, fresh };
}

describe("O2: a dead copy with a late end beside a fresh login", () => {
  test("O2: its refused access costs one request, and the fresh login goes on", async () => {
    const { bench, dead, fresh } = await benchWithDeadCopy();
    bench.clock.advance(HOUR_MS + 1);
    const request = await requestOf(bench, "main");
    const { secret } = await bench.refresher().live(request);
    const next = await bench.refresher().live({ ...request, rejected: refused(secret) });
    expect((await bench.login("main")).access?.equals(next.secret)).toBe(true);
    expect(sent(bench)).toEqual([dead, fresh]);

    // What the provider has called dead is neither taken over nor sent again.
    for (const refresher of [bench.refresher(), bench.refresher()]) {
      bench.clock.advance(2 * HOUR_MS);
      expect(await refresher.states([await requestOf(bench, "main")])).toEqual(new Map([[ID, "ready"]]));
      const { secret: later } = await refresher.live(await requestOf(bench, "main"));
      expect((await bench.login("main")).access?.equals(later)).toBe(true);
    }
    expect([bench.idp.tokenRequests(), bench.idp.reuses(), sent(bench).filter((token) => token === dead).length]).toEqual([4, 0, 1]);
  });

  test("O2: the agent whose copy is dead uses the fresh login, without a refresh of that", async () => {
    const { bench, dead } = await benchWithDeadCopy();
    const request = await requestOf(bench, "work");
    if (request.profile.access === undefined) throw new Error("no access");
    const rejected = refused(request.profile.access);
    for (const refresher of [bench.refresher(), bench.refresher()]) {
      expect((await refresher.live({ ...request, rejected })).secret.reveal()).toBe("test-access-fresh");
    }
    expect(sent(bench)).toEqual([dead]);
  });

  test("O2: where nobody knows whether its token is spent, the next call goes on with the own one", async () => {
    const { bench, dead, fresh } = await benchWithDeadCopy();
    await bench.store("work", { access: "test-access-dead", refresh: dead, expires: bench.clock.now() + 2 * HOUR_MS });
    bench.clock.advance(3 * HOUR_MS);
    bench.idp.script({ drop: "before" }, { drop: "before" });
    const request = await requestOf(bench, "main");
    await expect(bench.refresher().live(request)).rejects.toMatchObject({ code: "refresh-indeterminate" });
    expect(await bench.refresher().states([request])).toEqual(new Map([[ID, "ready"]]));
    await expect(bench.refresher().live(request)).resolves.toMatchObject({ kind: "bearer" });
    expect(sent(bench)).toEqual([dead, dead, fresh]);
  });

  test("O2: where the provider asks for patience, no other token is sent", async () => {
    const { bench, dead } = await benchWithDeadCopy();
    bench.clock.advance(301 * DAY_MS);
    bench.idp.script({ reply: { status: 429, headers: { "retry-after": "60" } } });
    const request = await requestOf(bench, "main");
    for (const refresher of [bench.refresher(), bench.refresher()]) {
      await expect(refresher.live(request)).rejects.toMatchObject({ code: "oauth-unavailable" });
    }
    expect(await bench.refresher().states([request])).toEqual(new Map([[ID, "paused"]]));
    expect(sent(bench)).toEqual([dead]);
  });

  test("O2: where all are dead the first error is told, and none is sent again", async () => {
    const { bench, dead, fresh } = await benchWithDeadCopy();
    bench.idp.revoke(fresh);
    bench.clock.advance(301 * DAY_MS);
    const request = await requestOf(bench, "main");
    for (const refresher of [bench.refresher(), bench.refresher()]) {
      await expect(refresher.live(request)).rejects.toMatchObject({ code: "oauth-refresh-rejected", profileId: ID });
    }
    expect(sent(bench)).toEqual([dead, fresh]);
  });
});

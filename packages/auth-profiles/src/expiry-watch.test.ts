import { manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createExpiryWatch, nextChangeAt, readWatchStates, type ExpiryEvent, type WatchState } from "./expiry-watch.ts";
import { inspectProfile, type ProfileHealth } from "./inspect.ts";
import type { RefreshState } from "./oauth/refresh-state.ts";
import { parseProfile } from "./profile.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function health(rest: Partial<ProfileHealth> = {}): ProfileHealth {
  const type = rest.type ?? "token";
  const refresh = rest.refresh ?? "none";
  const isRefreshable = refresh === "ready" || refresh === "paused";
  return { profileId: "p:a", provider: "p", type, status: "ok", access: rest.status ?? "ok", isRefreshable, ...rest, refresh };
}

const login = (rest: Partial<ProfileHealth>) => health({ type: "oauth", ...rest });

/** A token, or a login that nothing renews, as it is at a time. */
function endingAt(expiresAt: number, now: number, rest: Partial<ProfileHealth> = {}): ProfileHealth {
  const status = now >= expiresAt ? "expired" : expiresAt - now <= DAY ? "expiring" : "ok";
  return health({ status, expiresAt, remainingMs: expiresAt - now, ...(status === "expired" && { reasonCode: "expired" }), ...rest });
}

/** Observes, and tells everything that is new. */
function watching(states: Readonly<Record<string, WatchState>> = {}, clock = manualClock(NOW)) {
  const watch = createExpiryWatch({ clock, states });
  const see = (...healths: readonly ProfileHealth[]): readonly ExpiryEvent[] => {
    const events = watch.observe(healths);
    for (const event of events) watch.told(event);
    return events;
  };
  return { watch, clock, see, changes: (...healths: readonly ProfileHealth[]) => see(...healths).map(({ from, to }) => `${from}->${to}`) };
}

describe("the state of a profile", () => {
  test.each<[string, ProfileHealth, WatchState]>([
    ["a key", health({ type: "api_key", status: "static" }), "ok"],
    ["a key whose reference leads nowhere", health({ type: "api_key", status: "static", access: "missing" }), "dead"],
    ["a token that lasts", health(), "ok"],
    ["a token without an end", health({ status: "static" }), "ok"],
    ["a token, one ms more than a day left", endingAt(NOW + DAY + 1, NOW), "ok"],
    ["a token, a day left", endingAt(NOW + DAY, NOW), "expiring"],
    ["a token, 1 ms left", endingAt(NOW + 1, NOW), "expiring"],
    ["a token that ends now", endingAt(NOW, NOW), "dead"],
    ["a token with a bad end", health({ status: "missing", reasonCode: "invalid_expires" }), "dead"],
    ["a token whose reference leads nowhere, with time left", health({ access: "missing", reasonCode: "unresolved_ref" }), "dead"],
    ["D12: a refreshable login, access about to end", login({ access: "expiring", refresh: "ready" }), "ok"],
    ["D12: a refreshable login, access over", login({ access: "expired", refresh: "ready" }), "ok"],
    ["a refreshable login without access", login({ access: "missing", refresh: "ready" }), "ok"],
    ["a refreshable login whose end nobody knows", login({ status: "missing", refresh: "ready" }), "dead"],
    ["a paused refresh, access living", login({ access: "expiring", refresh: "paused" }), "ok"],
    ["a paused refresh, access over", login({ access: "expired", refresh: "paused" }), "expired"],
    ["a rejected refresh, access living for long", login({ access: "ok", refresh: "rejected" }), "ok"],
    ["a rejected refresh, access about to end", login({ status: "expiring", refresh: "rejected" }), "expiring"],
    ["a rejected refresh, access over", login({ status: "expired", refresh: "rejected" }), "dead"],
    ["a refresh whose answer was lost, access living", login({ status: "expiring", refresh: "indeterminate" }), "expiring"],
    ["a refresh whose answer was lost, access over", login({ status: "expired", refresh: "indeterminate" }), "dead"],
    ["a login without refresh, a day left", login({ status: "expiring" }), "expiring"],
    ["a login without refresh, over", login({ status: "expired" }), "dead"],
    ["a login that holds a forbidden reference", login({ access: "missing" }), "dead"],
    ["an empty login", login({ status: "missing", reasonCode: "missing_credential" }), "dead"],
  ])("%s", (_name, seen, state) => {
    const { see, watch } = watching();
    expect(see(seen).map(({ to }) => to)).toEqual(state === "ok" ? [] : [state]);
    expect(watch.states).toEqual({ "p:a": state });
  });
});

describe("what is told", () => {
  const ok = health();
  const expiring = endingAt(NOW + HOUR, NOW);
  const dead = endingAt(NOW, NOW);
  const away = login({ access: "expired", refresh: "paused" });
  const back = login({ access: "expired", refresh: "ready" });
  const living = login({ access: "expiring", refresh: "ready" });

  test.each<[string, readonly ProfileHealth[], readonly string[]]>([
    ["nothing of one that is ok", [ok, ok], []],
    ["late is not too late: what is seen first and is not ok", [dead, dead], ["unknown->dead"]],
    ["each state once", [ok, expiring, expiring, dead, dead, ok], ["ok->expiring", "expiring->dead", "dead->recovered"]],
    ["flapping", [expiring, ok, expiring], ["unknown->expiring", "expiring->recovered", "ok->expiring"]],
    ["a pause that is over is no recovery", [living, away, back, away, back], ["ok->expired"]],
    ["a living access is one", [away, back, living, back], ["unknown->expired", "expired->recovered"]],
    [
      "a refresh that is paused and then refused",
      [living, away, login({ status: "expired", refresh: "rejected" })],
      ["ok->expired", "expired->dead"],
    ],
  ])("%s", (_name, seen, told) => {
    const { changes } = watching();
    expect(seen.flatMap((each) => changes(each))).toEqual(told);
  });

  test("comes by id, whatever the order it was seen in", () => {
    const named = (profileId: string) => ({ ...dead, profileId });
    const events = watching().see(named("p:b"), named("a:z"), named("p:B"), named("p:a"));
    expect(events.map(({ profileId }) => profileId)).toEqual(["a:z", "p:B", "p:a", "p:b"]);
  });

  test("comes again until somebody was told, and not at all when it has passed by then", () => {
    const watch = createExpiryWatch({ clock: manualClock(NOW) });
    expect(watch.observe([ok])).toEqual([]);
    expect(watch.observe([expiring])).toHaveLength(1);
    expect(watch.states).toEqual({ "p:a": "ok" });
    expect(watch.observe([dead])).toMatchObject([{ from: "ok", to: "dead" }]);
    expect(watch.observe([ok])).toEqual([]);
  });

  test("an untold first sight is not known, so that the next watch tells it", () => {
    const watch = createExpiryWatch({ clock: manualClock(NOW) });
    watch.observe([dead, { ...ok, profileId: "p:b" }]);
    expect(watch.states).toEqual({ "p:b": "ok" });
  });

  test("a profile that goes is forgotten without a word, and new when it comes back", () => {
    const { see, changes, watch } = watching({ "p:a": "dead" });
    expect(see()).toEqual([]);
    expect(watch.states).toEqual({});
    expect(changes(dead)).toEqual(["unknown->dead"]);
  });

  test("a watch that goes on from what was kept tells nothing twice", () => {
    const first = watching();
    first.see(dead, { ...expiring, profileId: "p:b" });
    const kept = readWatchStates(JSON.parse(JSON.stringify(first.watch.states)));
    const second = watching(kept);
    expect(second.see(dead, { ...expiring, profileId: "p:b" })).toEqual([]);
    expect(second.changes(ok, { ...dead, profileId: "p:b" })).toEqual(["dead->recovered", "expiring->dead"]);
  });

  test("holds what somebody needs: when, why, until when and the command; and no command when all is well", () => {
    const { see } = watching();
    expect(see(expiring)).toEqual([
      {
        profileId: "p:a",
        provider: "p",
        from: "unknown",
        to: "expiring",
        at: NOW,
        expiresAt: NOW + HOUR,
        fix: "openclaw models auth paste-token --provider p --profile-id p:a",
      },
    ]);
    expect(see(ok)).toEqual([{ profileId: "p:a", provider: "p", from: "expiring", to: "recovered", at: NOW }]);
  });

  test.each<[ProfileHealth, string | undefined]>([
    [dead, "expired"],
    [health({ status: "missing", reasonCode: "invalid_expires" }), "invalid_expires"],
    [login({ status: "expired", refresh: "rejected" }), "refresh_rejected"],
    [login({ status: "expired", refresh: "indeterminate" }), "refresh_indeterminate"],
    [away, "refresh_paused"],
    [login({ status: "expired" }), "expired"],
    [login({ status: "missing" }), "no_known_end"],
    [expiring, undefined],
  ])("says why (%#)", (seen, reason) => {
    expect(watching().see(seen)[0]?.reason).toBe(reason);
  });
});

test("31: in 48 hours of looking every five minutes each change is told once, at the first look that can see it", () => {
  const clock = manualClock(NOW);
  const { see } = watching({}, clock);
  const seen: [string, string, number][] = [];
  const hours = () => (clock.now() - NOW) / HOUR;
  for (; hours() <= 48; clock.advance(HOUR / 12)) {
    const now = clock.now();
    // Pasted anew after 40 hours.
    const token = endingAt(NOW + (hours() < 40 ? 30 * HOUR : 90 * DAY), now, { profileId: "p:token" });
    // An access of one hour that is renewed in time, until the provider refuses at 20 hours; logged in again at 25.
    const isRefused = hours() >= 20 && hours() < 25;
    const access = endingAt(isRefused ? NOW + 20.5 * HOUR : now + HOUR, now, { profileId: "p:login", type: "oauth" });
    const renewed = isRefused ? ({ refresh: "rejected" } as const) : ({ status: "ok", refresh: "ready", isRefreshable: true } as const);
    const idle = login({ profileId: "p:idle", access: hours() < 1 ? "expiring" : "expired", refresh: "ready" });
    for (const { profileId, to } of see(token, { ...access, ...renewed }, idle)) seen.push([profileId, to, hours()]);
  }
  expect(seen).toEqual([
    ["p:token", "expiring", 6],
    ["p:login", "expiring", 20],
    ["p:login", "dead", 20.5],
    ["p:login", "recovered", 25],
    ["p:token", "dead", 30],
    ["p:token", "recovered", 40],
  ]);
});

describe("what was kept", () => {
  test.each([undefined, null, 7, "x", [], ["dead"], { a: 1, b: { c: "ok" }, d: "fine", e: null }])("garbage is nothing: %j", (value) => {
    expect(readWatchStates(value)).toEqual({});
  });

  test("the good stays beside the bad, and no name is special", () => {
    const kept = readWatchStates(JSON.parse('{"p:a":"dead","p:b":"fine","__proto__":"expiring"}'));
    expect(Object.entries(kept)).toEqual([
      ["p:a", "dead"],
      ["__proto__", "expiring"],
    ]);
    const { watch, see } = watching(kept);
    expect(see(endingAt(NOW, NOW), { ...endingAt(NOW + 1, NOW), profileId: "__proto__" })).toEqual([]);
    expect(Object.entries(readWatchStates(JSON.parse(JSON.stringify(watch.states))))).toHaveLength(2);
  });
});

describe("O9: when time alone changes something", () => {
  test.each<[string, readonly ProfileHealth[], number | undefined]>([
    ["never, of nothing", [], undefined],
    ["never, of a key", [health({ type: "api_key", status: "static" })], undefined],
    ["a token begins to expire a day before its end", [endingAt(NOW + 365 * DAY, NOW)], NOW + 364 * DAY],
    ["an expiring token ends", [endingAt(NOW + HOUR, NOW)], NOW + HOUR],
    ["what is over stays so", [endingAt(NOW, NOW)], undefined],
    ["a refreshable login is refreshed", [login({ access: "expiring", refresh: "ready", expiresAt: NOW + HOUR })], undefined],
    ["a paused one stops working", [login({ access: "expiring", refresh: "paused", expiresAt: NOW + HOUR })], NOW + HOUR],
    ["a refused one ends", [login({ status: "expiring", refresh: "rejected", expiresAt: NOW + HOUR })], NOW + HOUR],
    ["the soonest counts", [endingAt(NOW + 3 * DAY, NOW), endingAt(NOW + HOUR, NOW), endingAt(NOW + 2 * HOUR, NOW)], NOW + HOUR],
  ])("%s", (_name, healths, at) => {
    expect(nextChangeAt(healths)).toBe(at);
  });

  test("one look then sees it, and one a millisecond before does not", () => {
    const { changes } = watching();
    const ends = NOW + 400 * DAY;
    const at = nextChangeAt([endingAt(ends, NOW)]) ?? 0;
    expect(changes(endingAt(ends, at - 1))).toEqual([]);
    expect(changes(endingAt(ends, at))).toEqual(["ok->expiring"]);
  });
});

test("D12: follows a stored login through a pause, a refusal and a new login, as it is inspected", () => {
  const { changes } = watching();
  const inspected = (expires: number, refresh: RefreshState): ProfileHealth => {
    const parsed = parseProfile("p:a", { type: "oauth", provider: "p", access: "test-access", refresh: "test-refresh", expires });
    if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
    return inspectProfile("p:a", parsed.profile, NOW, refresh);
  };
  const seen = [
    inspected(NOW + HOUR, "ready"),
    inspected(NOW, "ready"),
    inspected(NOW, "paused"),
    inspected(NOW, "ready"),
    inspected(NOW, "rejected"),
    inspected(NOW, "indeterminate"),
    inspected(NOW + HOUR, "ready"),
    inspected(NOW + HOUR, "rejected"),
  ];
  expect(seen.map((health) => changes(health).join())).toEqual([
    "",
    "",
    "ok->expired",
    "",
    "expired->dead",
    "",
    "dead->recovered",
    "ok->expiring",
  ]);
});

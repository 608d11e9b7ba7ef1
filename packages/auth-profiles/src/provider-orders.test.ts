import { describe, expect, test } from "vitest";
import { orderProfiles, type ProfileConfig } from "./order.ts";
import { createProviderOrders } from "./provider-orders.ts";
import { parseAuthStore } from "./store.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;
const key = { type: "api_key", provider: "p", key: "test-key-one" };
const token = { type: "token", provider: "p", token: "test-token" };
const normalizeProvider = (name: string) => name.trim().toLowerCase();

function ordersOf(store: object, config: ProfileConfig = {}) {
  const sources = { store: parseAuthStore(store), config, normalizeProvider };
  const orderOf = createProviderOrders(sources);
  return { orderOf, afresh: (question: Parameters<typeof orderOf>[0]) => orderProfiles({ ...sources, ...question }) };
}

const cooling = {
  profiles: { "p:a": key, "p:b": key, "p:c": key, "q:a": { ...key, provider: "q" } },
  usageStats: { "p:a": { cooldownUntil: NOW + 100 }, "p:b": { cooldownUntil: NOW + 50, cooldownModel: "m" } },
};

describe("the same question", () => {
  test("has the very same answer until a cooldown ends", () => {
    const { orderOf } = ordersOf(cooling);
    const first = orderOf({ provider: "p", now: NOW });
    expect(first.ids).toEqual(["p:b", "p:c", "p:a"]);
    expect(orderOf({ provider: " P ", now: NOW + 99 })).toBe(first);
    expect(orderOf({ provider: "p", now: NOW + 100 }).ids).toEqual(["p:a", "p:b", "p:c"]);
  });

  test("is answered afresh once a token has ended", () => {
    const { orderOf } = ordersOf({ profiles: { "p:t": { ...token, expires: NOW + 5 }, "p:k": key } });
    expect(orderOf({ provider: "p", now: NOW + 4 }).ids).toEqual(["p:t", "p:k"]);
    expect(orderOf({ provider: "p", now: NOW + 5 })).toMatchObject({ ids: ["p:k"], excluded: [{ id: "p:t", reason: "expired" }] });
  });

  test("of another model has an answer of its own only where a cooldown is that model's", () => {
    const { orderOf } = ordersOf(cooling);
    expect(orderOf({ provider: "p", now: NOW, model: "m" }).ids).toEqual(["p:c", "p:b", "p:a"]);
    const first = orderOf({ provider: "p", now: NOW });
    for (const model of ["made-up", "*", "__proto__", "constructor"]) expect(orderOf({ provider: "p", now: NOW, model })).toBe(first);
  });

  test("A2: a clock that was set back is answered as of its time", () => {
    const { orderOf } = ordersOf(cooling);
    expect(orderOf({ provider: "p", now: NOW + HOUR }).ids).toEqual(["p:a", "p:b", "p:c"]);
    expect(orderOf({ provider: "p", now: NOW }).ids).toEqual(["p:b", "p:c", "p:a"]);
  });

  test("A2: after 8 hours of sleep nothing that ended meanwhile counts", () => {
    const { orderOf } = ordersOf({
      profiles: { "p:a": key, "p:b": key, "p:t": { ...token, expires: NOW + HOUR } },
      usageStats: { "p:a": { cooldownUntil: NOW + HOUR }, "p:b": { disabledUntil: NOW + 9 * HOUR } },
    });
    expect(orderOf({ provider: "p", now: NOW }).ids).toEqual(["p:t", "p:a", "p:b"]);
    expect(orderOf({ provider: "p", now: NOW + 8 * HOUR })).toMatchObject({
      ids: ["p:a", "p:b"],
      excluded: [{ id: "p:t", reason: "expired" }],
    });
  });

  test("A2: cooldowns in the far future count as the longest there are, and as theirs once they are near", () => {
    const { orderOf } = ordersOf({
      profiles: { "p:far": key, "p:near": key, "p:day": key, "p:free": key },
      usageStats: {
        "p:far": { disabledUntil: NOW + 9_000 * HOUR },
        "p:near": { disabledUntil: NOW + 8_000 * HOUR },
        "p:day": { disabledUntil: NOW + 24 * HOUR },
      },
    });
    expect(orderOf({ provider: "p", now: NOW }).ids).toEqual(["p:free", "p:far", "p:near", "p:day"]);
    expect(orderOf({ provider: "p", now: NOW + 1 }).ids).toEqual(["p:free", "p:day", "p:far", "p:near"]);
    expect(orderOf({ provider: "p", now: NOW + 7_976 * HOUR + 1 }).ids).toEqual(["p:day", "p:free", "p:near", "p:far"]);
  });
});

test("a provider that nobody has named has no profiles, whatever it is called", () => {
  const { orderOf } = ordersOf({ profiles: {} }, { order: {}, profiles: {} });
  for (const provider of ["p", "constructor", "__proto__", ""]) {
    expect(orderOf({ provider, now: NOW })).toEqual({ ids: [], sequence: [], excluded: [], isExplicit: false });
  }
});

test("whenever it is asked, in any order of time, the answer is that of asking afresh", () => {
  const ends = [0, 5, 60_000, HOUR, 24 * HOUR, 25 * HOUR, 400 * HOUR];
  const profiles = Object.fromEntries(
    ends.flatMap((end, at) => [
      [`p:t${at}`, { ...token, expires: NOW + end + 1 }],
      [`p:k${at}`, key],
    ]),
  );
  const stats = ends.map((end, at) => [`p:k${at}`, { cooldownUntil: NOW + end, ...(at % 2 === 0 && { cooldownModel: "m" }) }]);
  const { orderOf, afresh } = ordersOf({ profiles, usageStats: Object.fromEntries(stats) });
  const times = ends.flatMap((end) => [NOW + end - 1, NOW + end, NOW + end + 1, NOW + end - 24 * HOUR, NOW + end - 24 * HOUR + 1]);
  for (const now of [...times, ...times.toReversed(), ...times.toSorted((left, right) => left - right)]) {
    for (const model of [undefined, "m", "n"]) {
      const question = { provider: "p", now, ...(model !== undefined && { model }) };
      expect(orderOf(question)).toEqual(afresh(question));
    }
  }
});

test("answers that are kept cannot be changed", () => {
  const { ids, sequence, excluded } = ordersOf({ ...cooling, order: { p: ["p:gone"] } }).orderOf({ provider: "p", now: NOW });
  expect([Object.isFrozen(ids), Object.isFrozen(sequence), Object.isFrozen(excluded)]).toEqual([true, true, true]);
});

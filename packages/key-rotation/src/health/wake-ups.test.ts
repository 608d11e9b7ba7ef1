import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createWakeUps } from "./wake-ups.ts";

test("hands out what is due, earliest first, whatever the order it came in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(100)), fc.nat(100), (times, now) => {
      const wakeUps = createWakeUps<number>();
      for (const at of times) wakeUps.add(at, at);
      expect(wakeUps.nextAt()).toBe(Math.min(Infinity, ...times));
      const sorted = times.toSorted((left, right) => left - right);
      expect(wakeUps.takeDue(now)).toEqual(sorted.filter((at) => at <= now));
      expect(wakeUps.takeDue(Infinity)).toEqual(sorted.filter((at) => at > now));
      expect(wakeUps.nextAt()).toBe(Infinity);
    }),
  );
});

test("moves all of them when the clock is set", () => {
  const wakeUps = createWakeUps<string>();
  wakeUps.add(1000, "one");
  wakeUps.add(2000, "two");
  wakeUps.shift(-900);
  expect([wakeUps.nextAt(), wakeUps.takeDue(100), wakeUps.takeDue(1099), wakeUps.takeDue(1100)]).toEqual([100, ["one"], [], ["two"]]);
});

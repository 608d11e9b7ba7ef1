import { describe, expect, test } from "vitest";
import { createRedactor } from "../redactor.ts";
import { Secret } from "../secret.ts";
import { createTiers } from "./tiers.ts";

const valueOf = (index: number) => `test-key-number-${index}-of-many`;

describe("values in several matchers", () => {
  test("are each found, however many came before and went since", () => {
    const redactor = createRedactor();
    const withdraw: (() => void)[] = [];
    // Some are looked for before the next ones come, as when requests bring them one by one.
    for (let index = 0; index < 3000; index += 50) {
      for (let more = index; more < index + 50; more += 1) withdraw.push(redactor.add(Secret.of(valueOf(more))));
      expect(redactor.text(`a ${valueOf(index)} b`)).toBe("a [redacted] b");
    }
    withdraw.forEach((each, index) => index % 30 !== 0 && each());
    for (let index = 0; index < 3000; index += 1) {
      const text = `a ${valueOf(index)} b`;
      expect(redactor.text(text)).toBe(index % 30 === 0 ? "a [redacted] b" : text);
    }
  });

  test("are covered together where they overlap, also when they come in pieces", () => {
    const redactor = createRedactor();
    redactor.add(Secret.of("first-part-and-middle"));
    for (let index = 0; index < 100; index += 1) redactor.add(Secret.of(valueOf(index)));
    expect(redactor.text("nothing")).toBe("nothing");
    redactor.add(Secret.of("middle-and-last-part"));
    const text = "x first-part-and-middle-and-last-part y middle-and-last-part z first-part-and-middle";
    const stream = redactor.stream();
    const pieces = Array.from(text, (letter) => stream.push(Buffer.from(letter)).toString());
    expect(pieces.join("") + stream.end().toString()).toBe("x [redacted] y [redacted] z [redacted]");
    expect(redactor.text(text)).toBe("x [redacted] y [redacted] z [redacted]");
  });
});

test("one more value leaves the matchers of the others as they are", () => {
  const tiers = createTiers();
  for (let index = 0; index < 3000; index += 1) tiers.add(String(index), Secret.of(valueOf(index)));
  const before = tiers.matchers();
  expect(tiers.matchers()).toBe(before);
  tiers.add("new", Secret.of("test-key-that-is-new"));
  const after = tiers.matchers();
  expect(before.length).toBe(3);
  expect(after.slice(0, 3)).toEqual(before);
  expect(after.slice(0, 3).every((matcher, index) => matcher === before[index])).toBe(true);
});

test("few matchers are left of many, once most values are gone", () => {
  const tiers = createTiers();
  for (let index = 0; index < 10_000; index += 1) tiers.add(String(index), Secret.of(valueOf(index)));
  expect(tiers.matchers().length).toBeGreaterThan(5);
  for (let index = 0; index < 10_000; index += 1) if (index % 20 !== 0) tiers.delete(String(index));
  expect(tiers.matchers().length).toBeLessThanOrEqual(2);
  for (let index = 0; index < 10_000; index += 20) tiers.delete(String(index));
  expect(tiers.matchers()).toEqual([]);
});

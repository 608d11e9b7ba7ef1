import * as fc from "fast-check";
import { expect, test } from "vitest";
import { areSameBits, createBits, firstBit, hasBit, lowestIn, wordAt, writeBit } from "./bits.ts";

const size = 200;
const numbers = fc.uniqueArray(fc.nat(size - 1));
const bitsOf = (list: readonly number[]) => {
  const bits = createBits(size);
  for (const index of list) writeBit(bits, index, true);
  return bits;
};

test("finds the first number of a range as a list would", () => {
  fc.assert(
    fc.property(numbers, fc.nat(size - 1), fc.nat(size), (list, from, to) => {
      const found = list.filter((index) => from <= index && index < to).toSorted((left, right) => left - right)[0];
      expect(firstBit(bitsOf(list), from, to)).toBe(found ?? -1);
    }),
  );
});

test("goes through a range word by word and misses none", () => {
  fc.assert(
    fc.property(numbers, fc.nat(size - 1), fc.nat(size), (list, from, to) => {
      const bits = bitsOf(list);
      const found: number[] = [];
      for (let word = from >>> 5; word << 5 < to; word += 1) {
        for (let left = wordAt(bits, word, from, to); left !== 0; left &= left - 1) found.push((word << 5) + lowestIn(left));
      }
      expect(found).toEqual(list.filter((index) => from <= index && index < to).toSorted((left, right) => left - right));
    }),
  );
});

test("holds what was written and nothing else, and is the same as a set of the same numbers", () => {
  fc.assert(
    fc.property(numbers, numbers, (list, removed) => {
      const bits = bitsOf(list);
      for (const index of removed) writeBit(bits, index, false);
      const left = list.filter((index) => !removed.includes(index));
      expect(Array.from({ length: size }, (_, index) => index).filter((index) => hasBit(bits, index))).toEqual(
        left.toSorted((one, two) => one - two),
      );
      expect(areSameBits(bits, bitsOf(left))).toBe(true);
      expect(areSameBits(bits, bitsOf([...left, ...list]))).toBe(left.length === list.length);
    }),
  );
});

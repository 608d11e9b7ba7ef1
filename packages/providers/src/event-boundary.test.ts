import { describe, expect, test } from "vitest";
import { lastBoundary, lastTwo, nextBoundary } from "./event-boundary.ts";

const texts: [text: string, last: number, first: number][] = [
  ["data: a\n\n", 9, 9],
  ["data: a\r\n\r\n", 11, 10],
  ["data: a\r\r", 9, 9],
  ["data: a\n\r\n", 10, 9],
  ["data: a\n\ndata: b\n\ndata", 18, 9],
  ["data: a\r\ndata: b\r\n", 0, 18],
  ["data: a\n", 0, 8],
  ["data: a", 0, 7],
  ["\n\n", 2, 2],
  ["", 0, 0],
];

describe("an event ends after a blank line", () => {
  test.each(texts)("%j", (text, last, first) => {
    const bytes = Buffer.from(text);
    expect(lastBoundary(bytes, [0, 0])).toBe(last);
    expect(nextBoundary(bytes, 0)).toBe(first);
  });

  test.each(texts.filter(([, last]) => last > 0))("%j, byte by byte", (text, last) => {
    let before: readonly [number, number] = [0, 0];
    let found = 0;
    for (const [index, byte] of Buffer.from(text).entries()) {
      const chunk = Buffer.from([byte]);
      if (lastBoundary(chunk, before) === 1) found = index + 1;
      before = lastTwo(chunk, before);
    }
    expect(found).toBe(last);
  });
});

test("an empty chunk leaves what stood before it", () => {
  expect(lastTwo(Buffer.alloc(0), [1, 2])).toEqual([1, 2]);
  expect(lastTwo(Buffer.from([3]), [1, 2])).toEqual([2, 3]);
  expect(lastTwo(Buffer.from([3, 4, 5]), [1, 2])).toEqual([4, 5]);
});

import type { Pattern } from "./patterns.ts";

/**
 * Says where no pattern can begin, without reading every byte (Wu and Manber's block shifts). A window is
 * the beginning of a pattern, as long as the shortest of them. The three bytes at the end of the place
 * looked at tell how far the next window end is away at least.
 */
export interface Windows {
  readonly length: number;
  readonly shifts: Uint8Array;
  readonly mask: number;
  /** 1 where three bytes may be the first of a pattern. */
  readonly openings: Uint8Array;
  /** Room for what {@link findWindows} finds. */
  readonly found: Int32Array;
}

/** How many bytes are looked at in one call, so that what is found fits its room. */
export const STRETCH = 8192;
/** Bytes that are looked at together. */
export const BLOCK = 3;
const LONGEST_WINDOW = 48;
/** Below this the two halves of a stretch are not worth setting up. */
const WORTH_HALVING = 512;

/** Nothing where a pattern is shorter than a block: then every byte has to be read. */
export function createWindows(patterns: readonly Pattern[]): Windows | undefined {
  const length = patterns.reduce((shortest, { bytes }) => Math.min(shortest, bytes.length), LONGEST_WINDOW);
  if (length < BLOCK) return undefined;
  const blocks = patterns.length * (length - BLOCK + 1);
  const size = blocks <= 2 ** 11 ? 2 ** 15 : blocks <= 2 ** 13 ? 2 ** 16 : 2 ** 17;
  const mask = size - 1;
  const shifts = new Uint8Array(size).fill(length - BLOCK + 1);
  const openings = new Uint8Array(size);
  for (const { bytes } of patterns) {
    openings[blockAt(bytes, BLOCK - 1) & mask] = 1;
    for (let end = BLOCK - 1; end < length; end += 1) {
      const place = blockAt(bytes, end) & mask;
      shifts[place] = Math.min(shifts[place] ?? 0, length - 1 - end);
    }
  }
  return { length, shifts, mask, openings, found: new Int32Array(STRETCH) };
}

/**
 * Puts the ends of possible windows that lie in `from` to `to`, at most {@link STRETCH} bytes, into
 * `found`, in order, and returns how many. Two halves are walked at once: each look-up waits for the one
 * before, and two waits overlap.
 */
export function findWindows({ length, shifts, mask, found }: Windows, bytes: Uint8Array, from: number, to: number): number {
  let end = from + length - 1;
  let firstCount = 0;
  let middle = to;
  let secondCount = STRETCH / 2;
  if (to - from >= WORTH_HALVING) {
    middle = end + ((to - end) >> 1);
    let second = middle;
    while (end < middle && second < to) {
      const shift = shifts[blockAt(bytes, end) & mask] ?? 0;
      const secondShift = shifts[blockAt(bytes, second) & mask] ?? 0;
      if (shift === 0) found[firstCount++] = end++;
      else end += shift;
      if (secondShift === 0) found[secondCount++] = second++;
      else second += secondShift;
    }
    while (second < to) {
      const shift = shifts[blockAt(bytes, second) & mask] ?? 0;
      if (shift === 0) found[secondCount++] = second++;
      else second += shift;
    }
  }
  while (end < middle) {
    const shift = shifts[blockAt(bytes, end) & mask] ?? 0;
    if (shift === 0) found[firstCount++] = end++;
    else end += shift;
  }
  found.copyWithin(firstCount, STRETCH / 2, secondCount);
  return firstCount + secondCount - STRETCH / 2;
}

/**
 * The first place at or after `from` where a pattern may have begun that goes on at `to`: the bytes before
 * `to` tell how far into a window they can be at most.
 */
export function firstOpen({ length, shifts, mask }: Windows, bytes: Uint8Array, from: number, to: number): number {
  if (to - from < BLOCK) return from;
  return Math.max(from, to - length + (shifts[blockAt(bytes, to - 1) & mask] ?? 0));
}

/** Whether the {@link BLOCK} bytes from `start` on may begin a pattern. */
export function mayOpen({ openings, mask }: Windows, bytes: Uint8Array, start: number): boolean {
  return openings[blockAt(bytes, start + BLOCK - 1) & mask] === 1;
}

function blockAt(bytes: Uint8Array, end: number): number {
  return ((bytes[end - 2] ?? 0) | ((bytes[end - 1] ?? 0) << 5)) ^ ((bytes[end] ?? 0) << 10);
}

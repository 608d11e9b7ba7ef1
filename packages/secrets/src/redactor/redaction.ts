import { createCovered } from "./covered.ts";
import type { Matcher } from "./matcher.ts";
import { createScanner, type Scanner } from "./scanner.ts";
import { WORD_CONTEXT } from "./word.ts";

/** One text on its way out. */
export interface Redaction {
  /** What can be given out now. Shares the chunk's memory where nothing was found. */
  push(chunk: Uint8Array): Buffer;
  /** Everything left, and `chunk` before it ends. */
  finish(chunk: Uint8Array): Buffer;
}

const MARKER = Buffer.from("[redacted]");
const NOTHING = Buffer.alloc(0);

/**
 * Covers what the matchers find, which are asked for anew with every chunk: after they changed, what is still
 * held is read again with the new ones.
 */
export function createRedaction(currentMatchers: () => readonly Matcher[]): Redaction {
  const covered = createCovered();
  let matchers: readonly Matcher[] = [];
  let scanners: readonly Scanner[] = [];
  /** The end of the text so far, copied: what is held, and a few bytes before it. */
  let tail = NOTHING;
  let tailAt = 0;
  let heldFrom = 0;
  /** Up to here the text was given out or covered. */
  let doneTo = 0;
  let coveredTo = -1;

  function write(chunk: Uint8Array, isLast: boolean): Buffer {
    const bytes = tail.length === 0 ? asBuffer(chunk) : Buffer.concat([tail, chunk]);
    const base = tailAt;
    const current = currentMatchers();
    if (current !== matchers) {
      matchers = current;
      const startAt = heldFrom;
      scanners = current.map((matcher) => createScanner(matcher, startAt, covered.add));
    }
    const end = base + bytes.length;
    let mayGoOn = end;
    for (const scanner of scanners) mayGoOn = Math.min(mayGoOn, scanner.scan({ bytes, base, isLast }));
    heldFrom = isLast ? end : mayGoOn;
    const output = giveOut(bytes, base);
    tailAt = Math.max(base, heldFrom - (matchers.some(({ hasWords }) => hasWords) ? WORD_CONTEXT : 0));
    tail = tailAt === end ? NOTHING : Buffer.from(bytes.subarray(tailAt - base));
    return output;
  }

  function giveOut(bytes: Buffer, base: number): Buffer {
    const parts = covered.take(heldFrom);
    if (parts.length === 0 && doneTo <= base && heldFrom === base + bytes.length) {
      doneTo = heldFrom;
      return bytes;
    }
    const pieces: Buffer[] = [];
    const giveOutTo = (end: number) => {
      if (end > doneTo) pieces.push(bytes.subarray(doneTo - base, end - base));
      doneTo = Math.max(doneTo, end);
    };
    for (const { start, end } of parts) {
      giveOutTo(start);
      if (start > coveredTo) pieces.push(MARKER);
      coveredTo = Math.max(coveredTo, end);
      doneTo = coveredTo;
    }
    giveOutTo(heldFrom);
    const [piece = NOTHING] = pieces;
    return pieces.length > 1 ? Buffer.concat(pieces) : piece;
  }

  return { push: (chunk) => write(chunk, false), finish: (chunk) => write(chunk, true) };
}

/** The same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

import { ANYWHERE, openDepth, step } from "./automaton.ts";
import { createEscapeFinder, judgeByPlace, readEscape, type Escape } from "./escapes.ts";
import type { Matcher } from "./matcher.ts";
import { createUnescaped, type Unescaped } from "./unescaped.ts";
import { BLOCK, findWindows, firstOpen, mayOpen, STRETCH, type Windows } from "./windows.ts";
import { isWord } from "./word.ts";

/** A piece of a longer text: `bytes[0]` stands at `base` in it. */
interface Piece {
  readonly bytes: Buffer;
  readonly base: number;
  /** Whether the text ends here. */
  readonly isLast: boolean;
}

/** Told of every value found, as places in the whole text. Ends never go back. */
export type Found = (start: number, end: number) => void;

/**
 * Reads a text piece by piece, from `startAt` on. `scan` returns from where on a value may have begun that
 * the piece does not show whole: the next piece has to begin there or before.
 */
export interface Scanner {
  scan(piece: Piece): number;
}

/** Every byte is read by the automaton at most once, twice near escapes; most are skipped. */
export function createScanner(matcher: Matcher, startAt: number, found: Found): Scanner {
  const { automaton, windows, alphabet, longest } = matcher;
  const { depths, failures, kinds, labels, outputs } = automaton;
  const escapes = createEscapeFinder(alphabet, judgeByPlace(alphabet));
  const shallow = windows ? BLOCK : 0;
  let piece: Piece = { bytes: Buffer.alloc(0), base: startAt, isLast: false };
  let bytes = piece.bytes;
  let position = startAt;
  let plain = 0;
  let unescaped: Unescaped | undefined;

  function scan(next: Piece): number {
    piece = next;
    bytes = next.bytes;
    const text = { bytes, isLast: piece.isLast, alphabet };
    escapes.begin(text);
    let at = position - piece.base;
    // A word at the end of the piece before: now it can be seen whether it ended there.
    reportFound(at);
    while (at < bytes.length) {
      if (!unescaped) at = readPlain(at, escapes.next(at));
      if (at === bytes.length) break;
      const escape = readEscape(text, at);
      if (escape === "partial") break;
      at = readBoth(at, escape);
    }
    position = piece.base + at;
    const heldFrom = position - openDepth(automaton, plain);
    return unescaped ? Math.min(heldFrom, unescaped.startOf(openDepth(automaton, unescaped.state))) : heldFrom;
  }

  /** Reads up to `to`, where the state is exact; on the way it skips what cannot be the beginning of a pattern. */
  function readPlain(from: number, to: number): number {
    let at = plain === 0 ? from : run(from, to);
    if (windows) {
      at = skim(windows, at, to);
      if (plain === 0) at = firstOpen(windows, bytes, at, to);
      while (to - at >= BLOCK) at = mayOpen(windows, bytes, at) ? run(at, to) : at + 1;
    }
    return run(at, to);
  }

  /** Up to the last bytes before `to`, which no window fits in. */
  function skim(windows: Windows, from: number, to: number): number {
    let at = from;
    while (to - at >= windows.length) {
      const end = Math.min(at + STRETCH, to);
      const count = findWindows(windows, bytes, at, end);
      for (let index = 0; index < count; index += 1) {
        const start = (windows.found[index] ?? 0) - windows.length + 1;
        if (start >= at && mayOpen(windows, bytes, start)) at = run(start, to);
      }
      at = Math.max(at, end - windows.length + 1);
    }
    return at;
  }

  /**
   * Reads byte by byte up to `to`, or until so little has begun that looking for windows is quicker: then it
   * forgets that and goes back to where it began, at least one byte after `from`.
   */
  function run(from: number, to: number): number {
    const text = bytes;
    let state = plain;
    let at = from;
    while (at < to) {
      let next = state + 1;
      for (; at < to && labels[next] === text[at]; at += 1) next += 1;
      state = next - 1;
      if (at === to) break;
      state = step(automaton, state, text[at] ?? 0);
      at += 1;
      if (outputs[state] !== 0) reportPlain(state, at);
      const depth = depths[state] ?? 0;
      if (depth < shallow && at - depth > from && to - at >= shallow) {
        plain = 0;
        return at - depth;
      }
    }
    plain = state;
    return at;
  }

  /** Reads an escape, or one byte, as it is and as what it means. */
  function readBoth(from: number, escape: Escape | undefined): number {
    const { base } = piece;
    const meaning = escape?.bytes ?? [bytes[from] ?? 0];
    if (!unescaped && step(automaton, plain, meaning[0] ?? 0) !== 0) unescaped = createUnescaped(automaton, plain, base + from, longest);
    const end = from + (escape?.length ?? 1);
    readExactly(from, end);
    if (!unescaped) return end;
    for (const byte of meaning) unescaped.read(byte, base + from);
    if (outputs[unescaped.state] !== 0) reportUnescaped(unescaped, end);
    if (unescaped.state === 0 || (unescaped.state === plain && isReadAlike(unescaped, base + end))) unescaped = undefined;
    return end;
  }

  function readExactly(from: number, to: number): void {
    for (let at = from; at < to; at += 1) {
      const byte = bytes[at] ?? 0;
      plain = labels[plain + 1] === byte ? plain + 1 : step(automaton, plain, byte);
      if (outputs[plain] !== 0) reportPlain(plain, at + 1);
    }
  }

  function isReadAlike(unescaped: Unescaped, end: number): boolean {
    const depth = depthOf(plain);
    return unescaped.startOf(depth) === end - depth;
  }

  function reportFound(at: number): void {
    if (outputs[plain] !== 0) reportPlain(plain, at);
    if (unescaped && outputs[unescaped.state] !== 0) reportUnescaped(unescaped, at);
  }

  function reportPlain(state: number, end: number): void {
    report(state, end, (depth) => piece.base + end - depth);
  }

  function reportUnescaped(unescaped: Unescaped, end: number): void {
    report(unescaped.state, end, (depth) => unescaped.startOf(depth));
  }

  /** Tells the patterns that end here, longest first: one that counts anywhere covers the shorter ones. */
  function report(state: number, end: number, startOf: (depth: number) => number): void {
    for (let output = outputs[state] ?? 0; output !== 0; output = outputs[failures[output] ?? 0] ?? 0) {
      const start = startOf(depthOf(output));
      const isAnywhere = ((kinds[output] ?? 0) & ANYWHERE) !== 0;
      if (isAnywhere || isWordAt(start - piece.base, end)) found(start, piece.base + end);
      if (isAnywhere) return;
    }
  }

  function isWordAt(start: number, end: number): boolean {
    return (end < bytes.length || piece.isLast) && isWord(bytes, start, end);
  }

  function depthOf(state: number): number {
    return depths[state] ?? 0;
  }

  return { scan };
}

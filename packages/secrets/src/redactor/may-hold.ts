import type { Matcher } from "./matcher.ts";
import { findWindows, mayOpen, STRETCH, type Windows } from "./windows.ts";

const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/**
 * Whether a value may stand in a text that is here as a whole. A quick look, which costs a small part of reading the text: when
 * it says no there is none; when it says yes there may be none either.
 */
export function mayHold(matchers: readonly Matcher[], bytes: Uint8Array): boolean {
  if (matchers.length === 0) return false;
  if (bytes.includes(PERCENT) || bytes.includes(BACKSLASH)) return true;
  return matchers.some(({ windows }) => windows === undefined || hasWindow(windows, bytes));
}

function hasWindow(windows: Windows, bytes: Uint8Array): boolean {
  const { length, found } = windows;
  for (let at = 0; bytes.length - at >= length;) {
    const end = Math.min(at + STRETCH, bytes.length);
    const count = findWindows(windows, bytes, at, end);
    for (let index = 0; index < count; index += 1) if (mayOpen(windows, bytes, (found[index] ?? 0) - length + 1)) return true;
    at = end - length + 1;
  }
  return false;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const unitMs: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, h: HOUR, d: DAY };

/** One number and its unit. Units in full count too, because error texts use them. */
const part = /\s?(\d{1,12}(?:\.\d{1,9})?)\s?(milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-z])/y;

/**
 * Milliseconds of a duration at the beginning of a text: `6m0s`, `1m30.5s`, `120ms`, `20 seconds.`
 * What follows it does not matter. `undefined` where none begins there.
 */
export function readDuration(text: string): number | undefined {
  const lowerCase = text.toLowerCase();
  let total: number | undefined;
  part.lastIndex = 0;
  for (let match = part.exec(lowerCase); match; match = part.exec(lowerCase)) {
    total = (total ?? 0) + Number(match[1]) * unitOf(match[2] ?? "");
  }
  return total;
}

function unitOf(word: string): number {
  return word === "ms" || word.startsWith("milli") ? 1 : (unitMs[word.charAt(0)] ?? 0);
}

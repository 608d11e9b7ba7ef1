import type { HeaderReader } from "./header-reader.ts";
import { limitHeaders } from "./limit-headers.ts";
import { isToCome, readDate, readDelay, readMoment, readNumber, readPoint } from "./moment.ts";
import { readUsedShares } from "./used-shares.ts";

export type { HeaderReader } from "./header-reader.ts";

const SECOND = 1000;

/** An error says what it has to say at its beginning. */
const LONGEST_TEXT = 8192;

type TextHint = readonly [pattern: RegExp, read: (text: string, now: number) => number | undefined];

const textHints: readonly TextHint[] = [
  // Google's RetryInfo.
  [/retry_?delay["']?\s{0,3}[:=]\s{0,3}["']?(\d[\d.]{0,15}\s?[a-z]{1,2})/i, readDelay],
  [/resets?_?in_?seconds["']?\s{0,3}[:=]\s{0,3}["']?(\d[\d.]{0,15})/i, readMoment],
  [/resets?_?at["']?\s{0,3}[:=]\s{0,3}["']?([\d][\dTZ:.+-]{0,40})/i, readPoint],
  [/\b(?:try again|retry) (?:in|after) (\d[\da-z. ]{0,60})/i, readDelay],
];

/**
 * When a provider says to come back, epoch milliseconds. Asked in this order: `retry-after-ms`,
 * `Retry-After` (RFC 9110, seconds or a date), the resets of the limits that are used up (the latest
 * of them), then hints in the error text. What is past, negative, no number or absurd is skipped.
 *
 * It is a hint without an upper bound of use: whoever waits for it sets one.
 */
export function readRetryAt(header: HeaderReader, errorText: string | undefined, now: number): number | undefined {
  const inMs = readNumber(header("retry-after-ms"));
  const answers = [
    [inMs === undefined ? undefined : now + inMs],
    [readRetryAfter(header("retry-after"), now)],
    [latest(usedUp(header, now).filter((at) => isToCome(at, now)))],
    textHintsIn(errorText, now),
  ];
  return answers.flat().find((at) => isToCome(at, now));
}

/** The resets of the limits of which nothing remains, or nobody says what remains. */
function usedUp(header: HeaderReader, now: number): readonly (number | undefined)[] {
  const counted = limitHeaders.map(({ reset, remaining }) => {
    const text = header(reset);
    return text === undefined || (readNumber(header(remaining)) ?? 0) > 0 ? undefined : readMoment(text, now);
  });
  const shares = readUsedShares(header, now).filter(({ used }) => used >= 1);
  return [...counted, ...shares.map(({ resetAt }) => resetAt)];
}

function textHintsIn(errorText: string | undefined, now: number): readonly (number | undefined)[] {
  const text = errorText?.slice(0, LONGEST_TEXT) ?? "";
  return textHints.map(([pattern, read]) => {
    const found = pattern.exec(text)?.[1];
    return found === undefined ? undefined : read(found, now);
  });
}

/** Seconds, or a date as HTTP writes it. */
function readRetryAfter(text: string | undefined, now: number): number | undefined {
  const seconds = readNumber(text);
  if (seconds !== undefined) return now + seconds * SECOND;
  return text?.endsWith("GMT") === true ? readDate(text) : undefined;
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

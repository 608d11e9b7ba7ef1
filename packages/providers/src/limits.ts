import { readDuration } from "./duration.ts";

/** Reads one response header by its lower-case name. */
export type HeaderReader = (name: string) => string | undefined;

const SECOND = 1000;

/** Numbers from here on are points in time rather than seconds to wait: 2001 in seconds, 1973 in milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e11;

/** No provider means more than a year: such a number was something else. */
const LONGEST_MS = 366 * 24 * 60 * 60 * SECOND;

/** An error says what it has to say at its beginning. */
const LONGEST_TEXT = 8192;

/** Limits whose headers say when they are reset and what remains of them. */
const limits: readonly { readonly reset: string; readonly remaining: string }[] = [
  { reset: "x-ratelimit-reset", remaining: "x-ratelimit-remaining" },
  ...["requests", "tokens", "requests-day", "tokens-minute"].map((name) => ({
    reset: `x-ratelimit-reset-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((name) => ({
    reset: `anthropic-ratelimit-${name}-reset`,
    remaining: `anthropic-ratelimit-${name}-remaining`,
  })),
];

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
  const isPlausible = (at: number | undefined): at is number => at !== undefined && at >= now && at <= now + LONGEST_MS;
  const inMs = readNumber(header("retry-after-ms"));
  const answers = [
    [inMs === undefined ? undefined : now + inMs],
    [readRetryAfter(header("retry-after"), now)],
    [latest(usedUp(header, now).filter(isPlausible))],
    textHintsIn(errorText, now),
  ];
  return answers.flat().find(isPlausible);
}

/** The resets of the limits of which nothing remains, or nobody says what remains. */
function usedUp(header: HeaderReader, now: number): readonly (number | undefined)[] {
  return limits.map(({ reset, remaining }) => ((readNumber(header(remaining)) ?? 0) > 0 ? undefined : readMoment(header(reset), now)));
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

/** Seconds to wait, epoch seconds, epoch milliseconds, a duration, or a date: headers of one name hold any of them. */
function readMoment(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const number = readNumber(text);
  if (number !== undefined && number < EPOCH_SECONDS) return now + number * SECOND;
  return readPoint(text) ?? readDelay(text, now);
}

function readPoint(text: string): number | undefined {
  const number = readNumber(text);
  if (number === undefined) return /^\d{4}-\d\d-\d\dT/.test(text) ? readDate(text) : undefined;
  if (number >= EPOCH_MS) return number;
  return number >= EPOCH_SECONDS ? number * SECOND : undefined;
}

function readDelay(text: string, now: number): number | undefined {
  const durationMs = readDuration(text);
  return durationMs === undefined ? undefined : now + durationMs;
}

function readDate(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function readNumber(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? "";
  return /^\d{1,15}(?:\.\d{1,12})?$/.test(trimmed) ? Number(trimmed) : undefined;
}

function latest(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.max(...times);
}

import { readDuration } from "./duration.ts";

const SECOND = 1000;

/** Numbers from here on are points in time rather than seconds to wait: 2001 in seconds, 1973 in milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e11;

/** No provider means more than a year: such a number was something else. */
const LONGEST_MS = 366 * 24 * 60 * 60 * SECOND;

/** Whether a time is one to wait for: neither past nor absurdly far off. */
export function isToCome(at: number | undefined, now: number): at is number {
  return at !== undefined && at >= now && at <= now + LONGEST_MS;
}

/** Seconds to wait, epoch seconds, epoch milliseconds, a duration, or a date: headers of one name hold any of them. */
export function readMoment(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const number = readNumber(text);
  if (number !== undefined && number < EPOCH_SECONDS) return now + number * SECOND;
  return readPoint(text) ?? readDelay(text, now);
}

/** Epoch seconds, epoch milliseconds or an ISO date. */
export function readPoint(text: string): number | undefined {
  const number = readNumber(text);
  if (number === undefined) return /^\d{4}-\d\d-\d\dT/.test(text) ? readDate(text) : undefined;
  if (number >= EPOCH_MS) return number;
  return number >= EPOCH_SECONDS ? number * SECOND : undefined;
}

/** A duration with its unit, from now on. */
export function readDelay(text: string, now: number): number | undefined {
  const durationMs = readDuration(text);
  return durationMs === undefined ? undefined : now + durationMs;
}

/** Any date that JavaScript reads. */
export function readDate(text: string): number | undefined {
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** A plain number of zero or more. */
export function readNumber(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const trimmed = text.trim();
  return /^\d{1,15}(?:\.\d{1,12})?$/.test(trimmed) ? Number(trimmed) : undefined;
}

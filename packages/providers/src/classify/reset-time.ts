import { readDuration } from "../duration.ts";
import { readRetryAt } from "../limits.ts";
import type { Evidence } from "./evidence.ts";
import { isRecord } from "./error-records.ts";

const SECOND = 1000;

/** Numbers from here on are points in time: 2001 in seconds, 1973 in milliseconds. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e11;

/** Nobody has to wait longer than a year. */
const LONGEST_MS = 366 * 24 * 60 * 60 * SECOND;

/** Fields that hold seconds, a point in time or a duration, in the order in which they are believed. */
const fields = ["resets_in_seconds", "reset_in_seconds", "retry_after", "resets_at", "reset_at", "retryDelay"] as const;

/** Vendors that name a local time without saying whose. */
const zones: Readonly<Record<string, string>> = { zai: "+08:00" };

/** Points in time as texts name them: a date, a time, and a zone if there is one. */
const points: readonly RegExp[] = [
  /\bresets? (?:at|on) (\d{4}-\d\d-\d\d)[t ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?( ?utc|z)?/i,
  /\bregain access on (\d{4}-\d\d-\d\d) at (\d\d:\d\d)( utc)/i,
  // The same from bigmodel.cn: "your limit will reset at".
  /将在 ?(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)() ?重置/,
];

const delays: readonly RegExp[] = [
  /\bresets? (?:after|in) (\d[\da-z. ]{0,40})/i,
  /\b(?:please )?wait (\d[\d.]{0,9} (?:seconds?|minutes?|hours?))\b/i,
];

/**
 * When to come back, epoch milliseconds: what the headers say, then what the body says in fields made
 * for it, then its text. Subscriptions name the end of their window here and nowhere else.
 */
export function readResetAt({ header, records, said }: Evidence, provider: string | undefined, now: number): number | undefined {
  const isToCome = (at: number | undefined): at is number => at !== undefined && at >= now && at <= now + LONGEST_MS;
  return (
    readRetryAt(header, undefined, now) ??
    inRecords(records, now).find(isToCome) ??
    readRetryAt(() => undefined, said, now) ??
    inText(said, provider === undefined ? undefined : zones[provider], now).find(isToCome)
  );
}

function inRecords(records: Evidence["records"], now: number): readonly (number | undefined)[] {
  const named = fields.flatMap((field) => records.map((record) => readMoment(record[field], now)));
  // OpenRouter repeats the headers in the body.
  const headers = records.flatMap((record) => (isRecord(record.headers) ? [record.headers] : []));
  return [...named, ...headers.map((repeated) => readMoment(repeated["X-RateLimit-Reset"], now))];
}

function inText(said: string, zone: string | undefined, now: number): readonly (number | undefined)[] {
  const dated = points.map((pattern) => {
    const [, date, time, mark] = pattern.exec(said) ?? [];
    const offset = mark === undefined || mark === "" ? zone : "Z";
    if (date === undefined || time === undefined || offset === undefined) return undefined;
    const at = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}${offset}`);
    return Number.isNaN(at) ? undefined : at;
  });
  // Claude Code: "usage limit reached|1760000400".
  const stamped = readMoment(/\blimit reached\|(\d{10})\b/i.exec(said)?.[1], now);
  const delayed = delays.map((pattern) => {
    const durationMs = readDuration(pattern.exec(said)?.[1] ?? "");
    return durationMs === undefined ? undefined : now + durationMs;
  });
  return [stamped, ...dated, ...delayed];
}

/** Seconds to wait, epoch seconds, epoch milliseconds, or a duration. */
function readMoment(value: unknown, now: number): number | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  if (/^\d{1,15}(?:\.\d{1,12})?$/.test(text)) {
    const number = Number(text);
    return number >= EPOCH_MS ? number : number >= EPOCH_SECONDS ? number * SECOND : now + number * SECOND;
  }
  const durationMs = readDuration(text);
  return durationMs === undefined ? undefined : now + durationMs;
}

import type { FailureClass, FailureScope } from "@openclaw/key-rotation";
import { isRecord } from "../classify/error-records.ts";

/** How a failure reaches a client: as an answer, as an event of a stream that had begun with 200, or as something an SDK throws. */
export type CorpusArrival = "response" | "stream-event" | "thrown";

/** What a right classifier says of a case. */
export interface CorpusExpectation {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Which cooldown it opens, where that is not its class: a 429 about money. */
  readonly window?: "billing";
  /** How long after `now` the provider says to come back, if it says so. */
  readonly retryAfterMs?: number;
  /** The code by which the provider names it, if it has one. */
  readonly providerCode?: string;
}

/** One answer of a provider as it is really sent, with what it means. */
export interface CorpusCase {
  /** Stable: `<file>/<name>`. */
  readonly id: string;
  /** A provider of this package's table, or a name of nobody's for a relay somebody runs. */
  readonly provider: string;
  readonly arrives: CorpusArrival;
  /** HTTP status. Events and thrown errors have none: it was 200, or nobody kept it. */
  readonly status?: number;
  /** The headers that matter, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON or text as it is sent; of something thrown its fields. `undefined` for an empty body. */
  readonly body: unknown;
  /** `undefined` where nothing failed. */
  readonly expected: CorpusExpectation | undefined;
  readonly note: string;
  /** Where the shape was seen. */
  readonly source: string;
  /** The time of the case, epoch milliseconds. */
  readonly now: number;
}

/**
 * Reads one file of the corpus.
 *
 * @throws {TypeError} names the case and the field that is not as the format says.
 */
export function readCorpusFile(file: unknown): readonly CorpusCase[] {
  if (!isRecord(file) || typeof file.now !== "string" || !Array.isArray(file.cases))
    throw new TypeError("a corpus file has `now` and `cases`");
  const now = Date.parse(file.now);
  return file.cases.map((entry: unknown) => readCase(entry, now));
}

function readCase(entry: unknown, now: number): CorpusCase {
  const { id, provider, arrives, status, headers, body, expected, note, source } = isRecord(entry) ? entry : {};
  if (typeof id !== "string") throw new TypeError("a case has an `id`");
  const wrong = (field: string) => new TypeError(`${id}: ${field} is not as the format says`);
  if (typeof provider !== "string") throw wrong("provider");
  if (arrives !== "response" && arrives !== "stream-event" && arrives !== "thrown") throw wrong("arrives");
  if (status !== undefined && typeof status !== "number") throw wrong("status");
  if (typeof note !== "string" || typeof source !== "string") throw wrong("note or source");
  const read = readHeaders(headers);
  if (!read || Number.isNaN(now)) throw wrong("headers or now");
  const expectation = expected === null ? undefined : readExpectation(expected);
  if (expected !== null && !expectation) throw wrong("expected");
  return { id, provider, arrives, ...(status !== undefined && { status }), headers: read, body, expected: expectation, note, source, now };
}

function readHeaders(headers: unknown): Readonly<Record<string, string>> | undefined {
  if (headers === undefined) return {};
  if (!isRecord(headers)) return undefined;
  const entries = Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
  return entries.length === Object.keys(headers).length ? Object.fromEntries(entries) : undefined;
}

const classes: readonly FailureClass[] = [
  "rate_limit",
  "billing",
  "auth",
  "auth_permanent",
  "overloaded",
  "timeout",
  "format",
  "model_not_found",
  "context_overflow",
  "session_expired",
  "server",
  "unknown",
];
const scopes: readonly FailureScope[] = ["model", "credential", "bucket", "provider"];

function readExpectation(value: unknown): CorpusExpectation | undefined {
  if (!isRecord(value)) return undefined;
  const failureClass = classes.find((name) => name === value.class);
  const scope = scopes.find((name) => name === value.scope);
  const { window, retryAfterMs, providerCode } = value;
  if (!failureClass || !scope || (window !== undefined && window !== "billing")) return undefined;
  if (retryAfterMs !== undefined && typeof retryAfterMs !== "number") return undefined;
  if (providerCode !== undefined && typeof providerCode !== "string") return undefined;
  return {
    class: failureClass,
    scope,
    ...(window !== undefined && { window }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(providerCode !== undefined && { providerCode }),
  };
}

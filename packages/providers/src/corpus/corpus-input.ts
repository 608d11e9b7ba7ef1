import { isRecord } from "../classify/error-records.ts";
import type { CorpusArrival, CorpusCase } from "./corpus-case.ts";

/** What a classifier is given: no more than a client sees. */
export interface CorpusInput {
  readonly provider: string;
  readonly arrives: CorpusArrival;
  readonly status?: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body of the answer, or the data of the event, as text. */
  readonly body?: string;
  /** What was thrown: an `Error` with the fields its SDK gives it. */
  readonly error?: unknown;
  readonly now: number;
}

/** A case as a client meets it. */
export function inputFor(entry: CorpusCase): CorpusInput {
  const { provider, arrives, status, headers, body, now } = entry;
  return {
    provider,
    arrives,
    ...(status !== undefined && { status }),
    headers,
    ...(arrives === "thrown" ? { error: thrownFrom(body) } : body !== undefined && { body: textOf(body) }),
    now,
  };
}

/** A body as it goes over the wire. */
export function textOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body ?? "");
}

function thrownFrom(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { message, cause, ...fields } = value;
  const error = new Error(typeof message === "string" ? message : "", cause === undefined ? {} : { cause: thrownFrom(cause) });
  return Object.assign(error, fields);
}

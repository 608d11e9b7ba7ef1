import { pino, stdTimeFunctions } from "pino";
import type { EventLevel } from "./event-level.ts";

/** A log of one JSON object a line. */
export interface JsonLog {
  /** `name` says what happened, in a word that does not change between versions; `text` says it to people. */
  write(level: EventLevel, name: string, text: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** What {@link createJsonLog} takes. */
export interface JsonLogOptions {
  /** Takes a line without its end. */
  readonly write: (line: string) => void;
  /** Removes secrets from a line, whichever member they are in. */
  readonly redact: (line: string) => string;
}

/** Writes `time` (ISO 8601), `level` (20 debug, 30 info, 40 warn, 50 error), `event`, the fields, and `msg`. */
export function createJsonLog({ write, redact }: JsonLogOptions): JsonLog {
  const logger = pino(
    { level: "debug", base: null, timestamp: stdTimeFunctions.isoTime, hooks: { streamWrite: redact } },
    { write: (line: string) => write(line.trimEnd()) },
  );
  return {
    write: (level, event, text, fields) => logger[level]({ event, ...fields }, text),
  };
}

import { parseJsonText, type JsonObject, type JsonValue } from "../json-text.ts";

/** What the command answered for one id: text that was not looked at yet, or why there is none. */
export type ExecAnswer = { readonly value: string; readonly expiresAt?: number } | { readonly problem: string };

/** Which ids a command is asked at once. */
export interface BatchLimits {
  readonly maxRefsPerProvider: number;
  readonly maxBatchBytes: number;
}

/** What a command is told on its stdin. */
export function formatRequest(provider: string, ids: readonly string[]): string {
  return JSON.stringify({ protocolVersion: 1, provider, ids });
}

/** Splits ids into as few requests as the limits allow. An id that fits in none stands in one of its own. */
export function splitIntoBatches(provider: string, ids: readonly string[], limits: BatchLimits): readonly (readonly string[])[] {
  const emptyBytes = Buffer.byteLength(formatRequest(provider, []));
  const batches: string[][] = [];
  let bytes = Infinity;
  for (const id of ids) {
    const idBytes = Buffer.byteLength(JSON.stringify(id)) + 1; // and a comma
    const batch = batches.at(-1);
    if (batch && batch.length < limits.maxRefsPerProvider && bytes + idBytes <= limits.maxBatchBytes) {
      batch.push(id);
      bytes += idBytes;
    } else {
      batches.push([id]);
      bytes = emptyBytes + idBytes - 1;
    }
  }
  return batches;
}

/** Whether a request is within the limit; one with a single id may not be. */
export function isWithinLimit(provider: string, ids: readonly string[], limits: BatchLimits): boolean {
  return Buffer.byteLength(formatRequest(provider, ids)) <= limits.maxBatchBytes;
}

/** How an answer is to be read. */
export interface ReadAnswerOptions {
  /** Whether output that is no answer of the protocol is itself the value, where one id was asked. */
  readonly acceptsText: boolean;
  readonly now: number;
}

/**
 * Reads what a command wrote to stdout: protocol version 1, or plain text where that is accepted. Only what
 * was asked is looked at. What is wrong is said by size and kind, never with a character of the output.
 */
export function readAnswer(
  stdout: Buffer,
  ids: readonly string[],
  options: ReadAnswerOptions,
): ReadonlyMap<string, ExecAnswer> | { readonly problem: string } {
  const text = decode(stdout);
  if (text === undefined) return { problem: `the output (${describe(stdout)}) is not UTF-8 text` };
  const parsed = parseJsonText(text);
  const answer = "value" in parsed && parsed.value instanceof Map ? parsed.value : undefined;
  const [only] = ids;
  if (options.acceptsText && ids.length === 1 && only !== undefined && answer?.get("protocolVersion") === undefined) {
    return new Map([[only, { value: text }]]);
  }
  const problem = problemOf(answer);
  if (answer === undefined || problem !== undefined) return { problem: `the output (${describe(stdout)}) ${problem ?? "is no answer"}` };
  return new Map(ids.map((id) => [id, readOne(answer, id, options.now)]));
}

function problemOf(answer: JsonObject | undefined): string | undefined {
  if (!answer) return "is not one JSON object";
  if (answer.get("protocolVersion") !== 1) return "is not of protocolVersion 1";
  if (!(answer.get("values") instanceof Map)) return "has no values";
  const isBroken = ["errors", "expiresAt"].some((name) => answer.has(name) && !(answer.get(name) instanceof Map));
  return isBroken ? "has errors or expiresAt that are not objects" : undefined;
}

function readOne(answer: JsonObject, id: string, now: number): ExecAnswer {
  // What the command says of it may quote the value, so that nothing of it is passed on.
  if (member(answer, "errors", id) !== undefined) return { problem: "the command reports an error for this id" };
  const value = member(answer, "values", id);
  if (value === undefined) return { problem: "the command's answer does not hold this id" };
  if (typeof value !== "string") return { problem: "the value is not text" };
  const expiry = member(answer, "expiresAt", id);
  if (expiry === undefined || expiry === null) return { value };
  const expiresAt = readTime(expiry);
  if (expiresAt === undefined) return { problem: "expiresAt is neither epoch milliseconds nor an RFC 3339 time" };
  return expiresAt > now ? { value, expiresAt } : { problem: "the value expired before it came (expiresAt is in epoch milliseconds)" };
}

function member(answer: JsonObject, name: string, id: string): JsonValue | undefined {
  const members = answer.get(name);
  return members instanceof Map ? members.get(id) : undefined;
}

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function readTime(value: JsonValue): number | undefined {
  if (typeof value === "string") return RFC_3339.test(value) ? finite(Date.parse(value.toUpperCase())) : undefined;
  return typeof value === "number" ? finite(value) : undefined;
}

function finite(time: number): number | undefined {
  return Number.isFinite(time) ? time : undefined;
}

function decode(stdout: Buffer): string | undefined {
  try {
    // A byte order mark is part of the text here: a command has no business writing one before JSON.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(stdout);
  } catch {
    return undefined;
  }
}

function describe(stdout: Buffer): string {
  return stdout.length === 0 ? "empty" : `${stdout.length} bytes, the first ${kindOf(stdout.toString("latin1", 0, 1))}`;
}

function kindOf(first: string): string {
  if (first === "{") return "an opening brace";
  if (/[A-Za-z]/.test(first)) return "a letter";
  if (/[0-9]/.test(first)) return "a digit";
  if (/\s/.test(first)) return "white space";
  return /[!-~]/.test(first) ? "a sign" : "neither ASCII nor printable";
}

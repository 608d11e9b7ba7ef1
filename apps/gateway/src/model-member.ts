import { GatewayError } from "./errors.ts";

/** The `model` member of a request body: its value, and where that value stands in the bytes. */
export interface ModelMember {
  readonly model: string;
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/**
 * Finds the top-level `model` of a JSON object without parsing the rest, so that the body can be
 * forwarded as the bytes it came in. The provider judges the rest.
 *
 * @throws {GatewayError} `invalid-request` when the body is no object, or its `model` is missing, no text, or there twice.
 */
export function findModel(body: Buffer): ModelMember {
  let found: ModelMember | undefined;
  let at = skipSpace(body, 0);
  if (body[at] !== BRACE_OPEN) throw invalid("the body must be a JSON object");
  at = skipSpace(body, at + 1);
  while (body[at] !== BRACE_CLOSE) {
    const keyEnd = skipString(body, at);
    const isModel = keyOf(body, at, keyEnd) === "model";
    at = skipSpace(body, keyEnd);
    if (body[at] !== COLON) throw invalid("the body is not valid JSON");
    const start = skipSpace(body, at + 1);
    const end = skipValue(body, start);
    if (isModel) {
      // Two readers may disagree on which of two counts: one to be checked, the other to be billed.
      if (found) throw invalid('"model" is given twice');
      found = { model: textOf(body, start, end), start, end };
    }
    at = skipSpace(body, end);
    if (body[at] === COMMA) at = skipSpace(body, at + 1);
    else if (body[at] !== BRACE_CLOSE) throw invalid("the body is not valid JSON");
  }
  if (!found) throw invalid('"model" is missing');
  return found;
}

/** The same body with another model name; every other byte as it was. */
export function replaceModel(body: Buffer, member: ModelMember, model: string): Buffer {
  if (member.model === model) return body;
  return Buffer.concat([body.subarray(0, member.start), Buffer.from(JSON.stringify(model)), body.subarray(member.end)]);
}

function keyOf(body: Buffer, start: number, end: number): string {
  const raw = body.subarray(start + 1, end - 1);
  return raw.includes(BACKSLASH) ? textOf(body, start, end) : raw.toString("latin1");
}

function textOf(body: Buffer, start: number, end: number): string {
  if (body[start] !== QUOTE) throw invalid('"model" must be a string');
  try {
    return String(JSON.parse(body.toString("utf8", start, end)));
  } catch {
    throw invalid("the body is not valid JSON");
  }
}

function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at += 1;
  return at;
}

/** Position after the string that starts here. */
function skipString(body: Buffer, from: number): number {
  if (body[from] !== QUOTE) throw invalid("the body is not valid JSON");
  for (let quote = body.indexOf(QUOTE, from + 1); quote !== -1; quote = body.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (body[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  throw invalid("the body is not valid JSON");
}

/** Position after the value that starts here. */
function skipValue(body: Buffer, from: number): number {
  if (body[from] === QUOTE) return skipString(body, from);
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = skipString(body, at) - 1;
    else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) depth += 1;
    else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && byte === COMMA) return at;
  }
  throw invalid("the body is not valid JSON");
}

function invalid(message: string): GatewayError {
  return new GatewayError("invalid-request", message);
}

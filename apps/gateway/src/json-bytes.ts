import { GatewayError } from "./errors.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;

/** Looks at a value that begins at a position, and says where it ends. */
type Visit = (start: number) => number;

export function isObjectAt(body: Buffer, at: number): boolean {
  return body[at] === BRACE_OPEN;
}

export function isListAt(body: Buffer, at: number): boolean {
  return body[at] === BRACKET_OPEN;
}

export function isTextAt(body: Buffer, at: number): boolean {
  return body[at] === QUOTE;
}

/** Goes through the members of the object that begins here; gives the position behind it. @throws {GatewayError} `invalid-request`. */
export function eachMember(body: Buffer, from: number, visit: (key: string, start: number) => number): number {
  let at = skipSpace(body, from + 1);
  while (body[at] !== BRACE_CLOSE) {
    const keyEnd = skipText(body, at);
    const key = keyOf(body, at, keyEnd);
    at = skipSpace(body, keyEnd);
    if (body[at] !== COLON) throw invalid("the body is not valid JSON");
    at = behindValue(body, visit(key, skipSpace(body, at + 1)), BRACE_CLOSE);
  }
  return at + 1;
}

/** Goes through the list that begins here; gives the position behind it. @throws {GatewayError} `invalid-request`. */
export function eachElement(body: Buffer, from: number, visit: Visit): number {
  let at = skipSpace(body, from + 1);
  while (body[at] !== BRACKET_CLOSE) at = behindValue(body, visit(at), BRACKET_CLOSE);
  return at + 1;
}

/** The text that stands there. @throws {GatewayError} `invalid-request`. */
export function textAt(body: Buffer, start: number, end: number): string {
  try {
    return String(JSON.parse(body.toString("utf8", start, end)));
  } catch {
    throw invalid("the body is not valid JSON");
  }
}

export function skipSpace(body: Buffer, from: number): number {
  let at = from;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at += 1;
  return at;
}

/** Position after the value that starts here. @throws {GatewayError} `invalid-request`. */
export function skipValue(body: Buffer, from: number): number {
  if (body[from] === QUOTE) return skipText(body, from);
  let depth = 0;
  for (let at = from; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) at = skipText(body, at) - 1;
    else if (byte === BRACE_OPEN || byte === BRACKET_OPEN) depth += 1;
    else if (byte === BRACE_CLOSE || byte === BRACKET_CLOSE) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && byte === COMMA) return at;
  }
  throw invalid("the body is not valid JSON");
}

export function invalid(message: string): GatewayError {
  return new GatewayError("invalid-request", message);
}

/** Where the next value begins, or the closing bracket stands. */
function behindValue(body: Buffer, end: number, closing: number): number {
  const at = skipSpace(body, end);
  if (body[at] === COMMA) return skipSpace(body, at + 1);
  if (body[at] !== closing) throw invalid("the body is not valid JSON");
  return at;
}

function keyOf(body: Buffer, start: number, end: number): string {
  const raw = body.subarray(start + 1, end - 1);
  return raw.includes(BACKSLASH) ? textAt(body, start, end) : raw.toString("latin1");
}

/** Position after the text that starts here. */
function skipText(body: Buffer, from: number): number {
  if (body[from] !== QUOTE) throw invalid("the body is not valid JSON");
  for (let quote = body.indexOf(QUOTE, from + 1); quote !== -1; quote = body.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (body[quote - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  throw invalid("the body is not valid JSON");
}

import { isAscii } from "node:buffer";
import type { IncomingHttpHeaders } from "node:http";
import type { Redactor } from "@openclaw/secrets";

type Headers = Record<string, string>;

/** What of a client's request a provider gets to see. Credentials and routing are never among it. */
const requestHeaders = ["accept", "content-type", "user-agent", "anthropic-version", "anthropic-beta", "openai-beta", "idempotency-key"];

/** RFC 9110 7.6.1, and what speaks of the provider's connection or host rather than of the answer. */
const droppedFromResponse: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "set-cookie",
  "alt-svc",
  "strict-transport-security",
]);

/** Headers to send on. Compression is declined, because errors and the first event must be read here. */
export function requestHeadersFor(incoming: IncomingHttpHeaders): Headers {
  const headers: Headers = { "accept-encoding": "identity" };
  for (const name of requestHeaders) {
    const value = incoming[name];
    if (typeof value === "string") headers[name] = value;
  }
  return headers;
}

/** Headers that describe the bytes of a body, and are wrong for any other bytes. */
const ofTheBytes: ReadonlySet<string> = new Set([
  "content-length",
  "content-encoding",
  "etag",
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
]);

/** What an answer's head is made of. */
export interface AnswerHeadParts {
  readonly headers: IncomingHttpHeaders;
  /** The same as they came, names and values in turn: in lower case a key is not known any more. */
  readonly raw: readonly (Buffer | string)[];
  readonly redactor: Redactor;
  /** Whether the body that goes out is as long as the one that came. */
  readonly keepsLength: boolean;
  readonly changes: HeaderChanges;
}

/** Headers that take the place of an answer's own; `undefined` removes one. */
export type HeaderChanges = Readonly<Record<string, string | undefined>>;

/**
 * Headers to answer with, names and values in turn. Known values are covered; a header that has one in its name is left out.
 *
 * Nearly every head is free of them, which one look at all of it tells.
 */
export function answerHead({ headers, raw, redactor, keepsLength, changes }: AnswerHeadParts): (string | string[])[] {
  const clean = isFree(raw, redactor) ? undefined : (text: string) => redactor.text(text);
  const unfit =
    clean && new Set([...spelt(raw), ...Object.keys(headers)].filter((name) => clean(name) !== name).map((name) => name.toLowerCase()));
  const list: (string | string[])[] = [];
  const replaced = Object.keys(changes);
  for (const name in headers) {
    const value = headers[name];
    // What the gateway says of an answer no provider says.
    if (value === undefined || droppedFromResponse.has(name) || name.startsWith("x-openclaw-") || replaced.includes(name)) continue;
    if (unfit?.has(name) || (name === "content-length" && !keepsLength)) continue;
    list.push(name, clean === undefined ? value : Array.isArray(value) ? value.map(clean) : clean(value));
  }
  for (const name in changes) {
    const value = changes[name];
    if (value !== undefined) list.push(name, value);
  }
  return list;
}

/** Whether no known value stands in a head: neither as it came, nor in its names as they are sent on. */
function isFree(raw: readonly (Buffer | string)[], redactor: Redactor): boolean {
  const head = regionOf(raw);
  // Beyond ASCII a text has other bytes than its header.
  if (!head || !isAscii(head) || redactor.bytes(head) !== head) return false;
  const changed = namesThatChange(raw);
  return changed === "" || redactor.text(changed) === changed;
}

const isUpperCase = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x41 && byte <= 0x5a ? 1 : 0));

/** The names that are spelt otherwise than they are sent on, as they are sent on. */
function namesThatChange(raw: readonly (Buffer | string)[]): string {
  let names = "";
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at];
    if (typeof name !== "object") continue;
    for (let index = 0; index < name.length; index += 1) {
      if (isUpperCase[name[index] ?? 0] !== 1) continue;
      names += `${name.toString("latin1").toLowerCase()}\n`;
      break;
    }
  }
  return names;
}

/** The part of memory that the names and values lie in, one behind the other, as they came from the connection; nothing where they do not. */
function regionOf(raw: readonly (Buffer | string)[]): Buffer | undefined {
  const [first] = raw;
  if (first === undefined || typeof first === "string") return undefined;
  const { buffer, byteOffset } = first;
  let end = byteOffset;
  for (const each of raw) {
    if (typeof each === "string" || each.buffer !== buffer || each.byteOffset < end) return undefined;
    end = each.byteOffset + each.length;
  }
  return Buffer.from(buffer, byteOffset, end - byteOffset);
}

function spelt(raw: readonly (Buffer | string)[]): readonly string[] {
  return raw.flatMap((each, index) => (index % 2 === 0 ? [String(each)] : []));
}

/** What is left of an answer's headers when its body is replaced by another. */
export function withoutBodyHeaders(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofTheBytes.has(name)));
}

import { isUtf8 } from "node:buffer";
import type { ByteRange } from "@openclaw/home";
import { eachElement, eachMember, invalid, isListAt, isObjectAt, isTextAt, skipSpace, skipValue, textAt } from "./json-bytes.ts";

/** A place of a request body that names the model: its value, and where that value stands in the bytes. */
export interface ModelMember {
  readonly model: string;
  readonly start: number;
  readonly end: number;
}

/** The `model` of a body, and where it may say whose conversation it is. */
export interface FoundModel extends ModelMember {
  /** Of OpenAI's requests. */
  readonly user: ByteRange | undefined;
  /** Of Anthropic's requests. */
  readonly metadata: ByteRange | undefined;
}

/**
 * Finds the top-level `model` of a JSON object without parsing the rest, so that the body can be
 * forwarded as the bytes it came in. The provider judges the rest.
 *
 * @throws {GatewayError} `invalid-request` when the body is no object, or its `model` is missing, no text, or there twice.
 */
export function findModel(body: Buffer): FoundModel {
  let found: ModelMember | undefined;
  let user: ByteRange | undefined;
  let metadata: ByteRange | undefined;
  const end = eachMember(body, startOf(body), (key, start) => {
    const valueEnd = skipValue(body, start);
    if (key === "user") user = { start, end: valueEnd };
    if (key === "metadata") metadata = { start, end: valueEnd };
    if (!isModel(key)) return valueEnd;
    // Two readers may disagree on which of two counts: one to be checked, the other to be billed.
    if (found) throw invalid('"model" is given twice');
    found = memberAt(body, start, valueEnd);
    return valueEnd;
  });
  requireEnd(body, end);
  if (!found) throw invalid('"model" is missing');
  return { ...found, user, metadata };
}

/**
 * Whether this member is the model, to whoever reads it next.
 *
 * @throws {GatewayError} `invalid-request` for `Model`: programs in Go, as some servers of models are, take it for the same.
 */
function isModel(key: string): boolean {
  if (key === "model") return true;
  if (key.length === 5 && key.toLowerCase() === "model") throw invalid('"model" is written in lower case');
  return false;
}

/** Where Google's requests may repeat the model of their path, which is the one that counts. `*` is each of a list, and Google reads both spellings of a name of several words. */
const repeated: readonly Place[] = [
  ["model"],
  ["requests", "*", "model"],
  ["generateContentRequest", "model"],
  ["generate_content_request", "model"],
];

type Place = readonly string[];

/**
 * Finds every place in which one of Google's requests repeats the model of its path.
 *
 * @throws {GatewayError} `invalid-request` when the body is no object, or something else than text stands in such a place.
 */
export function findRepeatedModels(body: Buffer): readonly ModelMember[] {
  const found: ModelMember[] = [];
  requireEnd(body, collect({ body, found }, startOf(body), repeated));
  return found;
}

/** The same body with another model name in each of these places; every other byte as it was. */
export function replaceModel(body: Buffer, members: readonly ModelMember[], model: string): Buffer {
  if (members.every((member) => member.model === model)) return body;
  const name = Buffer.from(JSON.stringify(model));
  const pieces = members.flatMap(({ start }, index) => [body.subarray(members[index - 1]?.end ?? 0, start), name]);
  return Buffer.concat([...pieces, body.subarray(members.at(-1)?.end ?? 0)]);
}

interface Search {
  readonly body: Buffer;
  readonly found: ModelMember[];
}

/** Looks at the value that begins here, and gives the position behind it. */
function collect(search: Search, at: number, places: readonly Place[]): number {
  const { body, found } = search;
  if (places.length === 0) return skipValue(body, at);
  if (places.some((place) => place.length === 0)) {
    const end = skipValue(body, at);
    found.push(memberAt(body, at, end));
    return end;
  }
  const below = (name: string) => places.flatMap(([first, ...rest]) => (first === name ? [rest] : []));
  if (isObjectAt(body, at)) return eachMember(body, at, (key, start) => collect(search, start, below(key)));
  if (!isListAt(body, at)) return skipValue(body, at);
  const each = below("*");
  return eachElement(body, at, (start) => collect(search, start, each));
}

function memberAt(body: Buffer, start: number, end: number): ModelMember {
  if (!isTextAt(body, start)) throw invalid('"model" must be a string');
  return { model: textAt(body, start, end), start, end };
}

/** Bytes that are no text may be left out by whoever reads them next, and make another name of one. */
function startOf(body: Buffer): number {
  if (!isUtf8(body)) throw invalid("the body must be UTF-8");
  const at = skipSpace(body, 0);
  if (!isObjectAt(body, at)) throw invalid("the body must be a JSON object");
  return at;
}

/** A second document behind the first might be the one that counts for whoever reads it next. */
function requireEnd(body: Buffer, at: number): void {
  if (skipSpace(body, at) < body.length) throw invalid("the body must be one JSON object and nothing else");
}

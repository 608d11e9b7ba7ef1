import { findErrorRecords, isRecord, leadingJson } from "./error-records.ts";

/** What a body or a thrown object says in fields made for it. */
export interface BodyFacts {
  readonly status: number | undefined;
  readonly codes: readonly string[];
  /** What it says, as it was sent. */
  readonly messages: readonly string[];
  /** The same without the names of the request's in it. */
  readonly words: readonly string[];
  /** What a vendor behind an aggregator said. */
  readonly relayed: readonly string[];
  /** It holds an error object, so that it is an error whatever the status was. */
  readonly hasErrorObject: boolean;
  /** The objects in it that describe the error. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** It is a page that a proxy wrote. */
  readonly isPage: boolean;
}

const noFacts: BodyFacts = {
  status: undefined,
  codes: [],
  messages: [],
  words: [],
  relayed: [],
  hasErrorObject: false,
  records: [],
  isPage: false,
};

const codeFields = ["code", "type", "status", "reason", "__type", "error_code", "statusCode", "status_code", "http_code"];
const messageFields = ["message", "msg", "detail", "error_description", "error", "errorMessage", "details"];

/** What a wrapper calls itself, what Python writes for nothing, and the type of an error that has none (RFC 9457). */
const noCodes: ReadonlySet<string> = new Set(["error", "None", "null", "about:blank"]);

/** An error says what it has to say at its beginning. */
const LONGEST_MESSAGE = 8192;

/** Leaves of a JSON of an unknown shape. */
const MOST_LEAVES = 64;

/** Nothing but a text. */
export function plainFacts(text: string): BodyFacts {
  return { ...noFacts, messages: [text], words: [text] };
}

/** Reads an error body: JSON as vendors write it, or plain text. An HTML page is written by a proxy, so nothing in it counts. */
export function readBody(text: string): BodyFacts {
  if (/^\s{0,99}<(?:!doctype|html|head|body|!--)/i.test(text)) return { ...noFacts, isPage: true };
  // Some SDKs write the status before the body: `429 {"error":…}`.
  const { before = "", value } = leadingJson(text) ?? {};
  const facts = readFacts(value);
  if (facts.messages.length > 0 || facts.codes.length > 0 || facts.status !== undefined) {
    return { ...facts, messages: [before, ...facts.messages], words: [before, ...facts.words] };
  }
  // What is no JSON, or has a shape nobody knows, is at least text.
  const messages = value === undefined ? [text] : [before, ...leavesOf(value)];
  return { ...facts, messages, words: messages };
}

/** Reads the fields of an error object, innermost first. */
export function readFacts(value: unknown): BodyFacts {
  const { records, isError, relayed } = findErrorRecords(value);
  const codes = records.flatMap((record) => codeFields.map((field) => readCode(record[field])).filter((code) => code !== undefined));
  const messages = records.flatMap((record) =>
    messageFields.map((field) => record[field]).flatMap((text) => (typeof text === "string" ? [text.slice(0, LONGEST_MESSAGE)] : [])),
  );
  const statuses = codes.map(Number).filter((code) => code >= 400 && code < 600);
  return {
    status: statuses[0],
    // A status is counted as one.
    codes: codes.filter((code) => !noCodes.has(code) && !statuses.includes(Number(code))),
    messages,
    words: messages.map((text) => withoutNames(text)),
    relayed,
    hasErrorObject: isError,
    records,
    isPage: false,
  };
}

/** The order of fields says nothing, so it is taken away. */
function leavesOf(value: unknown): readonly string[] {
  const leaves: string[] = [];
  const open: (readonly [path: string, value: unknown])[] = [["", value]];
  for (let entry = open.pop(); entry && leaves.length < MOST_LEAVES; entry = open.pop()) {
    const [path, inner] = entry;
    if (typeof inner === "string" || typeof inner === "number") leaves.push(`${path}: ${String(inner)}`);
    const children = isRecord(inner) ? Object.entries(inner) : Array.isArray(inner) ? Object.entries(inner.slice(0, MOST_LEAVES)) : [];
    const sorted = children.toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(0, MOST_LEAVES);
    open.push(...sorted.toReversed().map(([key, child]) => [path.length > 200 ? path : `${path} ${key}`, child] as const));
  }
  return leaves;
}

/** What stands in quotes or brackets is a name of the request's, such as a parameter called `quota`; not so in JSON within a text. */
function withoutNames(text: string): string {
  if (/[{[]\s{0,9}["'{[]/.test(text)) return text;
  return text.replaceAll(/(?<!\w)'[^'\n]{1,120}'(?!\w)|`[^`\n]{1,120}`|(?<!\w)"[^"\n]{1,120}"(?!\w)|\[[\w.-]{1,80}\]/g, "it");
}

function readCode(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" && value.length <= 200 ? value : undefined;
}

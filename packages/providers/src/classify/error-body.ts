/** What a body or a thrown object says in fields made for it. */
export interface BodyFacts {
  readonly status: number | undefined;
  readonly codes: readonly string[];
  readonly messages: readonly string[];
  /** It holds an error object, so that it is an error whatever the status was. */
  readonly hasErrorObject: boolean;
}

/** Longer bodies are judged by their text alone. */
const LONGEST_JSON = 65_536;

const noFacts: BodyFacts = { status: undefined, codes: [], messages: [], hasErrorObject: false };

const codeFields = ["code", "type", "status", "reason", "__type", "error_code", "statusCode"];
const messageFields = ["message", "msg", "detail", "error_description", "error", "errorMessage", "raw"];

/** Reads an error body: JSON as vendors write it, or plain text. An HTML page is written by a proxy, so nothing in it counts. */
export function readBody(text: string): BodyFacts {
  if (/^\s{0,99}<(?:!doctype|html|head|body)\b/i.test(text)) {
    return noFacts;
  }
  // Some SDKs write the status before the body: `429 {"error":…}`.
  const lead = /^[^{[]{0,40}(?=[{[])/.exec(text)?.[0];
  const facts = lead === undefined ? noFacts : readFacts(readJson(text.slice(lead.length)));
  // What is no JSON, or has a shape nobody knows, is at least text.
  if (facts.messages.length === 0 && facts.codes.length === 0 && facts.status === undefined) return { ...facts, messages: [text] };
  return { ...facts, messages: [lead ?? "", ...facts.messages] };
}

/** Reads the fields of an error object, innermost first, since wrappers know less than what they wrap. */
export function readFacts(value: unknown): BodyFacts {
  const top = Array.isArray(value) ? value.find((entry) => isRecord(entry)) : value;
  if (!isRecord(top)) return noFacts;
  const response = isRecord(top.response) ? top.response : {};
  const inner = [top.error, response.error].filter((entry) => isRecord(entry));
  const records = [...inner, top, ...[...inner, top].flatMap((record) => detailsOf(record))];
  const codes = records.flatMap((record) => codeFields.map((field) => readCode(record[field])).filter((code) => code !== undefined));
  const statuses = codes.map(Number).filter((code) => code >= 400 && code < 600);
  return {
    status: statuses[0],
    // What a wrapper calls itself is no code, and a status is counted as one.
    codes: codes.filter((code) => code !== "error" && !statuses.includes(Number(code))),
    messages: records.flatMap((record) => messageFields.map((field) => record[field]).filter((text) => typeof text === "string")),
    hasErrorObject: inner.length > 0 || top.type === "error",
  };
}

/** Whether a value is an object whose fields may be asked for. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Google's `details`, the `errors` of lists, and what OpenRouter hands on of the vendor behind it. */
function detailsOf(record: Record<string, unknown>): readonly Record<string, unknown>[] {
  const lists = ["details", "errors", "detail"].flatMap((field) => {
    const list: unknown = record[field];
    return Array.isArray(list) ? list.slice(0, 8) : [];
  });
  return [record.metadata, ...lists].filter((entry) => isRecord(entry));
}

function readCode(value: unknown): string | undefined {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" && value.length <= 200 ? value : undefined;
}

function readJson(text: string): unknown {
  if (text.length > LONGEST_JSON) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

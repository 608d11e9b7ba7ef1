/** Deeper wrappings hold nothing new: an SDK's message in a relay's message in an error. */
const DEEPEST = 3;

/** Longer bodies are judged by their text alone. */
const LONGEST_JSON = 65_536;

/** More objects than any error has. */
const MOST_RECORDS = 32;

/** Where a body says what went wrong. */
export interface ErrorRecords {
  /** The objects that describe the error, those that know most first: wrappers know less than what they wrap. */
  readonly records: readonly Readonly<Record<string, unknown>>[];
  /** Something made for it says that there was an error, so that it is one whatever the status was. */
  readonly isError: boolean;
  /** What a vendor behind an aggregator said, as text: of the aggregator's own credentials it says nothing. */
  readonly relayed: readonly string[];
}

const none: ErrorRecords = { records: [], isError: false, relayed: [] };

/** Finds the objects in an error body, or in something thrown, that vendors made for errors. Never looks at a model's answer. */
export function findErrorRecords(value: unknown, depth = 0): ErrorRecords {
  const top = Array.isArray(value) ? value.find((entry) => isRecord(entry)) : value;
  if (!isRecord(top) || depth > DEEPEST) return none;
  const response = isRecord(top.response) ? top.response : {};
  const streamed = awsStreamErrors(top);
  const failed = failedBase(top.base_resp);
  const inner = [top.error, response.error, ...streamed, ...failed].filter((entry) => isRecord(entry));
  const own = [...inner, top];
  const details = own.flatMap((record) => detailsOf(record));
  const wrapped = own.flatMap((record) => wrappedIn(record, depth));
  return {
    records: [...wrapped, ...own, ...details].slice(0, MOST_RECORDS),
    isError: inner.length > 0 || top.type === "error" || top.success === false,
    relayed: own.flatMap((record) => (isRecord(record.metadata) && typeof record.metadata.raw === "string" ? [record.metadata.raw] : [])),
  };
}

/** Whether a value is an object whose fields may be asked for. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A status, the frame of an event, or the names of errors may stand before an error in JSON. Other words quote it. */
const lead =
  /^\s{0,9}(?:event: ?\w{1,20}\n)?(?:data: ?)?(?:(?:error|http|status(?: code)?):? ){0,3}(?:[45]\d\d[:,]?\s)?(?:(?:[a-z]{1,20}\.)?[a-z]{1,60}(?:Error|Exception)(?:: | - )){0,2}(?=[{[])/i;

/** The JSON a text is, and what stands before it; `undefined` where it is none. */
export function leadingJson(text: string): { readonly before: string; readonly value: unknown } | undefined {
  const before = lead.exec(text)?.[0];
  return before === undefined ? undefined : { before, value: readJson(text.slice(before.length)) };
}

/** JSON, or `undefined` for what is none or too long to be an error. */
export function readJson(text: string): unknown {
  if (text.length > LONGEST_JSON) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Google's `details`, the `errors` of lists, FastAPI's `detail`, and what OpenRouter adds of the vendor behind it. */
function detailsOf(record: Record<string, unknown>): readonly Record<string, unknown>[] {
  const lists = ["details", "errors", "detail"].flatMap((field) => {
    const list: unknown = record[field];
    return Array.isArray(list) ? list.slice(0, 8) : [list];
  });
  const { message, metadata, innererror } = record;
  return [metadata, innererror, ...lists, message].filter((entry) => isRecord(entry));
}

/** Relays and SDKs put the error they got, as JSON, into the message of their own. */
function wrappedIn(record: Record<string, unknown>, depth: number): readonly Record<string, unknown>[] {
  return ["message", "error"].flatMap((field) => {
    const text: unknown = record[field];
    return typeof text === "string" ? findErrorRecords(leadingJson(text)?.value, depth + 1).records : [];
  });
}

/** AWS's event streams name an event after its exception: `{ "throttlingException": { … } }`. */
function awsStreamErrors(top: Record<string, unknown>): readonly Record<string, unknown>[] {
  return Object.keys(top)
    .filter((key) => /^[a-z]{1,60}Exception$/i.test(key))
    .toSorted()
    .flatMap((key) => {
      const event = top[key];
      return isRecord(event) ? [{ ...event, code: key }] : [];
    });
}

/** MiniMax answers 200 and says in `base_resp` whether it is one: anything but 0 is an error. */
function failedBase(base: unknown): readonly Record<string, unknown>[] {
  const isFailed = isRecord(base) && base.status_code !== 0 && base.status_code !== "0" && base.status_code !== undefined;
  return isFailed ? [{ code: base.status_code, message: base.status_msg }] : [];
}

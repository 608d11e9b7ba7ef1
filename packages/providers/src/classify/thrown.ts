import type { HeaderReader } from "../limits.ts";
import { plainFacts, readBody, readFacts, type BodyFacts } from "./error-body.ts";
import { isRecord } from "./error-records.ts";

/** An error, what it wraps, and so on. Deeper chains add nothing. */
const DEEPEST = 4;

/** Whether the request was given up by its caller. That is no failure of anybody. */
export function isAbort(error: unknown): boolean {
  return chainOf(error).some((link) => link.name === "AbortError" || link.code === "ABORT_ERR" || link.code === "UND_ERR_ABORTED");
}

/** Whether a credential could not be had at all: nothing was asked of the provider. */
export function isCredentialError(error: unknown): boolean {
  if (!isRecord(error)) return false;
  const { name, code } = error;
  return name === "AuthProfileError" || name === "SecretsError" || (name === "ProviderError" && code === "secret-unsendable");
}

/** What something thrown says of itself: errors of Node, undici, `fetch` and the SDKs of vendors. */
export function readThrown(error: unknown): BodyFacts {
  if (typeof error === "string") return plainFacts(error);
  const all = chainOf(error).flatMap((link) => [...bodiesOf(link), ownFacts(link)]);
  return {
    status: all.find((fact) => fact.status !== undefined)?.status,
    codes: all.flatMap((fact) => fact.codes),
    messages: all.flatMap((fact) => fact.messages),
    words: all.flatMap((fact) => fact.words),
    relayed: all.flatMap((fact) => fact.relayed),
    hasErrorObject: true,
    records: all.flatMap((fact) => fact.records),
    isPage: all.some((fact) => fact.isPage),
  };
}

/** Headers an SDK left on its error. */
export function headersOf(error: unknown): HeaderReader {
  const found = chainOf(error).flatMap((link) => {
    const response = isRecord(link.response) ? link.response.headers : undefined;
    return [link.headers, link.responseHeaders, response];
  });
  const headers = found.find((value) => value instanceof Headers || isRecord(value));
  return (name) => {
    const value: unknown = headers instanceof Headers ? headers.get(name) : isRecord(headers) ? headers[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
}

/** Where SDKs leave the body: the object, the error object in it, or its text. */
function bodiesOf(link: Record<string, unknown>): readonly BodyFacts[] {
  const data = isRecord(link.response) ? link.response.data : undefined;
  const texts = [link.responseBody, link.body].filter((text) => typeof text === "string");
  return [readFacts(link.error), readFacts(data), ...texts.map((text) => readBody(text))];
}

function ownFacts(link: Record<string, unknown>): BodyFacts {
  const { code, type, status, statusCode, message, name, $metadata: aws } = link;
  const own = readFacts({ code, type, status, statusCode, message });
  // AWS names its errors after their code.
  const named = typeof name === "string" && name.endsWith("Exception") ? [name] : [];
  const answered = isRecord(aws) ? readFacts({ status: aws.httpStatusCode }).status : undefined;
  return { ...own, status: own.status ?? answered, codes: [...own.codes, ...named] };
}

function chainOf(error: unknown): readonly Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let link = error; isRecord(link) && chain.length < DEEPEST; link = link.cause) chain.push(link);
  return chain;
}

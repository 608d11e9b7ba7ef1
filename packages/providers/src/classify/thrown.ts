import type { HeaderReader } from "../limits.ts";
import { isRecord, readFacts, type BodyFacts } from "./error-body.ts";

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
  if (typeof error === "string") return { status: undefined, codes: [], messages: [error], hasErrorObject: false };
  const facts = chainOf(error).map((link) => {
    const { code, type, status, statusCode, message, name } = link;
    const own = readFacts({ code, type, status, statusCode, message });
    // AWS names its errors after their code.
    const named = typeof name === "string" && name.endsWith("Exception") ? [name] : [];
    // SDKs leave the body, or the error object in it, as `error`.
    return [readFacts(link.error), { ...own, codes: [...own.codes, ...named] }];
  });
  const all = facts.flat();
  return {
    status: all.find((fact) => fact.status !== undefined)?.status,
    codes: all.flatMap((fact) => fact.codes),
    messages: all.flatMap((fact) => fact.messages),
    hasErrorObject: true,
  };
}

/** Headers an SDK left on its error. */
export function headersOf(error: unknown): HeaderReader {
  const headers = isRecord(error) ? error.headers : undefined;
  return (name) => {
    const value: unknown = headers instanceof Headers ? headers.get(name) : isRecord(headers) ? headers[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
}

function chainOf(error: unknown): readonly Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  for (let link = error; isRecord(link) && chain.length < DEEPEST; link = link.cause) chain.push(link);
  return chain;
}

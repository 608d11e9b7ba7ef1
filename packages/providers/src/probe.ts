import { abortable, createRedactor, type Candidate, type Clock, type Credential } from "@openclaw/secrets";
import { authorize } from "./authorize.ts";
import { classifyFailure } from "./classify.ts";
import { isRecord } from "./classify/error-records.ts";
import { ask, type Answer, type ProbeFetch } from "./probe/ask.ts";
import { judgeAnswer, judged } from "./probe/judge-answer.ts";
import { needsModel, probeRequest, type ProbeRequest } from "./probe/probe-request.ts";
import type { ProbeResult } from "./probe/probe-result.ts";
import { isDecisiveLine } from "./probe/read-answer.ts";
import { unresolved } from "./probe/unresolved.ts";
import type { ProviderSpec } from "./spec.ts";

/** What is tried out, and how. */
export interface ProbeOptions {
  readonly spec: ProviderSpec;
  /** One that `parseBaseUrl` passed. Which addresses its name may have is for `fetch` to see to. */
  readonly baseUrl: URL;
  /** As the provider is sent it. Services that are no chat models need none. */
  readonly model?: string | undefined;
  /** Resolved as for a request: a login that has ended is refreshed. */
  readonly candidate: Candidate;
  /** For all of it: getting the credential, connecting, and the whole answer. */
  readonly timeoutMs: number;
  /** How many tokens a model may write. */
  readonly maxTokens: number;
  /** Must follow no redirect where it is told so. */
  readonly fetch: ProbeFetch;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Tries a credential out with the smallest request there is, and says how it fared by the rules that requests are judged
 * by. One request; a second one only where a request would make it too, because a refused login could be renewed.
 *
 * @throws the signal's reason, once it is aborted. Nothing else: whatever goes wrong is a result.
 */
export async function probe(options: ProbeOptions): Promise<ProbeResult> {
  const { spec, baseUrl, model, candidate, timeoutMs, maxTokens, clock } = options;
  options.signal?.throwIfAborted();
  if (model === undefined && needsModel(spec)) {
    return { status: "no_model", reasonCode: "no_model", error: `No model of ${spec.id} is known to ask.` };
  }
  const deadline = new AbortController();
  const done = new AbortController();
  clock.sleep(timeoutMs, done.signal).then(
    () => deadline.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError")),
    () => undefined,
  );
  const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
  const isLate = () => deadline.signal.aborted && options.signal?.aborted !== true;

  async function resolve(rejected?: Credential): Promise<Credential | ProbeResult> {
    try {
      return await abortable((async () => candidate.resolve({ signal, ...(rejected && { rejected }) }))(), signal);
    } catch (error) {
      options.signal?.throwIfAborted();
      return isLate() ? { status: "timeout", error: `The credential could not be had within ${timeoutMs} ms.` } : unresolved(error);
    }
  }

  /** What is said where no whole answer came. */
  function failed(error: unknown): ProbeResult {
    options.signal?.throwIfAborted();
    if (isLate()) return { status: "timeout", error: `No answer within ${timeoutMs} ms.` };
    return { ...judged(classifyFailure({ error }, spec, clock.now())), ...describe(error, baseUrl) };
  }

  async function send(credential: Credential): Promise<ProbeResult> {
    const request = probeRequest(spec, { baseUrl, model, maxTokens, attributes: credential.attributes });
    if (!request) return { status: "unknown", error: `${spec.id} has no request that shows this for nothing.` };
    let headers: Record<string, string>;
    try {
      headers = authorize(request.endpoint, credential, request.headers);
    } catch (error) {
      return unresolved(error);
    }
    const startedAt = clock.now();
    const timed = (result: ProbeResult): ProbeResult => ({ ...result, latencyMs: Math.max(0, clock.now() - startedAt) });
    try {
      const answer = await ask({
        ...questionOf(request),
        headers,
        fetch: options.fetch,
        signal,
        isEnough: (line) => isDecisiveLine(line, request.api),
      });
      options.signal?.throwIfAborted();
      return timed(judgeAnswer(redacted(answer, credential), { spec, api: request.api, now: clock.now(), failed }));
    } catch (error) {
      return timed(failed(error));
    }
  }

  try {
    const credential = await resolve();
    if ("status" in credential) return credential;
    const result = await send(credential);
    if (result.httpStatus !== 401 || candidate.isRenewable !== true) return result;
    const renewed = await resolve(credential);
    return "status" in renewed || isSameSecret(renewed, credential) ? result : await send(renewed);
  } finally {
    done.abort();
  }
}

function questionOf({ endpoint, method, body }: ProbeRequest): { url: URL; method: "GET" | "POST"; body: string | undefined } {
  return { url: endpoint.url, method, body };
}

/** Providers repeat keys in their errors. */
function redacted(answer: Answer, credential: Credential): Answer {
  if (!("secret" in credential)) return answer;
  const redactor = createRedactor();
  redactor.add(credential.secret);
  const header = (name: string) => {
    const value = answer.header(name);
    return value === undefined ? undefined : redactor.text(value);
  };
  return { ...answer, header, text: redactor.text(answer.text) };
}

function isSameSecret(left: Credential, right: Credential): boolean {
  return "secret" in left && "secret" in right && left.secret.equals(right.secret);
}

/** Of a connection that failed only the code is told: clients quote what they were given. An error with a hint is one of ours. */
function describe(error: unknown, { origin }: URL): Pick<ProbeResult, "error" | "hint"> {
  for (let link = error, depth = 0; isRecord(link) && depth < 4; link = link.cause, depth += 1) {
    const { message, hint, code } = link;
    if (typeof message === "string" && typeof hint === "string") return { error: message, hint };
    if (typeof code === "string") return { error: `The connection to ${origin} failed (${code}).` };
  }
  return { error: `The connection to ${origin} failed.` };
}

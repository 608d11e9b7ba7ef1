import {
  createHealth,
  profileFailover,
  renewOnce,
  rotate,
  type Advance,
  type Failure,
  type Health,
  type Plan,
  type RotationEvent,
  type Settled,
} from "@openclaw/key-rotation";
import { createRedactor, systemClock, type Clock, type Credential, type Redactor } from "@openclaw/secrets";
import { authorize } from "./authorize.ts";
import { classifyFailure } from "./classify.ts";
import { cleanThrown } from "./clean-answer.ts";
import { ProviderError } from "./errors.ts";
import { headerReader } from "./header-reader.ts";
import { readHeadroom } from "./headroom.ts";
import { holdAnswer, type HeldAnswer } from "./held-answer.ts";
import { recoveryHeaders } from "./recovery-headers.ts";
import type { RequestEndpoint } from "./request-endpoint.ts";
import { endToEndHeaders } from "./request-parts.ts";
import { createSentSecrets } from "./sent-secrets.ts";
import { systemFetch, type Fetch } from "./system-fetch.ts";

/** What requests are sent with. */
export interface SenderOptions {
  /** One in memory unless given. */
  readonly health?: Health;
  /** What follows a failure. `profileFailover()` unless given, with one renewal after a 401 of what can be renewed. */
  readonly advance?: Advance;
  /** Whose requests these are, one conversation: it keeps its credential while that is healthy. Nothing is kept unless given. */
  readonly session?: string;
  /** The system's unless given. */
  readonly fetch?: Fetch;
  readonly clock?: Clock;
  /** When all credentials cool down: wait so long at most for the first to recover. 0 unless given. */
  readonly maxWaitMs?: number;
  readonly onEvent?: (event: RotationEvent) => void;
  /** Learns every secret before it is sent. Errors, headers and error events of streams pass through it. One of its own unless given. */
  readonly redactor?: Redactor;
}

/** A request that may be sent more than once. */
export interface SendableRequest {
  readonly endpoint: RequestEndpoint;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
  readonly signal: AbortSignal | undefined;
  /** What else `fetch` is to be told, such as a dispatcher. */
  readonly init?: RequestInit | undefined;
}

interface Attempt {
  readonly answer: HeldAnswer;
  readonly failure: Failure | undefined;
}

/**
 * Sends requests with one credential of a plan after another, as `rotate` and the policy say. The last answer comes back as it
 * came, but for secrets it repeats; of a rate limit with the time at which the first of the credentials recovers.
 */
export function createSender(options: SenderOptions): (plan: Plan, request: SendableRequest) => Promise<Response> {
  const { clock = systemClock, fetch = systemFetch, redactor = createRedactor(), onEvent, maxWaitMs, session } = options;
  const { health = createHealth({ clock }), advance = renewOnce(profileFailover(), { clock }) } = options;
  const secrets = createSentSecrets(redactor);

  async function attempt(request: SendableRequest, credential: Credential): Promise<Attempt> {
    const { endpoint, signal } = request;
    const sent = "secret" in credential ? credential.secret : undefined;
    if (sent) secrets.remember(credential.id, sent);
    const headers = authorize(endpoint, credential, endToEndHeaders(request.headers));
    const { spec } = endpoint;
    const isHiddenError = (errorText: string) => classifyFailure({ status: 200, errorText }, spec, clock.now()) !== undefined;
    const held = { redactor, sent, clock, signal, ...(spec.hidesErrors && { isHiddenError }) };
    const answer = await holdAnswer(await ask(request, headers), held);
    return { answer, failure: answer.outcome && classifyFailure(answer.outcome, spec, clock.now()) };
  }

  async function ask({ endpoint, method, body, signal, init }: SendableRequest, headers: Record<string, string>): Promise<Response> {
    const own: RequestInit = { ...init, method, headers, body, redirect: "manual", signal: signal ?? null };
    const response = await fetch(endpoint.url.href, own).catch((error: unknown) => {
      throw cleanThrown(error, redactor);
    });
    if (response.type !== "opaqueredirect" && (response.status < 300 || response.status >= 400)) return response;
    void response.body?.cancel().catch(() => undefined);
    throw redirectRefused(response.status, endpoint);
  }

  return async (plan, request) => {
    const { endpoint, signal } = request;
    const classify = (settled: Settled<Attempt>) =>
      settled.status === "fulfilled" ? settled.value.failure : classifyThrown(settled.reason, endpoint, clock.now());
    const { answer, failure } = await rotate<Attempt>(plan, (credential) => attempt(request, credential), {
      classify,
      advance,
      health,
      measure: (attempt) => readHeadroom(headerReader(attempt.answer.headers), clock.now()),
      discard: (attempt) => attempt.answer.discard(),
      ending: async (attempt) => {
        const late = await attempt.answer.ended;
        return late && classifyFailure(late, endpoint.spec, clock.now());
      },
      clock,
      ...(signal && { signal }),
      ...(onEvent && { onEvent }),
      ...(session !== undefined && { session }),
      ...(maxWaitMs !== undefined && { maxWaitMs }),
    });
    const earliest = failure?.class === "rate_limit" ? health.earliest(plan) : undefined;
    return answer.take(earliest === undefined ? {} : { "retry-after-ms": undefined, ...recoveryHeaders(earliest, clock.now()) });
  };
}

/** What this package refuses is about the request, not about a credential; only a secret that cannot be sent is. */
function classifyThrown(error: unknown, { spec }: RequestEndpoint, now: number): Failure | undefined {
  if (error instanceof ProviderError && error.code !== "secret-unsendable") return undefined;
  return classifyFailure({ error }, spec, now);
}

function redirectRefused(status: number, { spec }: RequestEndpoint): ProviderError {
  return new ProviderError("redirect-refused", `${spec.id} answered with a redirect (${status}), which is not followed`, {
    hint: `a redirect would take the credential to another address; make that the base URL (models.providers.${spec.id}.baseUrl), if you trust it`,
  });
}

import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { credentialHint, modelName, type HomeSnapshot } from "@openclaw/home";
import {
  rotate,
  RotationError,
  type AttemptContext,
  type FailedAttempt,
  type Failure,
  type Plan,
  type RotateOptions,
} from "@openclaw/key-rotation";
import { authorize, type Endpoint } from "@openclaw/providers";
import type { Candidate, Credential } from "@openclaw/secrets";
import { allowedPlan } from "./allowed-plan.ts";
import type { CallRecord } from "./call.ts";
import type { Caller } from "./caller.ts";
import { connectionError } from "./connection-error.ts";
import type { GatewayContext } from "./context.ts";
import type { CredentialTrail } from "./credential-trail.ts";
import { endpointOf } from "./endpoint-of.ts";
import { GatewayError, isOwnError } from "./errors.ts";
import { requestHeadersFor, type HeaderChanges } from "./forwarded-headers.ts";
import { createAnswerJudge, judgeError, type AnswerJudge } from "./judge-answer.ts";
import type { ModelMember } from "./model-member.ts";
import { bodyFor } from "./requested-model.ts";
import type { Surface } from "./surfaces.ts";
import type { Target } from "./targets.ts";
import { requestIdOf } from "./request-ids.ts";
import { sendUpstream, type Upstream } from "./upstream.ts";

/** A client's request, as every attempt needs it. */
export interface ClientRequest {
  /** What the gateway knew when the request came: all of it is answered from this one reading. */
  readonly home: HomeSnapshot;
  readonly surface: Surface;
  readonly caller: Caller;
  readonly headers: IncomingHttpHeaders;
  /** What is sent on of the client's query, with its question mark. */
  readonly query: string;
  readonly body: Buffer;
  /** Where the body names the model. */
  readonly members: readonly ModelMember[];
  /** Keeps its credential while that is healthy. */
  readonly session: string | undefined;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
  /** Counts the credentials that are asked. */
  readonly record: CallRecord;
}

/** What became of a request at one model: a provider's answer, or an error instead of one. */
export type ModelOutcome = Answered | Unanswered;

interface Asked {
  readonly target: Target;
  /** None where it could not be made. */
  readonly plan: Plan | undefined;
  readonly failure: Failure | undefined;
  /** The earliest recovery, where none of the credentials can be tried now. Looks at each of them. */
  retryAt(): number | undefined;
}

/** A provider's answer, which is handed on or dropped. */
export interface Answered extends Asked {
  readonly kind: "answer";
  readonly plan: Plan;
  readonly served: Candidate;
  /** With these headers in the place of its own. */
  deliver(response: ServerResponse, changes: HeaderChanges): void;
  discard(): void;
}

export interface Unanswered extends Asked {
  readonly kind: "error";
  readonly error: unknown;
  /** What became of the credentials, where that is what it is about. */
  readonly trail: CredentialTrail | undefined;
}

interface Attempt {
  readonly upstream: Upstream;
  readonly served: Candidate;
  readonly failure: Failure | undefined;
}

/**
 * Asks one model with its credentials in order, as `rotate` and the policy of this home say. `onAsk` is called when it can be
 * asked: it speaks the client's dialect, and there is a credential.
 */
export async function askModel(
  target: Target,
  request: ClientRequest,
  context: GatewayContext,
  onAsk: () => void = () => undefined,
): Promise<ModelOutcome> {
  const { health } = context;
  const { home, signal } = request;
  const tried: FailedAttempt[] = [];
  let plan: Plan | undefined;
  try {
    const { endpoint, isLocal } = endpointOf(target, request.surface, home);
    const judge = createAnswerJudge(endpoint, () => context.clock.now());
    const planned = (plan = planFor(target, request));
    const attempt = createAttempt({ target, request, context, endpoint, isLocal, judge });
    if (planned.candidates.length > 0) onAsk();
    const answer = await rotate(planned, attempt, {
      ...rotateOptions({ target, request, context, judge }),
      // A pin is nobody's own choice: it neither follows a session nor moves one.
      ...(request.session !== undefined && target.profileId === undefined && { session: request.session }),
      onEvent(event) {
        if (event.type === "failed") {
          tried.push(event);
          request.record.failure = event.failure.class;
        }
        context.onEvent({ ...event, requestId: request.record.id });
      },
    });
    return {
      kind: "answer",
      target,
      plan,
      failure: answer.failure,
      served: answer.served,
      retryAt: () => health.earliest(planned),
      deliver(response, changes) {
        request.record.firstByteAt = performance.now();
        answer.upstream.take(response, changes);
      },
      discard: () => answer.upstream.discard(),
    };
  } catch (error) {
    signal.throwIfAborted();
    // Before there is a plan, it is the store that is broken, or the pin, and not one of its profiles.
    const failure = failureOf(error, { isOfCredential: plan !== undefined, now: context.clock.now() });
    if (!plan) {
      const isPinned = target.profileId !== undefined;
      return { kind: "error", target, plan, error, retryAt: () => undefined, trail: undefined, failure: isPinned ? undefined : failure };
    }
    const planned = plan;
    const isOfCredentials = error instanceof RotationError || isOwnError(error);
    return {
      kind: "error",
      target,
      plan,
      error: error instanceof RotationError ? explained(error, target, home) : error,
      failure,
      retryAt: () => health.earliest(planned),
      trail: isOfCredentials ? { plan, tried, cooling: health.cooling(plan) } : undefined,
    };
  }
}

/**
 * @throws {GatewayError} `profile-not-found` for a pin of a profile there is not, `profile-not-allowed` where the caller may use
 * no credential there is, and what `home.plan` throws.
 */
function planFor({ provider, model, agentId, profileId }: Target, { home, caller, surface }: ClientRequest): Plan {
  try {
    const asked = { provider, model, ...(agentId !== undefined && { agentId }), ...(profileId !== undefined && { profileId }) };
    const all = home.plan(asked);
    const plan = allowedPlan(all, caller);
    if (plan.candidates.length === 0 && all.candidates.length > 0) throw noneAllowed(provider);
    // Providers limit counting apart from answering: a limit of the one says nothing of the other.
    return surface.purpose === "counting" ? { ...plan, model: `${model} (${surface.operation})` } : plan;
  } catch (error) {
    if (profileId === undefined || !isOwnError(error) || error.code !== "profile-not-found") throw error;
    throw new GatewayError("profile-not-found", error.message, {
      cause: error,
      hint: "ask for the model without @profile, or pin one that openclaw models status lists",
    });
  }
}

function noneAllowed(provider: string): GatewayError {
  return new GatewayError("profile-not-allowed", `This client may use none of the credentials of ${provider}`, {
    hint: "add one of its profiles to gateway.clients.<name>.profiles",
  });
}

interface AttemptOptions {
  readonly target: Target;
  readonly request: ClientRequest;
  readonly context: GatewayContext;
  readonly endpoint: Endpoint;
  readonly isLocal: boolean;
  readonly judge: AnswerJudge;
}

function createAttempt({ target, request, context: { pools, secrets }, endpoint, isLocal, judge }: AttemptOptions) {
  const { surface, record } = request;
  const body = bodyFor(target.model, surface, request.body, request.members);
  const headers = requestHeadersFor(request.headers);
  const path = endpoint.path + request.query;
  let latest: Candidate | undefined;
  return async (credential: Credential, { candidate }: AttemptContext): Promise<Attempt> => {
    if (candidate !== latest) record.attempts = (record.attempts ?? 0) + 1;
    latest = candidate;
    record.failure = undefined;
    record.upstreamRequestId = undefined;
    secrets.remember(credential);
    const upstream = await sendUpstream({
      dispatcher: pools.of(endpoint.origin, isLocal),
      path,
      headers: authorize(endpoint, credential, headers),
      body,
      signal: request.signal,
      redactor: secrets.redactor,
      sent: "secret" in credential ? credential.secret : undefined,
      dialect: surface.dialect,
      isHiddenError: judge.isHiddenError,
    }).catch((error: unknown) => {
      request.signal.throwIfAborted();
      throw connectionError(error, endpoint);
    });
    record.upstreamRequestId = requestIdOf(upstream.headers);
    return { upstream, served: candidate, failure: judge.judge(upstream) };
  };
}

function rotateOptions({ target, request, context, judge }: Omit<AttemptOptions, "endpoint" | "isLocal">): RotateOptions<Attempt> {
  const { home, signal } = request;
  const { health, clock, random, onEvent } = context;
  return {
    classify: (settled) =>
      settled.status === "fulfilled" ? settled.value.failure : judgeError(settled.reason, { isOfCredential: true, now: clock.now() }),
    advance: home.advance,
    health,
    measure: ({ upstream }) => judge.measure(upstream),
    async ending({ upstream, served }) {
      const end = await upstream.ended;
      if (end.how === "cut") onEvent({ type: "answer-cut", model: modelName(target), candidate: served, requestId: request.record.id });
      return end.how === "error" ? judge.judgeEvent(upstream, end.data) : undefined;
    },
    discard: ({ upstream }) => upstream.discard(),
    signal,
    maxWaitMs: home.config.auth?.cooldowns?.maxWaitMs ?? 0,
    clock,
    random,
  };
}

/** Which variable to set is known here: rotation knows no providers. */
function explained(error: RotationError, target: Target, home: HomeSnapshot): Error {
  const provider = home.providers.find(target.provider);
  if (error.code !== "no-credentials" || !provider) return error;
  // Not the client's to mend: a 401 would make it doubt its own token.
  if (error.excluded.some(({ reason }) => reason === "unresolved_ref")) return new GatewayError("ref-unresolved", error.message);
  // With credentials that were left out the reason stands in the message; another key is no help then.
  return new GatewayError("no-credentials", error.message, error.excluded.length > 0 ? {} : { hint: credentialHint(provider.spec) });
}

function failureOf(error: unknown, about: { readonly isOfCredential: boolean; readonly now: number }): Failure | undefined {
  if (!(error instanceof RotationError)) return judgeError(error, about);
  return error.code === "all-cooling"
    ? { class: "rate_limit", scope: "credential", rule: "all-cooling" }
    : { class: "auth", scope: "provider", rule: "no-credentials" };
}

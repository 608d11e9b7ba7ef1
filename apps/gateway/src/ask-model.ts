import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { credentialHint, unusableCredential, type HomeProvider, type HomeSnapshot } from "@openclaw/home";
import { rotate, RotationError, type Failure, type Plan, type Settled } from "@openclaw/key-rotation";
import { authorize, classifyFailure, endpointFor, type Dialect, type Endpoint } from "@openclaw/providers";
import { connectionError } from "./connection-error.ts";
import type { GatewayContext } from "./context.ts";
import { GatewayError, isOwnError } from "./errors.ts";
import { requestHeadersFor } from "./forwarded-headers.ts";
import { replaceModel, type ModelMember } from "./model-member.ts";
import { secondsUntil } from "./seconds-until.ts";
import type { Target } from "./targets.ts";
import { sendUpstream, type Upstream } from "./upstream.ts";

/** A client's request, as every attempt needs it. */
export interface ClientRequest {
  /** What the gateway knew when the request came: all of it is answered from this one reading. */
  readonly home: HomeSnapshot;
  readonly dialect: Dialect;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly member: ModelMember;
  /** Aborted when the client goes away. */
  readonly signal: AbortSignal;
}

/** What became of a request at one model: a provider's answer, or an error instead of one. */
export type ModelOutcome =
  | { readonly kind: "answer"; readonly failure: Failure | undefined; deliver(response: ServerResponse): void; discard(): void }
  | { readonly kind: "error"; readonly failure: Failure | undefined; readonly error: unknown };

interface Attempt {
  readonly upstream: Upstream;
  readonly failure: Failure | undefined;
}

/** Asks one model with its credentials in order, as `rotate` and the policy of this home say. */
export async function askModel(target: Target, request: ClientRequest, context: GatewayContext): Promise<ModelOutcome> {
  const { health, pools, secrets, clock } = context;
  const { home } = request;
  const { advance, config } = home;
  let plan: Plan | undefined;
  const classifyError = (error: unknown) => {
    // Before there is a plan, it is the store that is broken, and not one of its profiles.
    const code = plan && codeOfCredential(error);
    return code === undefined ? classifyFailure({ error: original(error) }, undefined, clock.now()) : unusableCredential(code);
  };
  try {
    const { endpoint, isLocal } = endpointOf(target, request.dialect, home);
    const planned = (plan = home.plan({
      provider: target.provider,
      model: target.model,
      ...(target.agentId !== undefined && { agentId: target.agentId }),
    }));
    const body = replaceModel(request.body, request.member, target.model);
    const headers = requestHeadersFor(request.headers);
    const answer = await rotate<Attempt>(
      planned,
      async (credential) => {
        secrets.remember(credential);
        const upstream = await sendUpstream({
          dispatcher: pools.of(endpoint.origin, isLocal),
          path: endpoint.path,
          headers: authorize(endpoint, credential, headers),
          body,
          signal: request.signal,
          redactor: secrets.redactor,
          sent: "secret" in credential ? credential.secret : undefined,
          dialect: request.dialect,
        }).catch((error: unknown) => {
          request.signal.throwIfAborted();
          throw connectionError(error, endpoint);
        });
        return { upstream, failure: judge(upstream, endpoint, clock.now()) };
      },
      {
        classify: (settled: Settled<Attempt>) => (settled.status === "fulfilled" ? settled.value.failure : classifyError(settled.reason)),
        advance,
        health,
        discard: (attempt) => attempt.upstream.discard(),
        signal: request.signal,
        onEvent: context.onEvent,
        maxWaitMs: config.auth?.cooldowns?.maxWaitMs ?? 0,
        clock,
      },
    );
    return {
      kind: "answer",
      failure: answer.failure,
      deliver: (response) => answer.upstream.take(response, retryAfter(answer.failure, health.earliest(planned), clock.now())),
      discard: () => answer.upstream.discard(),
    };
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof RotationError)) return { kind: "error", error, failure: classifyError(error) };
    return { kind: "error", error: explained(error, target, home), failure: failureOf(error) };
  }
}

function endpointOf(target: Target, dialect: Dialect, home: HomeSnapshot): { readonly endpoint: Endpoint; readonly isLocal: boolean } {
  const provider = home.providers.find(target.provider);
  if (!provider?.baseUrl) throw new GatewayError("provider-unusable", provider?.problem ?? `provider "${target.provider}" is not known`);
  const endpoint = endpointFor(provider.spec, dialect, provider.baseUrl);
  if (endpoint) return { endpoint, isLocal: isOnThisNetwork(provider) };
  const path = dialect === "openai-completions" ? "/v1/messages" : "/v1/chat/completions";
  const other = dialect === "openai-completions" ? "anthropic-messages" : "openai-completions";
  const isServed = endpointFor(provider.spec, other, provider.baseUrl) !== undefined;
  throw new GatewayError("dialect-mismatch", `${target.provider} does not speak ${dialect}; it speaks ${provider.spec.api}`, {
    hint: isServed ? `send the request to ${path}` : "this version of the gateway cannot serve it",
  });
}

/** Providers that run on this machine, or that the operator declared local, may have private addresses. */
function isOnThisNetwork({ spec, config }: HomeProvider): boolean {
  return spec.isLocal === true || config?.local === true;
}

/** Only errors are judged: the text of a successful answer is the model's and says nothing of the account. */
function judge(upstream: Upstream, endpoint: Endpoint, now: number): Failure | undefined {
  const { status, errorText, headers } = upstream;
  if (status < 400 && errorText === undefined) return undefined;
  const header = (name: string) => {
    const value = headers[name.toLowerCase()];
    return Array.isArray(value) ? value[0] : value;
  };
  return classifyFailure({ ...(status >= 400 && { status }), header, ...(errorText !== undefined && { errorText }) }, endpoint.spec, now);
}

/** The provider's own answer goes back with the time at which the first of the credentials recovers. */
function retryAfter(failure: Failure | undefined, earliest: number | undefined, now: number): Record<string, string> {
  return failure?.class === "rate_limit" && earliest !== undefined ? { "retry-after": String(secondsUntil(earliest, now)) } : {};
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

/** Why a credential could not be had, where that is what an error says. */
function codeOfCredential(error: unknown): string | undefined {
  return isOwnError(error) && (error.name === "AuthProfileError" || error.name === "SecretsError") ? error.code : undefined;
}

/** What the connection itself said is what is judged. */
function original(error: unknown): unknown {
  return error instanceof GatewayError && error.cause !== undefined ? error.cause : error;
}

function failureOf(error: RotationError): Failure {
  return error.code === "all-cooling"
    ? { class: "rate_limit", scope: "credential", rule: "all-cooling" }
    : { class: "auth", scope: "provider", rule: "no-credentials" };
}

import { fallbackClasses, modelName } from "@openclaw/home";
import { askModel, type ClientRequest, type ModelOutcome, type Unanswered } from "../ask-model.ts";
import type { ClientCall } from "../call.ts";
import { abortWhenClosed } from "../client-gone.ts";
import type { GatewayContext } from "../context.ts";
import { queryFor } from "../forwarded-query.ts";
import { readBody } from "../request-body.ts";
import { requestedAgent } from "../requested-agent.ts";
import { requestedModel } from "../requested-model.ts";
import type { Route } from "../route.ts";
import { recordService, serviceHeaders } from "../service-headers.ts";
import { withoutPinNames } from "../sessions/without-pin-names.ts";
import { surfaces, type Surface } from "../surfaces.ts";
import { takeRequest } from "../take-request.ts";
import type { Target } from "../targets.ts";
import { unserved } from "../unserved.ts";

/** Where clients ask for something of a model. */
export const completionRoutes: readonly Route[] = surfaces.flatMap((surface) =>
  pathsOf(surface).map((path) => ({
    method: "POST",
    path,
    access: "client",
    dialect: surface.dialect,
    handle: (call, context) => handleCompletion(call, surface, context),
  })),
);

/**
 * Answers whatever is asked of a model: asks the one the client named with one credential after another, then the fallback
 * models, and hands on the first answer that counts.
 */
async function handleCompletion(call: ClientCall, surface: Surface, context: GatewayContext): Promise<void> {
  const { request, response, params, caller, record } = call;
  const { headers } = request;
  const body = await readBody(request, context.limits.maxBodyBytes);
  const home = context.home.current;
  const requested = requestedModel(params["model"], body);
  const override = headers["x-openclaw-model"];
  const agentId = requestedAgent(headers, home);
  const name = typeof override === "string" && override !== "" ? override : requested.name;
  const taken = takeRequest({ call, surface, home, body, requested, name, agentId }, context);
  // A command to the gateway, which has been answered.
  if (!taken) return;
  const { targets } = taken;
  const signal = abortWhenClosed(response);
  signal.addEventListener("abort", () => {
    // An error is the provider's, or ours.
    if (!response.errored && !context.isClosing())
      context.onEvent({ type: "client-gone", model: modelName(targets[0]), requestId: record.id });
  });
  const query = queryFor(surface.dialect, request.url);
  const { body: sent, members, session } = taken;
  const clientRequest = { home, surface, caller, headers, query, body: sent, members, session, signal, record };
  const { outcome, asked } = await askModels(targets, clientRequest, context);
  if (outcome.kind === "error") {
    const error = unserved([outcome, ...asked.filter(isUnanswered).slice(1)], home, context.clock.now());
    throw withoutPinNames(error, taken.hiddenPins, home);
  }
  recordService(record, outcome, home, context);
  try {
    outcome.deliver(response, serviceHeaders({ outcome, asked, caller, record, home }, context));
  } catch (error) {
    outcome.discard();
    throw error;
  }
}

interface Outcomes {
  /** What counts: the last answer of a provider, which tells the client more than an error of ours, else the first error. */
  readonly outcome: ModelOutcome;
  /** Of every model, in the order in which they were asked. The other answers are dropped. */
  readonly asked: readonly ModelOutcome[];
}

async function askModels(
  [first, ...fallbacks]: readonly [Target, ...Target[]],
  request: ClientRequest,
  context: GatewayContext,
): Promise<Outcomes> {
  let outcome = await askModel(first, request, context);
  const asked = [outcome];
  let latest = first;
  // Vectors and numbers of one model are none of another's.
  for (const target of request.surface.purpose === "conversation" ? fallbacks : []) {
    if (!outcome.failure || !fallbackClasses.has(outcome.failure.class)) break;
    const pair = { from: modelName(latest), to: modelName(target) };
    const { class: reason } = outcome.failure;
    const next = await askModel(target, request, context, () => {
      context.onEvent({ type: "fallback", ...pair, reason, requestId: request.record.id });
      latest = target;
    });
    if (latest !== target && next.kind === "error") context.skipped.notice(pair, next.error);
    asked.push(next);
    if (next.kind === "error") continue;
    if (outcome.kind === "answer") outcome.discard();
    outcome = next;
  }
  return { outcome, asked };
}

function isUnanswered(outcome: ModelOutcome): outcome is Unanswered {
  return outcome.kind === "error";
}

/** Google's SDK asks at `/v1` unless it is told to ask at `/v1beta`, as the other clients do. */
function pathsOf({ path }: Surface): readonly string[] {
  return path.startsWith("/v1beta/") ? [path, path.replace("/v1beta/", "/v1/")] : [path];
}

import { fallbackClasses, modelName } from "@openclaw/home";
import { recoveryHeaders, type Dialect } from "@openclaw/providers";
import { askModel, type Answered, type ClientRequest, type ModelOutcome, type Unanswered } from "../ask-model.ts";
import type { ClientCall } from "../call.ts";
import { abortWhenClosed } from "../client-gone.ts";
import type { GatewayContext } from "../context.ts";
import { findModel } from "../model-member.ts";
import { readBody } from "../request-body.ts";
import type { Route } from "../route.ts";
import { sessionOf } from "../session.ts";
import { targetsFor, type Target } from "../targets.ts";
import { unserved } from "../unserved.ts";
import type { HeaderChanges } from "../upstream.ts";

/** Largest request body: images travel in it. */
const BODY_LIMIT = 32 * 1024 * 1024;

/** Where clients ask for completions. */
export const completionRoutes: readonly Route[] = [
  completionRoute("/v1/chat/completions", "openai-completions"),
  completionRoute("/v1/messages", "anthropic-messages"),
];

/**
 * Answers `POST /v1/chat/completions` and `/v1/messages`: asks the model the client named with one
 * credential after another, then the fallback models, and hands on the first answer that counts.
 */
async function handleCompletion({ request, response, caller }: ClientCall, dialect: Dialect, context: GatewayContext): Promise<void> {
  const body = await readBody(request, BODY_LIMIT);
  const home = context.home.current;
  const member = findModel(body);
  const override = request.headers["x-openclaw-model"];
  const targets = targetsFor(home, typeof override === "string" && override !== "" ? override : member.model);
  const { headers } = request;
  const session = sessionOf(headers, { client: caller.id, agentId: targets[0].agentId ?? home.agents.defaultId });
  const signal = abortWhenClosed(response);
  signal.addEventListener("abort", () => {
    // An error is the provider's, or ours.
    if (!response.errored && !context.isClosing()) context.onEvent({ type: "client-gone", model: modelName(targets[0]) });
  });
  const clientRequest = { home, dialect, headers, body, member, session, signal };
  const { outcome, asked } = await askModels(targets, clientRequest, context);
  if (outcome.kind === "error") throw unserved([outcome, ...asked.filter(isUnanswered).slice(1)], home, context.clock.now());
  try {
    outcome.deliver(response, { ...recovery(outcome, asked, context), ...service(outcome, asked, context) });
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
  for (const target of fallbacks) {
    if (!outcome.failure || !fallbackClasses.has(outcome.failure.class)) break;
    const pair = { from: modelName(latest), to: modelName(target) };
    const { class: reason } = outcome.failure;
    const next = await askModel(target, request, context, () => {
      context.onEvent({ type: "fallback", ...pair, reason });
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

/** A limit that was reached everywhere comes back with the time at which the first of the credentials recovers. */
function recovery(answer: Answered, asked: readonly ModelOutcome[], { clock }: GatewayContext): HeaderChanges {
  if (answer.failure?.class !== "rate_limit" || answer.retryAt() === undefined) return {};
  return { "retry-after-ms": undefined, ...recoveryHeaders(Math.min(...asked.flatMap((each) => each.retryAt() ?? [])), clock.now()) };
}

/** Who pays for an answer and whether that, or the profile, is another than people may think. */
function service({ target, plan, served, failure }: Answered, [first]: readonly ModelOutcome[], context: GatewayContext): HeaderChanges {
  const asked = first?.plan ? { asked: first.target, plan: first.plan } : { asked: target, plan };
  const isCrossing = failure === undefined && context.billing.notice({ ...asked, answered: target, servedPlan: plan, served });
  return {
    "x-openclaw-credential-class": served.billing,
    ...(isCrossing && { "x-openclaw-billing-crossing": "subscription-to-metered" }),
    ...(first?.target.profileId !== undefined && served.profileId !== first.target.profileId && { "x-openclaw-pin": "passed-over" }),
  };
}

function isUnanswered(outcome: ModelOutcome): outcome is Unanswered {
  return outcome.kind === "error";
}

function completionRoute(path: string, dialect: Dialect): Route {
  return { method: "POST", path, access: "client", dialect, handle: (call, context) => handleCompletion(call, dialect, context) };
}

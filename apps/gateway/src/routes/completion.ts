import type { IncomingMessage, ServerResponse } from "node:http";
import type { FailureClass } from "@openclaw/key-rotation";
import type { Dialect } from "@openclaw/providers";
import { askModel, type ModelOutcome } from "../ask-model.ts";
import { abortWhenClosed } from "../client-gone.ts";
import type { GatewayContext } from "../context.ts";
import { findModel } from "../model-member.ts";
import { readBody } from "../request-body.ts";
import { targetsFor, type Target } from "../targets.ts";

/** Largest request body: images travel in it. */
const BODY_LIMIT = 32 * 1024 * 1024;

/** Failures after which another model is asked, once the credentials of this one are spent. */
const fallbackClasses: ReadonlySet<FailureClass> = new Set<FailureClass>([
  "rate_limit",
  "auth",
  "auth_permanent",
  "billing",
  "overloaded",
  "timeout",
  "server",
  "model_not_found",
]);

/**
 * Answers `POST /v1/chat/completions` and `/v1/messages`: asks the model the client named with one
 * credential after another, then the fallback models, and hands on the first answer that counts.
 */
export async function handleCompletion(
  request: IncomingMessage,
  response: ServerResponse,
  dialect: Dialect,
  context: GatewayContext,
): Promise<void> {
  const body = await readBody(request, BODY_LIMIT);
  const home = context.home.current;
  const member = findModel(body);
  const override = request.headers["x-openclaw-model"];
  const clientRequest = { home, dialect, headers: request.headers, body, member, signal: abortWhenClosed(response) };

  const [first, ...fallbacks] = targetsFor(home, typeof override === "string" && override !== "" ? override : member.model);
  let outcome = await askModel(first, clientRequest, context);
  let asked: Target = first;
  for (const target of fallbacks) {
    if (!outcome.failure || !fallbackClasses.has(outcome.failure.class)) break;
    context.onEvent({ type: "fallback", from: nameOf(asked), to: nameOf(target), reason: outcome.failure.class });
    asked = target;
    outcome = better(outcome, await askModel(target, clientRequest, context));
  }
  if (outcome.kind === "error") throw outcome.error;
  outcome.deliver(response);
}

/** What is left of two models' outcomes: a provider's answer tells the client more than an error of ours. */
function better(earlier: ModelOutcome, later: ModelOutcome): ModelOutcome {
  if (later.kind === "error") return earlier;
  if (earlier.kind === "answer") earlier.discard();
  return later;
}

function nameOf(target: Target): string {
  return `${target.provider}/${target.model}`;
}

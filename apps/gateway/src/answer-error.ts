import type { ServerResponse } from "node:http";
import { HomeError } from "@openclaw/home";
import { RotationError } from "@openclaw/key-rotation";
import { ProviderError, type Dialect } from "@openclaw/providers";
import { cleanedError } from "./cleaned-error.ts";
import type { GatewayContext } from "./context.ts";
import { coolingMessage } from "./cooling-message.ts";
import { credentialFingerprint } from "./credential-fingerprint.ts";
import { errorBody, type ErrorAnswer } from "./error-body.ts";
import { GatewayError, isOwnError, statusOf } from "./errors.ts";
import { secondsUntil } from "./seconds-until.ts";
import { sendJson } from "./send-json.ts";

/** Tells a client why there is no answer from a provider, in the client's own dialect. */
export function answerError(response: ServerResponse, error: unknown, dialect: Dialect, context: GatewayContext): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { headers = {}, ...explained } = explain(error, context);
  const answer = { ...explained, message: context.secrets.redactor.text(explained.message) };
  context.onEvent({ type: "refused", status: answer.status, code: answer.code, message: answer.message });
  // What is left of a refused body is not read: the connection ends with the answer.
  const close = response.req.complete ? {} : { connection: "close" };
  sendJson(response, answer.status, errorBody(dialect, answer), { ...headers, ...close });
}

type Explanation = ErrorAnswer & { readonly headers?: Readonly<Record<string, string>> };

function explain(error: unknown, context: GatewayContext): Explanation {
  if (error instanceof GatewayError) {
    const headers = error.code === "unauthorized" ? { "www-authenticate": 'Bearer realm="openclaw"' } : {};
    return { status: statusOf(error.code), code: error.code, message: withHint(error.message, error.hint), headers };
  }
  if (error instanceof RotationError) return explainCooling(error, context);
  if (error instanceof HomeError) return { status: 404, code: error.code, message: withHint(error.message, error.hint) };
  if (error instanceof ProviderError) return { status: 503, code: error.code, message: withHint(error.message, error.hint) };
  if (isOwnError(error)) return { status: 503, code: error.code, message: withHint(error.message, error.hint) };
  context.onEvent({
    type: "internal",
    error: cleanedError(error instanceof Error ? error : new Error("unknown"), context.secrets.redactor),
  });
  return { status: 500, code: "internal", message: "The gateway failed; its log says why" };
}

/** All credentials are cooling down: our own 429, with the time of the first recovery. */
function explainCooling(error: RotationError, context: GatewayContext): Explanation {
  const now = context.clock.now();
  const until = error.cooling[0]?.until ?? now;
  return {
    status: 429,
    code: error.code,
    message: coolingMessage(error.message, error.cooling, (id) => credentialFingerprint(context.home.current, id), now),
    headers: { "retry-after": String(secondsUntil(until, now)) },
  };
}

function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

import type { ServerResponse } from "node:http";
import { HomeError } from "@openclaw/home";
import { RotationError } from "@openclaw/key-rotation";
import { ProviderError, recoveryHeaders } from "@openclaw/providers";
import { cleanedError } from "./cleaned-error.ts";
import type { GatewayContext } from "./context.ts";
import { errorBody, toldCode, withHint, type ErrorAnswer, type ErrorShape } from "./error-body.ts";
import { GatewayError, isOwnError, statusOf, type GatewayErrorCode } from "./errors.ts";
import { sendJson } from "./send-json.ts";
import { UnservedError } from "./unserved-error.ts";
import type { HeaderChanges } from "./forwarded-headers.ts";

/** Tells a client why there is no answer, in a shape it knows. */
export function answerError(response: ServerResponse, error: unknown, shape: ErrorShape, context: GatewayContext): void {
  if (response.destroyed) return;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { headers = {}, ...explained } = explain(error, context);
  const { redactor } = context.secrets;
  const { status, code, hint } = explained;
  // Somebody who tries tokens would fill the log with it; that it began is told.
  if (code !== "too-many-wrong-tokens")
    context.onEvent({ type: "refused", status, code: toldCode(code), message: redactor.text(withHint(explained.message, hint)) });
  const shown = error instanceof UnservedError ? error.withoutNames(explained.message) : explained.message;
  const answer = { status, code, message: redactor.text(shown), hint: hint && redactor.text(hint) };
  // What is left of a refused body is not read: the connection ends with the answer.
  const close = response.req.complete ? {} : { connection: "close" };
  sendJson(response, status, errorBody(shape, answer), { ...headers, ...close });
}

type Explanation = ErrorAnswer & { readonly headers?: HeaderChanges };

function explain(error: unknown, context: GatewayContext): Explanation {
  if (error instanceof GatewayError) {
    const headers = headersOf(error);
    return { status: statusOf(error.code), code: error.code, message: error.message, hint: error.hint, headers };
  }
  if (error instanceof UnservedError) return explainUnserved(error, context);
  if (error instanceof RotationError) return { status: 429, code: error.code, message: error.message };
  if (error instanceof HomeError) return { status: 404, code: error.code, message: error.message, hint: error.hint };
  if (error instanceof ProviderError) return { status: 503, code: error.code, message: error.message, hint: error.hint };
  if (isOwnError(error)) return { status: 503, code: error.code, message: error.message, hint: error.hint };
  context.onEvent({
    type: "internal",
    error: cleanedError(error instanceof Error ? error : new Error("unknown"), context.secrets.redactor),
  });
  return { status: 500, code: "internal", message: "The gateway failed; its log says why" };
}

/** What an operator has to mend: whoever asks again is told the same. SDKs ask again after any 503 unless told not to. */
const forTheOperator: ReadonlySet<GatewayErrorCode> = new Set<GatewayErrorCode>(["no-credentials", "ref-unresolved", "provider-unusable"]);

function headersOf({ code, retryAfterSeconds }: GatewayError): HeaderChanges {
  if (code === "unauthorized") return { "www-authenticate": 'Bearer realm="openclaw"' };
  if (forTheOperator.has(code)) return { "x-should-retry": "false" };
  return retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
}

function explainUnserved({ cause, trail, retryAt }: UnservedError, context: GatewayContext): Explanation {
  const reason = explain(cause, context);
  const message = withHint(reason.message, reason.hint);
  return {
    ...reason,
    hint: undefined,
    message: trail.length > 0 ? `${message}: ${trail.join("; ")}` : message,
    headers: { ...reason.headers, ...(retryAt !== undefined && recoveryHeaders(retryAt, context.clock.now())) },
  };
}

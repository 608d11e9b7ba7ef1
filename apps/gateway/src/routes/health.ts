import type { Call } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { redactedJson } from "../redacted-json.ts";
import type { Route } from "../route.ts";
import { sendJson } from "../send-json.ts";

/** Whether the gateway runs, and whether it serves. */
export const healthRoutes: readonly Route[] = [
  { method: "GET", path: "/healthz", access: "anyone", handle: ({ response }) => sendJson(response, 200, { status: "ok" }) },
  { method: "GET", path: "/readyz", access: "anyone", handle: handleReady },
];

/** Answers `GET /readyz`: 200 or 503, and to the operator also why, and what else is wrong. */
function handleReady({ response, caller }: Call, { readiness, secrets }: GatewayContext): void {
  if (caller?.isAdmin !== true) {
    const isReady = readiness.isReady();
    sendJson(response, isReady ? 200 : 503, { status: nameOf(isReady) });
    return;
  }
  const { isReady, ...found } = readiness.report();
  sendJson(response, isReady ? 200 : 503, redactedJson({ status: nameOf(isReady), ...found }, secrets.redactor));
}

function nameOf(isReady: boolean): "ready" | "not-ready" {
  return isReady ? "ready" : "not-ready";
}

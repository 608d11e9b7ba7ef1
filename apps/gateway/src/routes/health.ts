import { sendJson } from "../send-json.ts";
import type { Route } from "../route.ts";

/** Whether the gateway runs, and whether it serves. */
export const healthRoutes: readonly Route[] = [
  { method: "GET", path: "/healthz", access: "anyone", handle: ({ response }) => sendJson(response, 200, { status: "ok" }) },
  { method: "GET", path: "/readyz", access: "anyone", handle: ({ response }) => sendJson(response, 200, { status: "ready" }) },
];

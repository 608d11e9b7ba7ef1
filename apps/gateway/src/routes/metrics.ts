import type { ClientCall } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { Route } from "../route.ts";

/** What Prometheus asks for. */
export const metricsRoutes: readonly Route[] = [{ method: "GET", path: "/metrics", access: "client", handle: handleMetrics }];

/**
 * Answers `GET /metrics`. They tell what all clients do, so a client reads them only where its entry says so.
 *
 * @throws {GatewayError} `forbidden`.
 */
async function handleMetrics({ response, caller }: ClientCall, { metrics }: GatewayContext): Promise<void> {
  if (!caller.isAdmin && caller.mayReadMetrics !== true) {
    throw new GatewayError("forbidden", "This client may not read metrics", { hint: "set metrics: true in its entry of gateway.clients" });
  }
  const text = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

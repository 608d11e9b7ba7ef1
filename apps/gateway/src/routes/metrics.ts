import type { ClientCall } from "../call.ts";
import type { GatewayContext } from "../context.ts";
import type { Route } from "../route.ts";

/** What Prometheus asks for. It tells what all clients do, so a client reads it only where its entry says so. */
export const metricsRoutes: readonly Route[] = [{ method: "GET", path: "/metrics", access: "metrics", handle: handleMetrics }];

async function handleMetrics({ response }: ClientCall, { metrics }: GatewayContext): Promise<void> {
  const text = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store", "content-length": Buffer.byteLength(text) });
  response.end(text);
}

import type { Endpoint } from "@openclaw/providers";
import { GatewayError } from "./errors.ts";

const timeouts: ReadonlySet<string> = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** What a connection failed with, as an error that says which provider and where. The original is its cause. */
export function connectionError(error: unknown, endpoint: Endpoint): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = error instanceof Error ? ("code" in error && typeof error.code === "string" ? error.code : error.name) : "unknown";
  const who = `${endpoint.spec.id} at ${endpoint.origin}`;
  return timeouts.has(code)
    ? new GatewayError("upstream-timeout", `${who} did not answer in time (${code})`, { cause: error })
    : new GatewayError("upstream-unreachable", `The connection to ${who} failed (${code})`, { cause: error });
}

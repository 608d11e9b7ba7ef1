import type { IncomingHttpHeaders } from "node:http";
import type { Dialect } from "@openclaw/providers";

/** What a client speaks where the route does not say so, or where there is none: by the path it asked for, and what its SDK sends. */
export function clientDialect(path: string, headers: IncomingHttpHeaders): Dialect {
  if (path === "/v1beta" || path.startsWith("/v1beta/")) return "google-generative-ai";
  if (path.startsWith("/v1/messages") || headers["anthropic-version"] !== undefined) return "anthropic-messages";
  return headers["x-goog-api-key"] === undefined ? "openai-completions" : "google-generative-ai";
}

import { boundUrl } from "./bound-url.ts";
import { endpointFor, type Endpoint } from "./endpoint.ts";
import { withoutQueryCredential } from "./request-parts.ts";
import type { ProviderSpec } from "./spec.ts";

/** Whose shape of errors a client understands. */
export type ErrorDialect = "openai" | "anthropic" | "google";

/** Where a request goes, and what is spoken there. */
export interface RequestEndpoint extends Endpoint {
  readonly dialect: ErrorDialect;
}

/**
 * Finds out where a request goes, from its whole URL.
 *
 * @throws {ProviderError} `foreign-host` when that is not at or below the base URL.
 */
export function requestEndpoint(spec: ProviderSpec, baseUrl: URL, target: string): RequestEndpoint {
  const url = withoutQueryCredential(boundUrl(target, baseUrl, spec), spec);
  // Which model it is about stands in a body that nobody has read yet.
  const query = { baseUrl, model: "" };
  const anthropic = endpointFor(spec, "messages", query);
  const dialect = anthropic && isAtOrBelow(url, anthropic.url) ? "anthropic" : dialectOf(spec, url);
  const served = dialect === "openai" ? endpointFor(spec, "chat-completions", query) : dialect === "anthropic" ? anthropic : undefined;
  return { url, origin: url.origin, path: url.pathname + url.search, auth: served?.auth ?? spec.auth, spec, dialect };
}

function isAtOrBelow(url: URL, other: URL): boolean {
  return url.pathname === other.pathname || url.pathname.startsWith(`${other.pathname}/`);
}

/** Google serves OpenAI's dialect below `/openai/`, Anthropic at `/chat/completions`. */
function dialectOf({ api }: ProviderSpec, { pathname }: URL): ErrorDialect {
  if (/\/openai\/|\/chat\/completions$/.test(pathname)) return "openai";
  if (api === "anthropic-messages") return "anthropic";
  return api === "google-generative-ai" || api === "google-vertex" ? "google" : "openai";
}

import type { AuthStyle, Dialect, DialectEndpoint, ProviderSpec } from "./spec.ts";

/** One address of a provider where one dialect is spoken. */
export interface Endpoint {
  readonly url: URL;
  /** Where the credential goes. It must be among the hosts of the credential. */
  readonly origin: string;
  /** Path and query, as an HTTP client wants them beside the origin. */
  readonly path: string;
  readonly auth: AuthStyle;
  readonly spec: ProviderSpec;
}

const usual: Readonly<Record<Dialect, DialectEndpoint>> = {
  "openai-completions": { path: "chat/completions" },
  "anthropic-messages": { path: "v1/messages" },
};

/** Where a provider speaks a dialect, or `undefined` where it does not. The base URL is one that `parseBaseUrl` passed. */
export function endpointFor(spec: ProviderSpec, dialect: Dialect, baseUrl: URL): Endpoint | undefined {
  const found = spec.endpoints?.[dialect] ?? (spec.api === dialect ? usual[dialect] : undefined);
  if (!found) return undefined;
  return endpointAt(spec, baseUrl, found);
}

/** The endpoint at a path below the base URL, which may have a query. */
export function endpointAt(spec: ProviderSpec, baseUrl: URL, { path, auth = spec.auth }: DialectEndpoint): Endpoint {
  const [below = "", query = ""] = path.split("?");
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${below}`;
  url.search = query;
  return { url, origin: url.origin, path: url.pathname + url.search, auth, spec };
}

import { parseBaseUrl } from "./destination.ts";
import { ProviderError } from "./errors.ts";
import type { ProviderSpec } from "./spec.ts";

/** Where a provider is, if not where its spec says. */
export interface ConfiguredUrl {
  /** In place of the official base URL. The operator's word, never a request's: it is where the credentials go. */
  readonly baseUrl?: string;
  /** The operator declared the provider local: http and private addresses are permitted. */
  readonly isLocal?: boolean;
}

/**
 * The base URL that requests of a provider go to, and nowhere else.
 *
 * @throws {ProviderError} `base-url-refused`.
 */
export function configuredUrl(spec: ProviderSpec, { baseUrl = spec.baseUrl, isLocal = spec.isLocal === true }: ConfiguredUrl): URL {
  if (baseUrl !== undefined) return parseBaseUrl(baseUrl, { isLocal });
  throw new ProviderError("base-url-refused", `${spec.id} has no base URL of its own`, { hint: "give the one of your account as baseUrl" });
}

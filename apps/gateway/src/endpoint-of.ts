import type { HomeProvider, HomeSnapshot } from "@openclaw/home";
import { endpointFor, type Dialect, type Endpoint } from "@openclaw/providers";
import { GatewayError } from "./errors.ts";

/** Where a request goes. */
export interface RequestEndpoint {
  readonly endpoint: Endpoint;
  /** Whether it may have a private address: providers that run on this machine, or that the operator declared local. */
  readonly isLocal: boolean;
}

/**
 * Where a provider speaks the client's dialect.
 *
 * @throws {GatewayError} `provider-unusable` or `dialect-mismatch`.
 */
export function endpointOf(providerId: string, dialect: Dialect, home: HomeSnapshot): RequestEndpoint {
  const provider = home.providers.find(providerId);
  if (!provider?.baseUrl) throw new GatewayError("provider-unusable", provider?.problem ?? `provider "${providerId}" is not known`);
  const endpoint = endpointFor(provider.spec, dialect, provider.baseUrl);
  if (endpoint) return { endpoint, isLocal: isOnThisNetwork(provider) };
  const path = dialect === "openai-completions" ? "/v1/messages" : "/v1/chat/completions";
  const other = dialect === "openai-completions" ? "anthropic-messages" : "openai-completions";
  const isServed = endpointFor(provider.spec, other, provider.baseUrl) !== undefined;
  throw new GatewayError("dialect-mismatch", `${providerId} does not speak ${dialect}; it speaks ${provider.spec.api}`, {
    hint: isServed ? `send the request to ${path}` : "this version of the gateway cannot serve it",
  });
}

function isOnThisNetwork({ spec, config }: HomeProvider): boolean {
  return spec.isLocal === true || config?.local === true;
}

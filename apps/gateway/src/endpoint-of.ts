import type { HomeProvider, HomeSnapshot } from "@openclaw/home";
import { dialectsOf, endpointFor, leadsOutside, type Endpoint, type ModelRef, type Operation } from "@openclaw/providers";
import { GatewayError } from "./errors.ts";
import { publicPath, surfaces, type Surface } from "./surfaces.ts";

/** Where a request goes. */
export interface RequestEndpoint {
  readonly endpoint: Endpoint;
  /** Whether it may have a private address: providers that run on this machine, or that the operator declared local. */
  readonly isLocal: boolean;
}

/** Of providers that answer all their models at one place. Clients make up models, of which there is no end. */
const found = new WeakMap<HomeProvider, Map<Operation, RequestEndpoint>>();

/**
 * Where a provider answers what the client asks for.
 *
 * @throws {GatewayError} `provider-unusable`, `dialect-mismatch` or `model-not-found`.
 */
export function endpointOf({ provider: id, model }: ModelRef, surface: Surface, home: HomeSnapshot): RequestEndpoint {
  const provider = home.providers.find(id);
  if (!provider?.baseUrl) throw new GatewayError("provider-unusable", provider?.problem ?? `provider "${id}" is not known`);
  const known = found.get(provider)?.get(surface.operation);
  if (known) return known;
  const { spec, baseUrl } = provider;
  const endpoint = endpointFor(spec, surface.operation, { baseUrl, model });
  if (!endpoint && leadsOutside(model)) throw new GatewayError("model-not-found", `No model of ${id} is called ${JSON.stringify(model)}`);
  if (!endpoint) throw mismatch(provider, model, surface);
  const answer = { endpoint, isLocal: isOnThisNetwork(provider) };
  if (!spec.modelApis?.length && !surface.path.includes("*")) keep(provider, surface.operation, answer);
  return answer;
}

function keep(provider: HomeProvider, operation: Operation, answer: RequestEndpoint): void {
  const ofProvider = found.get(provider) ?? new Map<Operation, RequestEndpoint>();
  found.set(provider, ofProvider.set(operation, answer));
}

/** Names the path that would lead to what the client wants. */
function mismatch({ spec, baseUrl }: HomeProvider & { readonly baseUrl?: URL | undefined }, model: string, asked: Surface): GatewayError {
  const places = baseUrl ? surfaces.filter(({ operation }) => endpointFor(spec, operation, { baseUrl, model })) : [];
  const others = places.filter(({ purpose, operation }) => purpose === asked.purpose && operation !== "streamGenerateContent");
  const dialects = dialectsOf(spec, model);
  const hint =
    others.length > 0 ? `send the request to ${others.map(publicPath).join(" or ")}` : "this version of the gateway cannot serve it";
  const speaks = dialects.length > 0 ? dialects.join(" and ") : spec.api;
  const isSpoken = dialects.includes(asked.dialect);
  const lack = isSpoken ? `has nothing like ${publicPath(asked)}` : `does not speak ${asked.dialect}`;
  return new GatewayError("dialect-mismatch", `${spec.id} ${lack}; it speaks ${speaks}`, { hint });
}

function isOnThisNetwork({ spec, config }: HomeProvider): boolean {
  return spec.isLocal === true || config?.local === true;
}

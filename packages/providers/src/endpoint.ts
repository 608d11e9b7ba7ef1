import { dialectOf, mainOperations, operations } from "./operations.ts";
import type { ApiKind, AuthStyle, Dialect, ModelApi, Operation, OperationEndpoint, ProviderSpec } from "./spec.ts";

/** One address of a provider where one operation is answered. */
export interface Endpoint {
  readonly url: URL;
  /** Where the credential goes. It must be among the hosts of the credential. */
  readonly origin: string;
  /** Path and query, as an HTTP client wants them beside the origin. */
  readonly path: string;
  readonly auth: AuthStyle;
  readonly spec: ProviderSpec;
}

/** What an endpoint is looked for with. */
export interface EndpointQuery {
  /** One that `parseBaseUrl` passed. */
  readonly baseUrl: URL;
  /** As the provider is sent it. Some providers speak differently by model, and Google wants it in the path. */
  readonly model: string;
}

/** Where a provider answers an operation, or `undefined` where it does not, or where no path can have the model's name in it. */
export function endpointFor(spec: ProviderSpec, operation: Operation, { baseUrl, model }: EndpointQuery): Endpoint | undefined {
  const found = findPlace(spec, operation, model);
  if (!found) return undefined;
  if (!found.path.includes("{model}")) return endpointAt(spec, baseUrl, found);
  if (leadsOutside(model)) return undefined;
  return endpointAt(spec, baseUrl, { ...found, path: found.path.replace("{model}", () => encodeURIComponent(model.toWellFormed())) });
}

/** The dialects in which one can talk with a model. */
export function dialectsOf(spec: ProviderSpec, model: string): readonly Dialect[] {
  return Object.values(mainOperations).flatMap((operation) => (findPlace(spec, operation, model) ? [dialectOf(operation)] : []));
}

/** A segment that climbs, in a spelling some server on the way may read as one. No model has such a name. */
const climbing = /(?:^|[/\\]|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/\\]|%2f|%5c)/iu;

/** Whether the name of a model would leave its place in a path. */
export function leadsOutside(model: string): boolean {
  return climbing.test(model);
}

/** The endpoint at a path below the base URL, which may have a query. */
export function endpointAt(spec: ProviderSpec, baseUrl: URL, { path, auth = spec.auth }: OperationEndpoint): Endpoint {
  const [below = "", query = ""] = path.split("?");
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/${below}`;
  url.search = query;
  return { url, origin: url.origin, path: url.pathname + url.search, auth, spec };
}

/** The other interface a model of this provider speaks, if it does. */
export function modelApiOf({ modelApis = [] }: ProviderSpec, model: string): ModelApi | undefined {
  return modelApis.find(({ prefix }) => model.startsWith(prefix));
}

function findPlace(spec: ProviderSpec, operation: Operation, model: string): OperationEndpoint | undefined {
  const { path } = operations[operation];
  const other = modelApiOf(spec, model);
  if (!other) return spec.endpoints?.[operation] ?? (answers(spec.api, operation) ? { path } : undefined);
  if (!answers(other.api, operation)) return undefined;
  if (other.path === undefined) return { path };
  return mainOperations[dialectOf(operation)] === operation ? { path: other.path } : undefined;
}

function answers(api: ApiKind, operation: Operation): boolean {
  return operations[operation].apis.includes(api);
}

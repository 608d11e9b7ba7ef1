import { endpointAt, modelApiOf, type Endpoint } from "../endpoint.ts";
import { mainOperations } from "../operations.ts";
import type { ApiKind, Operation, ProviderSpec } from "../spec.ts";
import { drafts, type ChatApi } from "./drafts.ts";

/** A request that shows whether a credential works, ready to be authorized and sent. */
export interface ProbeRequest {
  readonly endpoint: Endpoint;
  /** The interface that is spoken, by which an answer is known. */
  readonly api: ApiKind;
  readonly method: "GET" | "POST";
  /** Names in lower case; none holds a credential. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a probe asks for. */
export interface ProbeRequestOptions {
  /** One that `parseBaseUrl` passed. */
  readonly baseUrl: URL;
  /** As the provider is sent it. Services that are no chat models need none. */
  readonly model?: string | undefined;
  /** How many tokens a model may write. Interfaces that take no fewer than some number are asked for that many. */
  readonly maxTokens: number;
  /** Of the credential. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/**
 * The smallest request that shows whether a credential works: one short question to a model, or what a service lets one
 * ask for little or nothing. `undefined` where there is none, because no model is known or the service has nothing cheap.
 *
 * @example
 * probeRequest(spec, { baseUrl: new URL("https://api.groq.com/openai/v1"), model: "llama-3.3-70b", maxTokens: 8 })?.body;
 * // {"model":"llama-3.3-70b","messages":[{"role":"user","content":"hi"}],"max_tokens":8}
 */
export function probeRequest(spec: ProviderSpec, options: ProbeRequestOptions): ProbeRequest | undefined {
  return isChatApi(spec.api) ? chatRequest(spec, spec.api, options) : serviceRequest(spec, options);
}

/** Whether a probe of this provider asks a model, so that one has to be named. */
export function needsModel(spec: ProviderSpec): boolean {
  return isChatApi(spec.api);
}

/** A key of Bedrock is a bearer token. What has to be signed has no secret, and is refused when it is authorized. */
function chatRequest(spec: ProviderSpec, usual: ChatApi, options: ProbeRequestOptions): ProbeRequest | undefined {
  const { baseUrl, model, maxTokens, attributes = {} } = options;
  if (model === undefined) return undefined;
  const other = modelApiOf(spec, model);
  const api = other && isChatApi(other.api) ? other.api : usual;
  const draft = drafts[api]({ spec, baseUrl, model, maxTokens, attributes });
  const mains: Partial<Readonly<Record<ApiKind, Operation>>> = mainOperations;
  const main = mains[api];
  const own = main && spec.endpoints?.[main];
  return {
    endpoint: endpointAt(spec, baseUrl, {
      path: other?.path ?? own?.path ?? draft.path,
      auth: own?.auth ?? (spec.auth === "aws-sigv4" ? "bearer" : spec.auth),
    }),
    api,
    method: "POST",
    headers: { ...jsonHeaders, ...attributeHeaders(spec, attributes), ...draft.headers },
    body: JSON.stringify(draft.body),
  };
}

function serviceRequest(spec: ProviderSpec, { baseUrl }: ProbeRequestOptions): ProbeRequest | undefined {
  if (!spec.probe) return undefined;
  const { method, path, body } = spec.probe;
  const { "content-type": contentType, ...headers } = jsonHeaders;
  return {
    endpoint: endpointAt(spec, baseUrl, { path }),
    api: spec.api,
    method,
    headers: body ? { ...headers, "content-type": contentType } : headers,
    ...(body && { body: JSON.stringify(body) }),
  };
}

/** Some front doors refuse who does not say what they are. */
const jsonHeaders = { accept: "application/json", "content-type": "application/json", "user-agent": "openclaw" } as const;

function attributeHeaders({ attributeHeaders = {} }: ProviderSpec, attributes: Readonly<Record<string, string>>): Record<string, string> {
  const known = Object.entries(attributeHeaders).flatMap(([attribute, header]) => {
    const value = attributes[attribute];
    return value === undefined ? [] : [[header, value] as const];
  });
  return Object.fromEntries(known);
}

function isChatApi(api: ApiKind): api is ChatApi {
  return Object.hasOwn(drafts, api);
}

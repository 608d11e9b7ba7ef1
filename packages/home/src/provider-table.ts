import {
  apiKinds,
  customSpec,
  findProvider,
  normalizeProviderId,
  parseBaseUrl,
  ProviderError,
  type ApiKind,
  type ProviderSpec,
} from "@openclaw/providers";
import type { Config, ProviderConfig } from "./config.ts";

/** A provider as this home uses it: the table's facts with what `models.providers` says on top. */
export interface HomeProvider {
  readonly spec: ProviderSpec;
  readonly baseUrl: URL | undefined;
  /** Origins its credentials may be sent to: that of the base URL, or none. */
  readonly hosts: readonly string[];
  /** Why it has no usable base URL. */
  readonly problem: string | undefined;
  readonly config: ProviderConfig | undefined;
}

/** The providers of a home. */
export interface ProviderTable {
  /** Looks a provider up by any spelling of its id. */
  find(id: string): HomeProvider | undefined;
  /** Canonical ids that `models.providers` configures. */
  readonly configured: readonly string[];
}

/**
 * Joins the provider table with the configuration. A `baseUrl` of the configuration is the configured
 * origin: that provider's environment keys and profiles go there. `baseUrls` fills in what is known
 * only at run time and loses to the configuration. What the configuration gets wrong is the `problem`
 * of that provider; nothing is sent to it.
 */
export function createProviderTable(config: Config, baseUrls: Readonly<Record<string, string>> = {}): ProviderTable {
  const entries = entriesById(config);
  const atRunTime = new Map(Object.entries(baseUrls));
  const found = new Map<string, HomeProvider>();

  function resolve(id: string): HomeProvider | undefined {
    const entry = entries.get(id);
    const known = findProvider(id);
    if (!known && !entry) return undefined;
    return Object.freeze(resolveProvider(id, known, entry, entry?.baseUrl ?? atRunTime.get(id) ?? known?.baseUrl));
  }

  return Object.freeze({
    configured: Object.freeze([...entries.keys()]),
    find(text) {
      const id = normalizeProviderId(text);
      // Unknown ids are not remembered: clients choose them.
      const provider = found.get(id) ?? resolve(id);
      if (provider) found.set(id, provider);
      return provider;
    },
  } satisfies ProviderTable);
}

/** The canonical spelling of an id wins over its aliases, and among these the first. */
function entriesById(config: Config): ReadonlyMap<string, ProviderConfig> {
  const entries = new Map<string, ProviderConfig>();
  for (const [text, entry] of Object.entries(config.models?.providers ?? {})) {
    const id = normalizeProviderId(text);
    if (text === id || !entries.has(id)) entries.set(id, entry);
  }
  return entries;
}

function resolveProvider(
  id: string,
  known: ProviderSpec | undefined,
  config: ProviderConfig | undefined,
  url: string | undefined,
): HomeProvider {
  const api = config?.api;
  const unusable = (spec: ProviderSpec, problem: string) => ({ spec, baseUrl: undefined, hosts: [], problem, config });
  if (api !== undefined && !isApiKind(api)) {
    return unusable(known ?? customSpec({ id, baseUrl: "" }), `models.providers.${id}.api is not one of ${apiKinds.join(", ")}`);
  }
  const spec = specOf(id, known, api, url);
  const isTemplate = config?.baseUrl === undefined && url?.includes("{") === true;
  // A local provider without an address, the sandbox, gets one when a gateway starts it.
  if (url === undefined && spec.isLocal === true) return { spec, baseUrl: undefined, hosts: [], problem: undefined, config };
  if (url === undefined || isTemplate) return unusable(spec, `${id} needs models.providers.${id}.baseUrl`);
  try {
    const baseUrl = parseBaseUrl(url, { isLocal: config?.local === true });
    return { spec, baseUrl, hosts: Object.freeze([baseUrl.origin]), problem: undefined, config };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return unusable(spec, `models.providers.${id}.baseUrl: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`);
  }
}

/** The table's facts, unless the configuration says that this address speaks another interface. */
function specOf(id: string, known: ProviderSpec | undefined, api: ApiKind | undefined, url: string | undefined): ProviderSpec {
  if (known && (api === undefined || api === known.api)) return known;
  const custom = customSpec({ id, baseUrl: url ?? "", ...(api !== undefined && { api }) });
  if (!known) return custom;
  const { headers: _headers, ...facts } = known;
  const { api: spoken, auth, endpoints = {}, headers } = custom;
  return { ...facts, api: spoken, auth, endpoints, modelApis: [], ...(headers && { headers }) };
}

function isApiKind(api: string): api is ApiKind {
  return apiKinds.some((kind) => kind === api);
}

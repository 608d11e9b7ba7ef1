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

export interface ProviderTable {
  /** Looks a provider up by any spelling of its id. */
  find(id: string): HomeProvider | undefined;
  /** Canonical ids that `models.providers` configures. */
  readonly configured: readonly string[];
}

/**
 * Joins the provider table with the configuration. A `baseUrl` of the configuration is the configured
 * origin: that provider's environment keys and profiles go there. `baseUrls` fills in what is known
 * only at run time and loses to the configuration.
 */
export function createProviderTable(config: Config, baseUrls: Readonly<Record<string, string>> = {}): ProviderTable {
  const entries = new Map<string, ProviderConfig>();
  for (const [id, entry] of Object.entries(config.models?.providers ?? {})) entries.set(normalizeProviderId(id), entry);
  const resolved = new Map<string, HomeProvider | undefined>();

  function resolve(id: string): HomeProvider | undefined {
    const entry = entries.get(id);
    const known = findProvider(id);
    if (!known && !entry) return undefined;
    const url = entry?.baseUrl ?? baseUrls[id] ?? known?.baseUrl;
    const api = entry?.api;
    if (api !== undefined && !isApiKind(api)) {
      return unusable(
        known ?? customSpec({ id, baseUrl: "" }),
        entry,
        `models.providers.${id}.api: "${api}" is not one of ${apiKinds.join(", ")}`,
      );
    }
    const spec = specOf(id, known, api, url);
    if (url === undefined || url.includes("{")) return unusable(spec, entry, `${id} needs models.providers.${id}.baseUrl`);
    try {
      const baseUrl = parseBaseUrl(url, { isLocal: entry?.local ?? false });
      return { spec, baseUrl, hosts: [baseUrl.origin], problem: undefined, config: entry };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return unusable(spec, entry, `models.providers.${id}.baseUrl: ${error.message}`);
    }
  }

  return {
    configured: [...entries.keys()],
    find(text) {
      const id = normalizeProviderId(text);
      if (!resolved.has(id)) resolved.set(id, resolve(id));
      return resolved.get(id);
    },
  };
}

/** The table's facts, unless the configuration says that this address speaks another interface. */
function specOf(id: string, known: ProviderSpec | undefined, api: ApiKind | undefined, url: string | undefined): ProviderSpec {
  if (known && (api === undefined || api === known.api)) return known;
  const custom = customSpec({ id, baseUrl: url ?? "", ...(api !== undefined && { api }) });
  return known ? { ...known, api: custom.api, auth: custom.auth, endpoints: {} } : custom;
}

function unusable(spec: ProviderSpec, config: ProviderConfig | undefined, problem: string): HomeProvider {
  return { spec, baseUrl: undefined, hosts: [], problem, config };
}

function isApiKind(api: string): api is ApiKind {
  return apiKinds.some((kind) => kind === api);
}

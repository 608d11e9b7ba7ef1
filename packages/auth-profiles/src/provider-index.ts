import type { NormalizeProvider } from "./normalize-provider.ts";
import type { ProfileConfig } from "./order.ts";
import type { AuthStore } from "./store.ts";

/** What a store and a configuration say of one provider. Ids stand as they stand there. */
export interface ProviderEntry {
  /** The order that was set: the store's, else the configured one. An empty one means none. */
  readonly explicit: readonly string[] | undefined;
  /** Profiles that the configuration has for it. */
  readonly configured: readonly string[];
  /** Profiles that are stored for it. */
  readonly stored: readonly string[];
}

/** Where providers are named. */
export interface ProviderSources {
  readonly store: AuthStore;
  readonly config: ProfileConfig;
  readonly normalizeProvider: NormalizeProvider;
}

/** By canonical id. Goes through everything once, so that a question about a provider need only go through its own. */
export function indexProviders({ store, config, normalizeProvider }: ProviderSources): ReadonlyMap<string, ProviderEntry> {
  // Thousands of profiles spell their providers in a few ways.
  const known = new Map<string, string>();
  const canonical: NormalizeProvider = (spelling) => {
    const found = known.get(spelling) ?? normalizeProvider(spelling);
    known.set(spelling, found);
    return found;
  };
  const explicit = new Map([...listsOf(config.order, canonical), ...listsOf(store.order, canonical)]);
  const configured = idsByProvider(Object.entries(config.profiles ?? {}), canonical);
  const stored = idsByProvider(store.profiles, canonical);
  const names = new Set([...explicit.keys(), ...configured.keys(), ...stored.keys()]);
  return new Map(
    [...names].map((name) => [
      name,
      { explicit: explicit.get(name), configured: configured.get(name) ?? [], stored: stored.get(name) ?? [] },
    ]),
  );
}

type IdLists = Map<string, readonly string[]>;

/** The list of a provider under its own id, else under the first other spelling. */
function listsOf(lists: ProfileConfig["order"], canonical: NormalizeProvider): IdLists {
  const found: IdLists = new Map();
  for (const [name, ids] of Object.entries(lists ?? {})) {
    const provider = canonical(name);
    if (name === provider || !found.has(provider)) found.set(provider, ids);
  }
  return found;
}

function idsByProvider(entries: Iterable<readonly [string, { readonly provider: string }]>, canonical: NormalizeProvider): IdLists {
  const found = new Map<string, string[]>();
  for (const [id, entry] of entries) {
    const provider = canonical(entry.provider);
    const ids = found.get(provider);
    if (ids === undefined) found.set(provider, [id]);
    else ids.push(id);
  }
  return found;
}

import { orderEntry, type OrderQuestion, type ProfileOrder, type TimedOrder } from "./order.ts";
import { indexProviders, type ProviderEntry, type ProviderSources } from "./provider-index.ts";
import { modelsWithWindows } from "./usage.ts";

/**
 * The orders of a store's providers. Each is worked out when it is first asked for, and again once a token or a
 * cooldown among its profiles has ended: until then the same question has the very same answer.
 */
export function createProviderOrders(sources: ProviderSources): (question: OrderQuestion) => ProfileOrder {
  const { store, normalizeProvider } = sources;
  let providers: ReadonlyMap<string, KeptProvider> | undefined;

  return (question) => {
    providers ??= new Map([...indexProviders(sources)].map(([id, entry]) => [id, { entry, orders: new Map() }]));
    const provider = providers.get(normalizeProvider(question.provider));
    if (provider === undefined) return noOrder;
    // Requests name their models: one that nothing is known of must not have an order of its own.
    const models = (provider.models ??= modelsWithWindows(store.usage, provider.entry.stored));
    const model = question.model !== undefined && models.has(question.model) ? question.model : undefined;

    const kept = provider.orders.get(model);
    if (kept !== undefined && kept.from <= question.now && question.now < kept.until) return kept.order;
    const timed = orderEntry(provider.entry, { ...question, ...sources });
    provider.orders.set(model, { ...timed, from: question.now });
    return timed.order;
  };
}

interface KeptOrder extends TimedOrder {
  /** A clock that was set back is before it. */
  readonly from: number;
}

interface KeptProvider {
  readonly entry: ProviderEntry;
  readonly orders: Map<string | undefined, KeptOrder>;
  models?: ReadonlySet<string>;
}

const noOrder: ProfileOrder = Object.freeze({
  ids: Object.freeze([]),
  sequence: Object.freeze([]),
  excluded: Object.freeze([]),
  isExplicit: false,
});

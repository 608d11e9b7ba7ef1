import type { UsageWindow } from "@openclaw/auth-profiles";
import { createHealth, defaultCooldownPolicy, type CredentialRecord, type Health, type WindowRecord } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Clock } from "@openclaw/secrets";
import { readableProfiles } from "./agents.ts";
import { cooldownPolicy } from "./cooldown-policy.ts";
import { isOfNoStore } from "./health-places.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/**
 * Health for the credentials of a home, with the policy of its configuration. It begins with the cooldowns that its stores
 * remember, also those an older version wrote into `auth-profiles.json`, and that have not ended.
 */
export function createHomeHealth(snapshot: HomeSnapshot, { clock }: { readonly clock: Pick<Clock, "now"> }): Health {
  const health = createHealth({ clock, policy: cooldownPolicy(snapshot.config) });
  for (const [store, { credentials, lastGood }] of remembered(snapshot, clock.now())) {
    health.adopt(store, { credentials, lastGood: Object.fromEntries(lastGood) });
  }
  return health;
}

interface Remembered {
  readonly credentials: Map<string, CredentialRecord>;
  readonly lastGood: Map<string, string>;
}

/** By the store that holds the credentials. An agent also remembers how it fared with those of main. */
function remembered({ agents }: HomeSnapshot, now: number): ReadonlyMap<string | undefined, Remembered> {
  const stores = new Map<string | undefined, Remembered>();
  const of = (store: string | undefined): Remembered => {
    const known = stores.get(store) ?? { credentials: new Map(), lastGood: new Map() };
    stores.set(store, known);
    return known;
  };
  for (const agent of agents.all) {
    const profiles = readableProfiles(agent);
    if (!profiles) continue;
    const isDefault = agent.storePath === agents.find().storePath;
    for (const [id, { lastUsed, windows }] of profiles.store.usage) {
      const store = profiles.storeOf(id);
      if (store === undefined && !(isDefault && isOfNoStore(id))) continue;
      const { credentials } = of(store);
      // What passes requests on to many providers never cools down as a whole, whatever older versions thought.
      const provider = authProviderId(profiles.store.profiles.get(id)?.provider ?? "");
      const open = openWindows(windows, now).filter(([model]) => model !== "*" || !defaultCooldownPolicy.neverWhole.includes(provider));
      const record = { ...(lastUsed !== undefined && { lastUsed }), windows: Object.fromEntries(open) };
      credentials.set(id, both(credentials.get(id), record));
    }
    for (const [provider, id] of Object.entries(profiles.store.lastGood)) {
      const store = profiles.storeOf(id);
      const name = authProviderId(provider);
      if (store !== undefined && !of(store).lastGood.has(name)) of(store).lastGood.set(name, id);
    }
  }
  return stores;
}

function openWindows(windows: Readonly<Record<string, UsageWindow>>, now: number): readonly (readonly [string, WindowRecord])[] {
  const open = Object.entries(windows).filter(([, { until }]) => now < until);
  return open.map(([model, window]) => [model, recordOf(window)]);
}

function recordOf(window: UsageWindow): WindowRecord {
  return { until: window.until, reason: reasonOf(window), count: window.count ?? 1 };
}

/** Older versions name more reasons than there are ways to end: somebody pays, somebody replaces the key, or time passes. */
function reasonOf({ kind, reason }: UsageWindow): WindowRecord["reason"] {
  if (reason === "billing" || reason === "auth_permanent") return reason;
  if (kind === "cooldown") return "rate_limit";
  return reason === "auth" ? "auth_permanent" : "billing";
}

/** What two agents remember of one credential: of each window the one that ends last. */
function both(one: CredentialRecord | undefined, other: CredentialRecord): CredentialRecord {
  if (one === undefined) return other;
  const windows = new Map(Object.entries(one.windows));
  for (const [model, window] of Object.entries(other.windows)) {
    if (window.until > (windows.get(model)?.until ?? 0)) windows.set(model, window);
  }
  const lastUsed = Math.max(one.lastUsed ?? 0, other.lastUsed ?? 0);
  return { ...(lastUsed > 0 && { lastUsed }), windows: Object.fromEntries(windows) };
}

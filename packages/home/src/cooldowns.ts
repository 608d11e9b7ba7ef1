import type { CooldownWindow, Health, HealthEntry } from "@openclaw/key-rotation";
import { normalizeProviderId } from "@openclaw/providers";
import type { NamedKey } from "./named-keys.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** A window of a credential, or of a quota that several share, as people look at it. */
export interface Cooldown {
  /** A profile id, the fingerprint of a key (`#1a2b3c4d`), or `bucket:<provider>:<name>`. */
  readonly id: string;
  readonly kind: "profile" | "key" | "bucket";
  readonly provider?: string;
  /** Where a key is: `OPENAI_API_KEYS[2]`. */
  readonly origin?: string;
  /** Path of the store that holds a profile. */
  readonly store?: string;
  /** `*` for all models. */
  readonly model: string;
  /** `disabled` needs somebody to act; `half_open`: the time is over, and one request tries. */
  readonly state: "cooling" | "disabled" | "half_open";
  readonly reason: string;
  /** Epoch milliseconds; in the past where it is half-open. */
  readonly until: number;
  /** 0 where it is half-open. */
  readonly remainingMs: number;
  /** Windows in a row without a success between them. */
  readonly count: number;
}

/** What names are looked up in. */
export interface CooldownContext {
  readonly home: HomeSnapshot;
  readonly agentId: string | undefined;
  readonly keys: readonly NamedKey[];
  readonly now: number;
}

/** What health knows that is of concern to an agent, the soonest end first. */
export function cooldownsOf(health: Pick<Health, "inspect">, context: CooldownContext): readonly Cooldown[] {
  const agent = context.home.agents.find(context.agentId);
  const { store, storeOf } = agent.profiles();
  // What is left of an account that has gone is still in the file of the agent.
  const isSeen = ({ id, store: path }: HealthEntry) => path === undefined || path === (storeOf(id) ?? agent.storePath);
  return health
    .inspect()
    .filter(isSeen)
    .map((entry) => cooldownOf(entry, context, store.profiles.get(entry.id)?.provider))
    .toSorted((left, right) => left.until - right.until || compare(left.id, right.id) || compare(left.model, right.model));
}

function cooldownOf({ id, store, model, window }: HealthEntry, { keys, now }: CooldownContext, provider?: string): Cooldown {
  const { until, reason, count } = window;
  const named = credentialOwner(id, keys, store === undefined ? undefined : provider);
  const state = windowState(window, now);
  return { id, ...named, ...(store !== undefined && { store }), model, state, reason, until, remainingMs: Math.max(0, until - now), count };
}

/** Whether a window that began is over, and whether somebody needs to act. */
export function windowState({ until, reason }: CooldownWindow, now: number): Cooldown["state"] {
  if (until <= now) return "half_open";
  return reason === "rate_limit" ? "cooling" : "disabled";
}

/** What an id of health stands for. `provider` is that of the stored profile of this id, where there is one. */
export function credentialOwner(
  id: string,
  keys: readonly NamedKey[],
  provider: string | undefined,
): Pick<Cooldown, "kind" | "provider" | "origin"> {
  const key = keys.find((each) => each.id === id);
  if (key) return { kind: "key", provider: key.provider, origin: key.origin };
  const [, bucketOf] = /^bucket:([^:]+):/u.exec(id) ?? [];
  if (bucketOf !== undefined) return { kind: "bucket", provider: bucketOf };
  if (id.startsWith("#")) return { kind: "key" };
  return { kind: "profile", ...(provider !== undefined && { provider: normalizeProviderId(provider) }) };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

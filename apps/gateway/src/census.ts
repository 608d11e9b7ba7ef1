import { setImmediate } from "node:timers/promises";
import type { ProfileHealth } from "@openclaw/auth-profiles";
import { allKeys, type HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import type { Clock } from "@openclaw/secrets";
import { ownHealths } from "./own-healths.ts";

/** Whether a credential works: `expiring` within a day with nothing that renews it, `expired`, or `missing` what it needs. */
type CredentialState = "ok" | "expiring" | "expired" | "missing";

/** The credentials of one provider, those of every agent and keys without a profile. */
interface ProviderCensus {
  readonly states: Readonly<Record<CredentialState, number>>;
  /** The soonest end of one that nothing renews, epoch milliseconds. It may lie in the past. */
  readonly soonestEnd: number | undefined;
}

/** How all credentials are doing, by provider. */
export type Census = ReadonlyMap<string, ProviderCensus>;

/** Longest stretch without a pause: requests wait meanwhile. */
const STRETCH_MS = 5;
/** Several may ask at a time, and one may ask often. */
const FRESH_MS = 5_000;

/** Counts the credentials of a home, in stretches between which requests are served. */
export function createCensus(home: () => HomeSnapshot, clock: Pick<Clock, "now">): () => Promise<Census> {
  let last: { readonly home: HomeSnapshot; readonly at: number; readonly census: Promise<Census> } | undefined;
  return () => {
    const [current, now] = [home(), clock.now()];
    if (last?.home === current && Math.abs(now - last.at) < FRESH_MS) return last.census;
    const census = take(current);
    last = { home: current, at: now, census };
    return census;
  };
}

async function take(home: HomeSnapshot): Promise<Census> {
  const found = new Map<string, { readonly states: Record<CredentialState, number>; soonestEnd: number | undefined }>();
  const of = (name: string) => {
    const provider = authProviderId(name);
    const entry = found.get(provider) ?? { states: { ok: 0, expiring: 0, expired: 0, missing: 0 }, soonestEnd: undefined };
    found.set(provider, entry);
    return entry;
  };
  let began = performance.now();
  for (const agent of home.agents.all) {
    for (const health of ownHealths(agent, home.agents)) {
      const entry = of(health.provider);
      entry.states[stateOf(health)] += 1;
      if (health.expiresAt !== undefined && !health.isRefreshable)
        entry.soonestEnd = Math.min(entry.soonestEnd ?? Infinity, health.expiresAt);
    }
    if (performance.now() - began < STRETCH_MS) continue;
    await setImmediate();
    began = performance.now();
  }
  for (const { provider } of new Map(allKeys(home).map((key) => [`${key.provider} ${key.id}`, key])).values()) of(provider).states.ok += 1;
  return found;
}

function stateOf({ status, access, isRefreshable }: ProfileHealth): CredentialState {
  if (status === "missing" || (access === "missing" && !isRefreshable)) return "missing";
  if (status === "expired" || (access === "expired" && !isRefreshable)) return "expired";
  return status === "expiring" ? "expiring" : "ok";
}

import type { AuthStore } from "@openclaw/auth-profiles";
import { normalizeProviderId } from "@openclaw/providers";
import type { UnusableProfile } from "./status-types.ts";

const ALL_MODELS = "*";

/** Profiles that are to be left alone for now, for a model or for all of them, the soonest to recover first. */
export function unusableProfiles(store: AuthStore, now: number): readonly UnusableProfile[] {
  return [...store.usage]
    .filter(([id]) => isProfile(id))
    .flatMap(([profileId, { windows }]) => {
      const provider = store.profiles.get(profileId)?.provider;
      return Object.entries(windows)
        .filter(([, { until }]) => now < until)
        .map(([model, { kind, reason, until, count }]) => ({
          profileId,
          ...(provider !== undefined && { provider: normalizeProviderId(provider) }),
          kind,
          ...(reason !== "unknown" && { reason }),
          until,
          remainingMs: until - now,
          ...(model !== ALL_MODELS && { model }),
          ...(count !== undefined && { count }),
        }));
    })
    .toSorted((left, right) => left.until - right.until);
}

/** Keys and quotas are kept beside profiles: by fingerprint, and by name. */
function isProfile(id: string): boolean {
  return !id.startsWith("#") && !id.startsWith("bucket:");
}

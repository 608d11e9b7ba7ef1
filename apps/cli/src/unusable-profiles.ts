import { currentWindow, type AuthStore } from "@openclaw/auth-profiles";
import { normalizeProviderId } from "@openclaw/providers";
import type { UnusableProfile } from "./status-types.ts";

/** Profiles that are to be left alone for now, the soonest to recover first. */
export function unusableProfiles(store: AuthStore, now: number): readonly UnusableProfile[] {
  return [...store.usage.entries()]
    .flatMap(([profileId, usage]) => {
      const window = currentWindow(usage, now);
      if (!window) return [];
      const provider = store.profiles.get(profileId)?.provider;
      return [
        {
          profileId,
          ...(provider !== undefined && { provider: normalizeProviderId(provider) }),
          kind: window.kind,
          ...(window.reason !== "unknown" && { reason: window.reason }),
          until: window.until,
          remainingMs: window.until - now,
        },
      ];
    })
    .toSorted((left, right) => left.until - right.until);
}

import type { ProfileSet } from "@openclaw/auth-profiles";
import type { HomeProvider, HomeSnapshot } from "@openclaw/home";
import { keyVariables, liveKey } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Candidate } from "@openclaw/secrets";
import { viaOf } from "./candidate-source.ts";
import type { PlaceRule, StreamEnd } from "./explanation.ts";

/** What decides about a stream. */
export interface StreamRules {
  readonly end: StreamEnd;
  ruleOf(candidate: Candidate): PlaceRule;
}

/** What the rules of a stream are read from. */
export interface StreamRulesContext {
  readonly home: HomeSnapshot;
  readonly provider: HomeProvider;
  readonly profiles: ProfileSet;
  readonly pin: string | undefined;
  /** The pin makes every request an error. */
  readonly isPinRefused: boolean;
}

/** Which rule puts each credential of a provider where it stands, and which one ends the stream. */
export function streamRules({ home, provider, profiles, pin, isPinRefused }: StreamRulesContext): StreamRules {
  const id = authProviderId(provider.spec.id);
  const { live } = keyVariables(id);
  const isLive = liveKey(home.env.values, id) !== undefined;
  const isStrict = home.pins === "strict";
  const { isExplicit } = profiles.order(provider.spec.id);
  const isInStore = Object.keys(profiles.store.order).some((name) => authProviderId(name) === id);
  const isListed = Object.values(home.config.auth?.profiles ?? {}).some((entry) => authProviderId(entry.provider) === id);
  const ordered = isInStore ? "order_store" : "order_config";

  function endOf(): StreamEnd {
    if (pin !== undefined && isStrict) return { code: "pin", because: `${pin} is pinned: that account or an error (auth.pins: "strict")` };
    if (isPinRefused)
      return { code: "pin", because: `${pin} is pinned and cannot be used: that is an error, also where pins are a first choice` };
    if (isLive) return { code: "live_key", because: `${live} is set: it is used in place of profiles and all other keys` };
    if (!isExplicit)
      return { code: "spent", because: "no order is set: profiles, keys of the environment and the configured key are all there is" };
    const where = isInStore ? `the store of the agent sets an order for ${id}` : `auth.order of openclaw.json names ${id}`;
    return { code: ordered, because: `${where}: nothing beyond its profiles is used` };
  }

  return {
    end: endOf(),
    ruleOf(candidate) {
      if (pin !== undefined && candidate.profileId === pin) return "pin";
      if (candidate.via === "profile") return isExplicit ? ordered : isListed ? "profiles_config" : "type_order";
      if (isLive) return "live_key";
      const via = viaOf(candidate);
      return via === "env" ? "env_order" : via === "config" ? "config_key" : "no_key";
    },
  };
}

import { modelName, type HomeSnapshot } from "@openclaw/home";
import { splitModelPin, type ModelPin } from "@openclaw/providers";
import type { Caller } from "../caller.ts";
import { credentialFingerprint } from "../credential-fingerprint.ts";
import { GatewayError, isOwnError } from "../errors.ts";
import { targetsFor, type Target, type TargetsQuery } from "../targets.ts";
import { agentNamed, isAgentName } from "./agent-name.ts";
import type { SessionPin } from "./session-pin.ts";

/**
 * The models a request of a pinned session may be answered by. An agent stands for the pinned model, with the pinned profile. A
 * model that is named stays, with the pinned profile where it is of that provider. A profile that is named stays as well.
 *
 * @throws {GatewayError} `profile-not-found` where the pinned profile is gone, and what {@link targetsFor} throws.
 */
export function pinnedTargets(
  home: HomeSnapshot,
  name: string,
  pin: SessionPin,
  query: TargetsQuery & { readonly hasModel: boolean },
): readonly [Target, ...Target[]] {
  const { model, profileId: own } = splitModelPin(name);
  if (own !== undefined) return targetsFor(home, name, query);
  const agentId = agentNamed(name, query.agentId);
  const withProfile = (asked: string): ModelPin => {
    const { profileId } = pin;
    if (profileId === undefined) return { model: asked };
    requireThere(profileId, pin.model.provider, { home, caller: query.caller, agentId });
    return { model: asked, profileId };
  };
  if (query.hasModel && isAgentName(model)) return targetsFor(home, withProfile(modelName(pin.model)), { ...query, agentId });
  const targets = targetsFor(home, name, query);
  const isOfProvider = pin.profileId !== undefined && targets[0].provider === pin.model.provider;
  return isOfProvider ? targetsFor(home, withProfile(model), query) : targets;
}

interface PinCheck {
  readonly home: HomeSnapshot;
  readonly caller: Caller;
  readonly agentId: string | undefined;
}

/** Never passed over in silence: whoever pinned it may not want to be served by another. */
function requireThere(profileId: string, provider: string, { home, caller, agentId }: PinCheck): void {
  try {
    home.agents.find(agentId).profiles().checkPin(profileId, provider);
  } catch (error) {
    if (!isOwnError(error) || error.code !== "profile-not-found") throw error;
    // It is often an e-mail address, and another may have pinned it.
    const name = caller.isAdmin ? JSON.stringify(profileId) : credentialFingerprint(home, { id: profileId });
    throw new GatewayError("profile-not-found", `This session is pinned to the profile ${name}, which is gone`, {
      cause: error,
      hint: "send /model default to take the pin away, or pin one that /model status or openclaw models status shows",
    });
  }
}

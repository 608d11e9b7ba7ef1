import { readableProfiles, type ModelRef } from "@openclaw/home";
import { splitModelPin } from "@openclaw/providers";
import { isAgentName } from "../sessions/agent-name.ts";
import { targetsFor } from "../targets.ts";
import type { Asked } from "./asked.ts";
import { labelOf } from "./choices.ts";
import { shownProfile } from "./profile-name.ts";

/** What a request like this one is answered by. */
export interface Current {
  readonly model: ModelRef;
  readonly profileId: string | undefined;
  /** Because the session is pinned to it. */
  readonly isPinned: boolean;
}

/** What the next request of this kind is answered by. @throws what {@link targetsFor} throws. */
export function currentOf({ home, caller, surface, agentId, name, session }: Asked): Current {
  const pin = session?.pin;
  const named = splitModelPin(name);
  if (pin && named.profileId === undefined && isAgentName(named.model)) return { ...pin, profileId: pin.profileId, isPinned: true };
  const [target] = targetsFor(home, name, { caller, dialect: surface.dialect, agentId });
  const ofSession = pin?.model.provider === target.provider ? pin.profileId : undefined;
  const profileId = named.profileId ?? ofSession ?? target.profileId;
  return { model: target, profileId, isPinned: false };
}

/** Model, profile and mode, a line each. */
export function currentLines(asked: Asked, current: Current = currentOf(asked)): readonly string[] {
  const { home, caller, session } = asked;
  const { model, profileId, isPinned } = current;
  const profile = profileId === undefined ? "automatic" : `${shownProfile(profileId, home, caller)} (${stateOf(profileId, asked)})`;
  const how = isPinned ? "pinned to this session" : session?.pin ? "named by the request" : "not pinned";
  return [`Model: ${labelOf(model, asked)}, ${how}`, `Profile: ${profile}`, `Pins: ${modeOf(home)}`];
}

/** Whether it is still there. That it cannot be used is shown by `/model status`. */
function stateOf(profileId: string, { home, agentId }: Asked): string {
  const isGone = readableProfiles(home.agents.find(agentId))?.store.profiles.has(profileId) === false;
  return isGone ? "pinned, and gone: /new takes the pin away" : "pinned";
}

/** What a pinned profile means. */
export function modeOf({ pins }: Pick<Asked["home"], "pins">): string {
  return pins === "strict" ? "strict (that profile, or an error)" : "prefer (that profile first, then the others)";
}

import { AuthProfileError } from "@openclaw/auth-profiles";
import { credentialHint, type HomeSnapshot, nearest, type PlanQuery } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { ExplainedModel } from "./explanation.ts";

/** The plan a request would have, and what keeps every request from being sent. */
export interface PlanOutcome {
  readonly plan: Plan;
  readonly problem?: NonNullable<ExplainedModel["problem"]>;
  /** A pin that makes the request an error, whatever `auth.pins` says: nothing else is tried, and no fallback follows. */
  readonly refusedPin?: string;
}

/**
 * Makes the plan of a request. A pin that cannot be used leaves an empty one, and says why; so that it can be looked at,
 * the plan of a provider without an address is listed all the same.
 *
 * @throws {AuthProfileError} for a store that is broken.
 */
export function planOutcome(home: HomeSnapshot, query: PlanQuery): PlanOutcome {
  const provider = home.providers.find(query.provider);
  try {
    const plan = home.plan(query);
    if (provider?.problem !== undefined) return { plan, problem: { code: "provider_unusable", message: provider.problem } };
    if (!provider || plan.candidates.length + plan.excluded.length > 0) return { plan };
    const message = `There is no account and no key of ${provider.spec.id}`;
    return { plan, problem: { code: "no_credentials", message, hint: credentialHint(provider.spec) } };
  } catch (error) {
    if (!(error instanceof AuthProfileError) || (error.code !== "profile-not-found" && error.code !== "profile-unusable")) throw error;
    const { provider, model } = query;
    const plan: Plan = { provider, ...(model !== undefined && { model }), candidates: [], excluded: [] };
    const hint = hintOf(error, home, query);
    const code = error.reason ?? "profile_missing";
    const problem = { code, message: error.message, ...(hint !== undefined && { hint }) };
    return { plan, problem, ...(query.profileId !== undefined && { refusedPin: query.profileId }) };
  }
}

/** As many names can be read at a glance. */
const FEW = 6;

/** A pin that was misspelt is mended by another name, and not by a chat command. */
function hintOf(
  { code, hint }: AuthProfileError,
  home: HomeSnapshot,
  { provider, agentId, profileId = "" }: PlanQuery,
): string | undefined {
  if (code !== "profile-not-found") return hint;
  const { profiles } = home.agents.find(agentId).profiles().store;
  const own = [...profiles].filter(([, profile]) => authProviderId(profile.provider) === authProviderId(provider)).map(([id]) => id);
  const near = nearest(profileId, own);
  const others = own.filter((id) => !near.includes(id));
  const named = `${others.slice(0, FEW).join(", ")}${others.length > FEW ? ", ..." : ""}`;
  if (near.length === 0) return own.length > 0 ? `accounts of ${provider} are ${named}` : hint;
  const isFew = others.length > 0 && own.length <= FEW;
  return `did you mean ${near.join(", ")}?${isFew ? ` There is ${named} as well` : ""}`;
}

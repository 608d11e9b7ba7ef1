import { modelName, type ModelRef } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import type { ProfileHealth } from "@openclaw/auth-profiles";
import type { Candidate } from "@openclaw/secrets";
import { allowedPlan } from "../allowed-plan.ts";
import { credentialFingerprint } from "../credential-fingerprint.ts";
import { isOwnError } from "../errors.ts";
import type { Asked } from "./asked.ts";
import { choicesOf } from "./choices.ts";
import { currentLines, currentOf, type Current } from "./current.ts";
import { spanText } from "./span-text.ts";

/** Providers in one answer, and credentials of one provider. */
const MOST_SHOWN = 20;

/** Answers `/model status`: for each provider there is to choose from, where it is asked and with which credentials. */
export function status(asked: Asked): string {
  const current = currentOf(asked);
  const byProvider = new Map<string, ModelRef>();
  for (const model of [current.model, ...choicesOf(asked).models]) {
    if (!byProvider.has(model.provider)) byProvider.set(model.provider, model);
  }
  const providers = [...byProvider.values()].slice(0, MOST_SHOWN).map((model) => providerLine(model, current, asked));
  return [...currentLines(asked, current), ...(asked.session ? [`Session: ${asked.session.id}`] : []), "", ...providers].join("\n");
}

function providerLine(model: ModelRef, current: Current, asked: Asked): string {
  const { spec, baseUrl } = asked.home.providers.find(model.provider) ?? {};
  const endpoint = baseUrl?.href.replace(/\/$/u, "") ?? "none";
  return `[${model.provider}] endpoint: ${endpoint} api: ${spec?.api ?? "unknown"} auth: ${authOf(model, current, asked)}`;
}

function authOf(model: ModelRef, current: Current, asked: Asked): string {
  const { home, caller, agentId } = asked;
  try {
    const query = { provider: model.provider, model: model.model, ...(agentId !== undefined && { agentId }) };
    const plan = allowedPlan(home.plan(query), caller);
    const named = credentialTexts(plan, modelName(model) === modelName(current.model) ? current : undefined, asked);
    const more = named.length - MOST_SHOWN;
    if (named.length === 0) return "none";
    return [...named.slice(0, MOST_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])].join(", ");
  } catch (error) {
    if (!isOwnError(error)) throw error;
    return error.message;
  }
}

function credentialTexts(plan: Plan, current: Current | undefined, asked: Asked): readonly string[] {
  const { home, caller, agentId, session, context } = asked;
  const { health, clock } = context;
  const profiles = home.agents.find(agentId).profiles();
  const states = new Map(profiles.inspect().map((state) => [state.profileId, state]));
  const cooling = new Map(health.cooling(plan).map(({ id, until }) => [id, until]));
  const next = nextOf(plan, current, asked);
  const good = (store: string | undefined) => health.records(store).lastGood[plan.provider];
  const textOf = (id: string, label: string, flags: readonly string[]) => {
    const shown = caller.isAdmin ? label : credentialFingerprint(home, { id });
    return [shown, ...flags.map((flag) => `(${flag})`)].join(" ");
  };
  const candidates = plan.candidates.map((candidate) => {
    const { id, origin, profileId, store } = candidate;
    const until = cooling.get(id);
    return textOf(id, profileId ?? origin, [
      ...(id === next ? ["next"] : []),
      ...(profileId !== undefined && good(store) === profileId ? ["lastGood"] : []),
      ...(until === undefined ? [] : [`cooldown ${spanText(until - clock.now())}`]),
      ...expiryFlags(profileId === undefined ? undefined : states.get(profileId)),
      ...(current?.profileId !== undefined && current.profileId === profileId && session?.pin ? ["pinned"] : []),
    ]);
  });
  return [...candidates, ...plan.excluded.map(({ id, reason }) => textOf(id, id, [reason]))];
}

/** Who answers the next request, where somebody can. */
function nextOf(plan: Plan, current: Current | undefined, { session, home, context }: Asked): Candidate["id"] | undefined {
  if (current?.profileId !== undefined && home.pins === "strict") return current.profileId;
  const pinned = plan.candidates.find(({ profileId }) => profileId !== undefined && profileId === current?.profileId);
  if (pinned && context.health.cooling(plan).every(({ id }) => id !== pinned.id)) return pinned.id;
  return context.health.peek(plan, session ? { session: session.id } : {})?.id;
}

/** A login that is renewed by itself ends only when it cannot be. */
function expiryFlags(state: ProfileHealth | undefined): readonly string[] {
  if (state?.expiresAt === undefined || state.remainingMs === undefined) return [];
  if (state.remainingMs > 0) return [`exp ${spanText(state.remainingMs)}`];
  return state.isRefreshable ? [] : ["expired"];
}

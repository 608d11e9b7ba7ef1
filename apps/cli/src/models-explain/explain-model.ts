import {
  allKeys,
  billingCrossing,
  cooldownsOf,
  fallbackClasses,
  type HomeSnapshot,
  type ModelTarget,
  type ModelTargets,
  type NamedKey,
} from "@openclaw/home";
import type { Health, Plan } from "@openclaw/key-rotation";
import { exampleOf, failureClasses } from "../models-simulate/fault.ts";
import { billingView } from "./billing-view.ts";
import { credentialContext } from "./credential-state.ts";
import { explainCandidates } from "./explain-candidates.ts";
import type { ExplainedModel, ModelExplanation } from "./explanation.ts";
import { leftOut } from "./left-out.ts";
import type { AskedSession } from "./asked-session.ts";
import { planOutcome } from "./plan-outcome.ts";
import { isSpread, spreadNote } from "./spread-note.ts";
import { streamRules } from "./stream-rule.ts";
import { askedModels } from "./targets.ts";
import { tryOrder } from "./try-order.ts";

/** What is to be explained. */
export interface ExplainQuery {
  /** `provider/model`, an alias, `openclaw/<agentId>`; with `@profile` behind it, a pin. */
  readonly text: string;
  readonly agentId: string | undefined;
  readonly session: AskedSession | undefined;
  readonly now: number;
  readonly health: Health;
  /** What could not be read of it. */
  readonly notes: readonly string[];
}

/**
 * Explains which credentials a request for a model would try, in which order, and why. The plan, the health and the policy
 * are those of a request, so that the two cannot differ. Opens no connection, runs no command, writes nothing.
 *
 * @throws {CliError} for a model that is none; {HomeError} for an agent that is none; {AuthProfileError} for a store that is broken.
 */
export function explainModel(home: HomeSnapshot, query: ExplainQuery): ModelExplanation {
  const { text, agentId, session, now, notes } = query;
  const asked = askedModels(home, text, agentId);
  const context = { home, asked, query, keys: allKeys(home) };
  const pin = asked.targets[0].profileId;
  const models: ExplainedModel[] = [];
  for (const target of asked.targets) {
    const { model, isLast } = explainTarget(target, models, context);
    models.push(model);
    if (isLast) break;
  }
  const isUsableNow = models.some(({ first }) => first !== null);
  return {
    version: 1,
    asked: text,
    agentId: home.agents.find(asked.agentId).id,
    at: now,
    session: session?.key ?? null,
    pin: pin === undefined ? null : { profileId: pin, mode: home.pins },
    isUsableNow,
    models,
    skippedFallbacks: asked.skipped,
    fallbackOn: [...fallbackClasses],
    notes: [...notes, ...spreadNotes(models, session), ...(session?.note === undefined ? [] : [session.note])],
  };
}

/** Those of a session go where it does. */
function spreadNotes(models: readonly ExplainedModel[], session: AskedSession | undefined): readonly string[] {
  const strategies = session ? [] : models.filter(isSpread).map(({ strategy }) => strategy);
  return [...new Set(strategies)].map(spreadNote);
}

interface ExplainContext {
  readonly home: HomeSnapshot;
  readonly asked: ModelTargets;
  readonly query: ExplainQuery;
  readonly keys: readonly NamedKey[];
}

interface ExplainedTarget {
  readonly model: ExplainedModel;
  /** No fallback follows. */
  readonly isLast: boolean;
}

function explainTarget(target: ModelTarget, before: readonly ExplainedModel[], context: ExplainContext): ExplainedTarget {
  const { home, asked, query } = context;
  const { health, session, now } = query;
  const { agentId } = asked;
  const role = before.length === 0 ? "requested" : "fallback";
  const { profileId: pin, ...ref } = target;
  const provider = home.providers.find(target.provider);
  if (!provider) throw new TypeError(`askedModels gave ${target.provider}, which is no provider`);
  const profiles = home.agents.find(agentId).profiles();
  const { plan, problem, refusedPin } = planOutcome(home, {
    ...target,
    ...(agentId !== undefined && { agentId }),
  });
  const credentials = credentialContext(home, profiles, target.provider);
  const rules = streamRules({ home, provider, profiles, pin, isPinRefused: refusedPin !== undefined });
  const crossed = crossings(plan, before);
  // A pin is nobody's own choice: it follows no session.
  const candidates = explainCandidates(tryOrder(plan, health, pin === undefined ? session?.id : undefined), {
    credentials,
    rules,
    advance: home.advance,
    mostRotations: mostRotations(home),
    examples: failureClasses.map((name) => exampleOf(name, provider.spec, now)),
    cooldowns: cooldownsOf(health, { home, agentId, keys: context.keys, now }),
    model: target.model,
    isCrossing: (id) => crossed.has(id),
  });
  const first = problem ? undefined : candidates.find(({ isUsableNow }) => isUsableNow);
  const soonest = first
    ? Infinity
    : Math.min(...candidates.flatMap(({ state, nextRetryAt }) => (state === "cooling" ? (nextRetryAt ?? []) : [])));
  const model: ExplainedModel = {
    ...ref,
    role,
    strategy: plan.strategy ?? "ordered",
    ...(plan.headroomWindow !== undefined && { headroomWindow: plan.headroomWindow }),
    first: first?.id ?? null,
    ...(Number.isFinite(soonest) && { nextRetryAt: soonest }),
    candidates,
    // Behind a first choice the others would come, did it not make the request an error.
    leftOut:
      refusedPin !== undefined && home.pins === "prefer"
        ? []
        : leftOut(plan, rules.end, { ...credentials, unusablePin: problem ? pin : undefined }),
    end: rules.end,
    billing: billingView({ home, plan, crossed, pin, end: rules.end, role }),
    ...(problem && { problem }),
  };
  // A fallback whose pin is refused is passed over.
  return { model, isLast: refusedPin !== undefined && role === "requested" };
}

/** Those paid per token although a flat plan stands before them: in this plan, or at the model that was asked for. */
function crossings(plan: Plan, before: readonly ExplainedModel[]): ReadonlySet<string> {
  const hadFlatPlan = before.some(({ candidates, leftOut }) =>
    [...candidates, ...leftOut].some(({ billing }) => billing === "subscription"),
  );
  const paid = plan.candidates.filter((candidate) => candidate.billing === "metered" && (hadFlatPlan || billingCrossing(plan, candidate)));
  return new Set(paid.map(({ id }) => id));
}

function mostRotations({ config }: HomeSnapshot): number | undefined {
  const { rateLimitedProfileRotations, overloadedProfileRotations } = config.auth?.cooldowns ?? {};
  const limits = [rateLimitedProfileRotations, overloadedProfileRotations].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.max(...limits);
}

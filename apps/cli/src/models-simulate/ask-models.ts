import { billingCrossing, fallbackClasses, modelName, type HomeSnapshot, type ModelTarget, type ModelTargets } from "@openclaw/home";
import { rotate, RotationError, type Failure, type FailureClass, type Health, type Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import { failureFor } from "../models-explain/explain-candidates.ts";
import { planOutcome } from "../models-explain/plan-outcome.ts";
import { failureOf } from "./fault.ts";
import type { TargetedFault } from "./fault-target.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import { NotToBeHad, type StandIns } from "./stand-ins.ts";

/** What simulated requests are made with. */
export interface AskContext {
  readonly home: HomeSnapshot;
  readonly asked: ModelTargets;
  readonly health: Health;
  readonly clock: SimulatedClock;
  readonly standIns: StandIns;
  /** Of a candidate at this moment. */
  readonly faultOf: (candidate: Candidate) => TargetedFault | undefined;
  /** As health knows it. */
  readonly session: string | undefined;
}

/** One credential that was tried and failed, or could not be had. */
export interface FailedStep {
  readonly model: string;
  readonly candidate: Candidate;
  readonly failure: Failure;
}

/** What a client gets instead of an answer. */
export interface ClientError {
  readonly status: number;
  /** `provider`: its last answer, unchanged. */
  readonly from: "provider" | "gateway";
  readonly code: string;
  /** `Retry-After` of the answer. */
  readonly retryAfterMs?: number;
}

/** One model was asked after another. */
interface FallbackStep {
  readonly from: string;
  readonly to: string;
  readonly class: FailureClass;
}

/** How one request went. */
export interface RequestOutcome {
  readonly steps: readonly FailedStep[];
  readonly fallbacks: readonly FallbackStep[];
  readonly served?: { readonly model: string; readonly candidate: Candidate; readonly isCrossing: boolean };
  readonly error?: ClientError;
  /** How long it waited for a credential to recover. */
  readonly waitedMs: number;
}

interface Answer {
  readonly candidate: Candidate;
  readonly failure: Failure | undefined;
}

type ModelOutcome = {
  readonly steps: readonly FailedStep[];
  readonly waitedMs: number;
  readonly plan: Plan;
  readonly retryAt: number | undefined;
} & (
  | { readonly kind: "answer"; readonly failure: Failure | undefined; readonly candidate: Candidate }
  | { readonly kind: "error"; readonly failure: Failure | undefined; readonly status: number; readonly code: string }
);

/** Asks one model after the other as a gateway does, and hands back what counts: the last answer of a provider, else the first error. */
export async function askModels(context: AskContext): Promise<RequestOutcome> {
  const { asked, clock } = context;
  const outcomes: ModelOutcome[] = [];
  let answer: (ModelOutcome & { readonly kind: "answer" }) | undefined;
  let model = "";
  const fallbacks: FallbackStep[] = [];
  for (const [index, target] of asked.targets.entries()) {
    const { failure } = answer ?? outcomes[0] ?? {};
    const previous = asked.targets[index - 1];
    if (previous) {
      if (!failure || !fallbackClasses.has(failure.class)) break;
      fallbacks.push({ from: modelName(previous), to: modelName(target), class: failure.class });
    }
    const outcome = await askModel(target, context);
    outcomes.push(outcome);
    if (outcome.kind === "answer") [answer, model] = [outcome, modelName(target)];
  }
  const [first] = outcomes;
  const waitedMs = outcomes.reduce((sum, outcome) => sum + outcome.waitedMs, 0);
  const shared = { steps: outcomes.flatMap(({ steps }) => steps), fallbacks, waitedMs };
  const retryAt = Math.min(...outcomes.flatMap((outcome) => outcome.retryAt ?? []));
  const retry = Number.isFinite(retryAt) ? { retryAfterMs: Math.max(0, retryAt - clock.now()) } : {};
  if (answer && !answer.failure) {
    const isCrossing = first !== undefined && crosses(first.plan, answer);
    return { ...shared, served: { model, candidate: answer.candidate, isCrossing } };
  }
  if (answer?.failure) {
    const { status = 502, class: code } = answer.failure;
    return { ...shared, error: { status, from: "provider", code, ...(code === "rate_limit" && retry) } };
  }
  if (first?.kind !== "error") throw new TypeError("a request without a model");
  return { ...shared, error: { status: first.status, from: "gateway", code: first.code, ...retry } };
}

async function askModel(target: ModelTarget, context: AskContext): Promise<ModelOutcome> {
  const { home, asked, health, clock, standIns, session } = context;
  const { agentId } = asked;
  const { plan: real, problem } = planOutcome(home, { ...target, ...(agentId !== undefined && { agentId }) });
  const steps: FailedStep[] = [];
  const startedAt = clock.now();
  // Without any credential it is for rotation to say so, and for a fallback to follow.
  if (problem && problem.code !== "no_credentials")
    return {
      kind: "error",
      steps,
      waitedMs: 0,
      plan: real,
      retryAt: undefined,
      failure: undefined,
      status: problem.code === "profile_missing" ? 404 : 503,
      code: problem.code,
    };

  const plan = standIns.of(real, target.provider);
  const spec = home.providers.find(target.provider)?.spec;
  const model = modelName(target);
  let latest: Candidate | undefined;
  try {
    const { candidate, failure } = await rotate<Answer>(
      plan,
      async (_credential, { candidate }) => {
        const fault = context.faultOf(candidate)?.fault;
        return { candidate, failure: fault && failureOf(fault, spec, clock.now()) };
      },
      {
        classify: (settled) => (settled.status === "fulfilled" ? settled.value.failure : failureFor(reasonOf(settled.reason))),
        advance: home.advance,
        health,
        // A pin is nobody's own choice: it follows no session.
        ...(session !== undefined && target.profileId === undefined && { session }),
        onEvent(event) {
          if (event.type !== "failed") return;
          if (event.candidate === latest) steps.pop();
          latest = event.candidate;
          steps.push({ model, candidate: event.candidate, failure: event.failure });
        },
        maxWaitMs: home.config.auth?.cooldowns?.maxWaitMs ?? 0,
        clock,
      },
    );
    const shared = { steps, waitedMs: clock.now() - startedAt, plan: real, retryAt: health.earliest(plan), failure };
    if (failure?.class === "timeout" && failure.status === undefined)
      return { ...shared, kind: "error", status: 504, code: "upstream-timeout" };
    return { ...shared, kind: "answer", candidate: real.candidates.find(({ id }) => id === candidate.id) ?? candidate };
  } catch (error) {
    const shared = { steps, waitedMs: clock.now() - startedAt, plan: real, retryAt: health.earliest(plan) };
    if (error instanceof NotToBeHad)
      return { ...shared, kind: "error", failure: failureFor(error.reasonCode), status: 503, code: error.reasonCode ?? "unusable" };
    if (!(error instanceof RotationError)) throw error;
    if (error.code === "all-cooling") {
      return {
        ...shared,
        kind: "error",
        failure: { class: "rate_limit", scope: "credential", rule: "all-cooling" },
        status: 429,
        code: error.code,
      };
    }
    const isUnresolved = error.excluded.some(({ reason }) => reason === "unresolved_ref");
    const failure: Failure = { class: "auth", scope: "provider", rule: "no-credentials" };
    return { ...shared, kind: "error", failure, status: isUnresolved ? 503 : 401, code: isUnresolved ? "ref-unresolved" : error.code };
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof NotToBeHad) return error.reasonCode;
  throw error;
}

/** Within the plan that served, or from the model that was asked for to a fallback. */
function crosses(asked: Plan, { plan, candidate }: ModelOutcome & { readonly kind: "answer" }): boolean {
  if (billingCrossing(plan, candidate)) return true;
  if (plan.provider === asked.provider && plan.model === asked.model) return false;
  return candidate.billing === "metered" && [...asked.candidates, ...asked.excluded].some(({ billing }) => billing === "subscription");
}

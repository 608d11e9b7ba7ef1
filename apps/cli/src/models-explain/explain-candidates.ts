import { type Cooldown, unusableCredential } from "@openclaw/home";
import type { Candidate } from "@openclaw/secrets";
import { sourceOf, viaOf } from "./candidate-source.ts";
import { credentialState, type CredentialContext, type CredentialState } from "./credential-state.ts";
import type { CredentialStateCode, ExplainedCandidate } from "./explanation.ts";
import { nextSteps, type NextStepsOptions } from "./next-steps.ts";
import type { StreamRules } from "./stream-rule.ts";
import type { TryOrder } from "./try-order.ts";

/** What candidates are explained with. */
export interface ExplainCandidatesOptions extends NextStepsOptions {
  readonly credentials: CredentialContext;
  readonly rules: StreamRules;
  /** Of the agent, whatever the model. */
  readonly cooldowns: readonly Cooldown[];
  readonly model: string;
  /** Whether it would be paid per token although a flat plan was there. */
  readonly isCrossing: (id: string) => boolean;
}

/** Each credential of a stream with how it stands, in the order a request would come to them. */
export function explainCandidates({ now, later }: TryOrder, options: ExplainCandidatesOptions): readonly ExplainedCandidate[] {
  const order = [...now, ...later.map(({ candidate }) => candidate)];
  const waits = new Map(later.map(({ candidate, cooling }) => [candidate.id, cooling]));
  const steps = nextSteps(order, options);
  const known = order.map((candidate) => credentialState(candidate, options.credentials));
  const standings = judge(order, known, { isWaiting: ({ id }) => waits.has(id), options });

  return order.map((candidate, index): ExplainedCandidate => {
    const { id, provider, profileId, origin, billing, bucket, maxConcurrent } = candidate;
    const { value, reference, hint, expiresAt } = known[index] ?? {};
    const wait = waits.get(id);
    const windows = windowsOf(candidate, options);
    const { state, reasonCode } = standings[index] ?? { state: "unusable" };
    const isHalfOpen = state === "usable" && windows.some((window) => window.state === "half_open");
    return {
      position: index + 1,
      id,
      provider,
      ...(profileId !== undefined && { profileId }),
      origin,
      via: viaOf(candidate),
      value: value ?? null,
      billing,
      source: sourceOf(candidate, reference, options.credentials),
      rule: options.rules.ruleOf(candidate),
      state: isHalfOpen ? "half_open" : state,
      isUsableNow: usableStates.has(state),
      ...(reasonCode !== undefined && { reasonCode }),
      ...(hint !== undefined && { hint }),
      ...(expiresAt !== undefined && { expiresAt }),
      windows,
      ...(wait && { nextRetryAt: wait.until }),
      ...(bucket !== undefined && { bucket }),
      ...(maxConcurrent !== undefined && { maxConcurrent }),
      movesOn: steps[index]?.movesOn ?? [],
      renews: steps[index]?.renews ?? [],
      isCrossing: options.isCrossing(id),
    };
  });
}

const usableStates: ReadonlySet<CredentialStateCode> = new Set<CredentialStateCode>(["usable", "expiring", "refreshable", "not_run"]);

interface Standing {
  readonly state: CredentialStateCode;
  readonly reasonCode?: string;
}

interface JudgeContext {
  readonly isWaiting: (candidate: Candidate) => boolean;
  readonly options: ExplainCandidatesOptions;
}

/**
 * How each stands when a request comes to it, one after the other as `rotate` does: a secret is sent once, and whether what
 * cannot be had is passed by is for the policy to say.
 */
function judge(order: readonly Candidate[], known: readonly CredentialState[], { isWaiting, options }: JudgeContext): readonly Standing[] {
  const sent = new Set<string>();
  let isStopped = false;
  return order.map((candidate, index): Standing => {
    const { standing, reasonCode, fingerprint } = known[index] ?? { standing: "unusable" };
    if (isWaiting(candidate)) return standing === "unusable" ? unusable(reasonCode) : { state: "cooling" };
    if (isStopped) return { state: "unreachable", reasonCode: "behind_unusable" };
    if (standing === "unusable") {
      isStopped = options.advance(failureFor(reasonCode), candidate, order[index + 1], []) === "stop";
      return unusable(reasonCode);
    }
    if (fingerprint !== undefined && sent.has(fingerprint)) return { state: "same_key", reasonCode: "same_key" };
    if (fingerprint !== undefined) sent.add(fingerprint);
    return { state: standing === "ready" ? "usable" : standing };
  });
}

function unusable(reasonCode: string | undefined): Standing {
  return { state: "unusable", ...(reasonCode !== undefined && { reasonCode }) };
}

/** How it counts for the policy that a credential could not be had. */
export function failureFor(reasonCode: string | undefined): ReturnType<typeof unusableCredential> {
  return unusableCredential(
    reasonCode === "unresolved_ref" ? "ref-unresolved" : reasonCode === "ref_policy" ? "ref-policy" : "profile-unusable",
  );
}

function windowsOf({ id, store, bucket, provider }: Candidate, { cooldowns, model }: ExplainCandidatesOptions): readonly Cooldown[] {
  const own = cooldowns.filter((window) => window.id === id && window.store === store);
  const shared = bucket === undefined ? [] : cooldowns.filter((window) => window.id === `bucket:${provider}:${bucket}`);
  return [...own, ...shared]
    .filter((window) => window.model === "*" || window.model === model)
    .toSorted((left, right) => right.until - left.until);
}

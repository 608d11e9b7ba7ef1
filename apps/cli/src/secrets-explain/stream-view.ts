import type { ProfileSet } from "@openclaw/auth-profiles";
import type { HomeProvider, HomeSnapshot } from "@openclaw/home";
import { keyVariables, liveKey } from "@openclaw/key-rotation";
import { authProviderId } from "@openclaw/providers";
import type { Candidate } from "@openclaw/secrets";
import { judgeCandidate, type Judgement } from "./candidate-judgement.ts";
import type { StreamEntry, StreamView } from "./explanation.ts";
import type { Measurements } from "./measure.ts";
import { passedOver, shadowedByLiveKey, shadowedByOrder, unreadVariables } from "./stream-rest.ts";

/** What a stream is explained with. */
export interface StreamContext {
  readonly home: HomeSnapshot;
  readonly provider: HomeProvider;
  readonly agentId: string | undefined;
  readonly profiles: ProfileSet;
  readonly measured: Measurements;
  readonly now: number;
}

/**
 * Which credentials requests to a provider use, in order, and why not the others. The order is that of the
 * plan a request gets, so that the two cannot differ.
 */
export async function streamView(context: StreamContext): Promise<StreamView> {
  const { home, agentId } = context;
  const { spec, problem } = context.provider;
  const plan = home.plan({ provider: spec.id, ...(agentId !== undefined && { agentId }) });
  const rule = ruleOf(context);

  const entries: StreamEntry[] = [];
  let winner: string | undefined;
  let isUnknown = false;
  const seen = new Map<string, string>();
  for (const candidate of plan.candidates) {
    const judged = await judgeCandidate(candidate, context);
    const twin = judged.value === undefined ? undefined : seen.get(judged.value);
    if (judged.value !== undefined) seen.set(judged.value, twin ?? candidate.origin);
    const outcome: StreamEntry["outcome"] = judged.kind === "usable" ? (winner === undefined && !isUnknown ? "wins" : "next") : judged.kind;
    if (outcome === "wins") winner = candidate.origin;
    isUnknown ||= outcome === "unknown";
    entries.push(entryOf(candidate, judged, { outcome, because: becauseOf(outcome, candidate, { judged, twin, rule, entries }) }, context));
  }
  return {
    provider: spec.id,
    rule: rule.name,
    because: rule.because,
    ...(problem !== undefined && { problem }),
    winner: winner ?? null,
    entries: [...entries, ...passedOver(plan, context), ...(await restOf(rule, context))],
  };
}

interface Rule {
  readonly name: StreamView["rule"];
  readonly because: string;
}

function ruleOf({ home, provider, profiles }: StreamContext): Rule {
  const id = authProviderId(provider.spec.id);
  if (liveKey(home.env.values, id)) {
    return { name: "live-key", because: `${keyVariables(id).live} is set: it alone is used, in place of profiles too` };
  }
  if (!profiles.order(provider.spec.id).isExplicit) {
    return { name: "default", because: "no order is set: profiles first, then keys of the environment, then the key of the configuration" };
  }
  const isStored = Object.keys(profiles.store.order).some((name) => authProviderId(name) === id);
  const where = isStored ? `the store of the agent sets an order for ${id}` : `auth.order of the configuration names ${id}`;
  return { name: "explicit-order", because: `${where}: nothing beyond its profiles is used` };
}

async function restOf({ name }: Rule, context: StreamContext): Promise<readonly StreamEntry[]> {
  if (name === "live-key") return shadowedByLiveKey(context);
  if (name === "explicit-order") return shadowedByOrder(context);
  return unreadVariables(context);
}

interface Reasons {
  readonly judged: Judgement;
  readonly twin: string | undefined;
  readonly rule: Rule;
  readonly entries: readonly StreamEntry[];
}

function becauseOf(outcome: StreamEntry["outcome"], candidate: Candidate, { judged, twin, rule, entries }: Reasons): string {
  if (judged.kind !== "usable") return judged.because;
  if (twin !== undefined) return `the same key as ${twin}: it is tried once`;
  if (outcome === "next") return nextReason(entries);
  if (rule.name === "live-key") return "a live key is used alone";
  if (candidate.via === "profile") {
    const first = rule.name === "explicit-order" ? "the first usable profile of the order" : "the first usable profile";
    return judged.coolingUntil === undefined ? first : `${first}, although it cools down: none does not`;
  }
  if (isNoKey(candidate)) return "a server on this machine, and there is no key for it";
  const before = entries.length === 0 ? "there is no profile" : "nothing before it is usable";
  return isConfigured(candidate) ? `${before} and no key in the environment` : `${before}: the first key of the environment`;
}

/** A bare key is left for a rate limit only; a profile for all that says something of the account. */
function nextReason(entries: readonly StreamEntry[]): string {
  const previous = entries.findLast(({ outcome }) => outcome === "wins" || outcome === "next" || outcome === "unknown");
  const what = previous?.via === "profile" ? "is limited, refused, out of credit or overloaded" : "is rate limited";
  return `tried when ${previous?.origin ?? "the one before"} ${what}`;
}

function entryOf(
  candidate: Candidate,
  { value, code, hint, expiresAt, coolingUntil }: Judgement,
  verdict: Pick<StreamEntry, "outcome" | "because">,
  { home }: StreamContext,
): StreamEntry {
  const via = viaOf(candidate);
  const layer = via === "env" ? home.env.layerOf(candidate.origin.replace(/\[\d+\]$/u, "")) : undefined;
  return {
    origin: candidate.origin,
    via,
    ...verdict,
    ...(value !== undefined && { value }),
    ...(layer !== undefined && { layer }),
    ...(code !== undefined && { code }),
    ...(hint !== undefined && { hint }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(coolingUntil !== undefined && { coolingUntil }),
  };
}

function viaOf(candidate: Candidate): StreamEntry["via"] {
  if (candidate.via === "profile") return "profile";
  if (isNoKey(candidate)) return "none";
  return isConfigured(candidate) ? "config" : "env";
}

function isConfigured({ origin }: Candidate): boolean {
  return origin.startsWith("models.providers.");
}

function isNoKey({ id, provider }: Candidate): boolean {
  return id === `${provider}:none`;
}

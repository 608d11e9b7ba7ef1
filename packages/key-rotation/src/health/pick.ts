import type { Plan } from "../plan.ts";
import { firstBit, hasBit, lowestIn, wordAt, type Bits } from "./bits.ts";
import type { Entry, ReadyList, Tier } from "./ready-list.ts";
import { hashText, weightOf } from "./rendezvous.ts";
import { headroomOf, type Unit } from "./unit.ts";

/** What is to be chosen from, and for whom. */
export interface Pick {
  readonly list: ReadyList;
  readonly plan: Plan;
  /** Credentials this request has tried, by id. */
  readonly tried: ReadonlySet<string> | undefined;
  /** A session that has no credential yet. */
  readonly session: string | undefined;
  readonly now: number;
}

/**
 * The index of the credential to try next, -1 where there is none. Who pays comes first: what may be tried of one tier is
 * used up before the next one, also what is low. A strategy chooses within a tier.
 */
export function pick(question: Pick): number {
  const { list, plan } = question;
  const { ready, fresh } = list.for(plan.model);
  for (const tier of list.tiers) {
    // Whoever uses one up goes on until it is limited.
    const preferred = plan.strategy === "fill-first" ? -1 : pickIn(fresh, tier, question);
    const index = preferred >= 0 ? preferred : pickIn(ready, tier, question);
    if (index >= 0) return index;
  }
  return -1;
}

/** Whether something of an earlier tier may be tried: a session does not stay with what costs more than it has to. */
function hasCheaper(list: ReadyList, index: number, ready: Bits): boolean {
  const tier = list.tiers.find(({ from, to }) => from <= index && index < to);
  return tier !== undefined && firstBit(ready, 0, tier.from) >= 0;
}

function pickIn(bits: Bits, tier: Tier, question: Pick): number {
  const { plan, session, now } = question;
  const { strategy = "ordered", headroomWindow } = plan;
  if (strategy === "ordered") return firstUntried(bits, tier, question);
  if (strategy === "fill-first") return fromLast(bits, tier, question);
  if (session !== undefined) {
    const hash = hashText(session);
    return best(bits, tier, question, ({ credential }) => weightOf(hash, credential.hash));
  }
  if (strategy === "least-used") return best(bits, tier, question, leastUsed);
  return best(bits, tier, question, (entry) => leftOf(entry, plan.model, headroomWindow, now));
}

function firstUntried(bits: Bits, { from, to }: Tier, { list, tried }: Pick): number {
  let index = firstBit(bits, from, to);
  if (tried === undefined) return index;
  while (index >= 0 && isTried(list, index, tried)) index = firstBit(bits, index + 1, to);
  return index;
}

/** The one used last, or the next one after it, round and round. */
function fromLast(bits: Bits, { from, to }: Tier, question: Pick): number {
  const last = question.list.lastIndex;
  const start = from <= last && last < to ? last : from;
  const after = firstUntried(bits, { from: start, to }, question);
  return after >= 0 ? after : firstUntried(bits, { from, to: start }, question);
}

/**
 * The one with the highest score; of equals the one that was given a request longer ago. A session has a score for each
 * credential, so that it gets the same one from each gateway and after a restart.
 */
function best(bits: Bits, { from, to }: Tier, { list, tried }: Pick, scoreOf: (entry: Entry) => number): number {
  let bestIndex = -1;
  let bestScore = -Infinity;
  let bestUnit: Unit | undefined;
  for (let word = from >>> 5; word << 5 < to; word += 1) {
    for (let left = wordAt(bits, word, from, to); left !== 0; left &= left - 1) {
      const index = (word << 5) + lowestIn(left);
      const entry = list.entries[index];
      if (!entry || (tried !== undefined && tried.has(entry.candidate.id))) continue;
      const score = scoreOf(entry);
      if (score < bestScore || (score === bestScore && bestUnit && !hasRestedLonger(entry.credential, bestUnit))) continue;
      bestIndex = index;
      bestScore = score;
      bestUnit = entry.credential;
    }
  }
  return bestIndex;
}

/** More than there are attempts in the life of a process. */
const ATTEMPTS = 2 ** 40;

/** In one number, so that few are equal: fewer under way counts first, then who was given one longer ago. */
function leastUsed({ credential }: Entry): number {
  return -(credential.inFlight * ATTEMPTS + credential.lastSequence);
}

function hasRestedLonger(left: Unit, right: Unit): boolean {
  if (left.lastSequence !== right.lastSequence) return left.lastSequence < right.lastSequence;
  return (left.lastUsed ?? 0) < (right.lastUsed ?? 0);
}

function leftOf({ credential, bucket }: Entry, model: string | undefined, window: string | undefined, now: number): number {
  const own = headroomOf(credential, model, window, now);
  return bucket === undefined ? own : Math.min(own, headroomOf(bucket, model, window, now));
}

function isTried(list: ReadyList, index: number, tried: ReadonlySet<string>): boolean {
  const entry = list.entries[index];
  return entry !== undefined && tried.has(entry.candidate.id);
}

/** Whether the credential a session has may be tried. */
export function mayStay(list: ReadyList, index: number, ready: Bits, tried: ReadonlySet<string> | undefined): boolean {
  if (index < 0 || !hasBit(ready, index) || hasCheaper(list, index, ready)) return false;
  return tried === undefined || !isTried(list, index, tried);
}

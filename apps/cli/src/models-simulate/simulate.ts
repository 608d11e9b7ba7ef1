import { modelName, type Home, type ModelTarget, type ModelTargets } from "@openclaw/home";
import { createHealth, defaultCooldownPolicy, type Health, type Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import type { AskedSession } from "../models-explain/asked-session.ts";
import { credentialContext, credentialState } from "../models-explain/credential-state.ts";
import { planOutcome } from "../models-explain/plan-outcome.ts";
import { isSpreading, spreadNote } from "../models-explain/spread-note.ts";
import { askedModels } from "../models-explain/targets.ts";
import { tryOrder } from "../models-explain/try-order.ts";
import { formatSpan } from "../render/span.ts";
import { failureOf } from "./fault.ts";
import { parseTargetedFault, type TargetedFault } from "./fault-target.ts";
import { runRequests } from "./run-requests.ts";
import type { SimulatedClock } from "./simulated-clock.ts";
import type { Simulation } from "./simulation.ts";
import { createStandIns } from "./stand-ins.ts";
import { createTimeline } from "./timeline.ts";
import { createWindowLog } from "./window-log.ts";

/** What is to be simulated. */
export interface SimulateQuery {
  readonly text: string;
  readonly agentId: string | undefined;
  readonly session: AskedSession | undefined;
  /** `<target>=<what>`, each. */
  readonly faults: readonly string[];
  readonly forMs: number;
  readonly everyMs: number;
  /** That of the home, too. */
  readonly clock: SimulatedClock;
  /** What is kept on the disk. Changed by the simulation. */
  readonly health: Health;
  readonly notes: readonly string[];
}

/**
 * Lets credentials fail on a clock of its own, with the plans, the policy and the rotation of real requests, and says who
 * would serve, and until everything is as it was before. Nothing is sent, refreshed, run or written. Times in which nothing
 * can change are passed over: their requests count without being made.
 *
 * @throws {CliError} for a model, a target or a failure that is none.
 */
export async function simulate(home: Home, query: SimulateQuery): Promise<Simulation> {
  const { text, session, clock, health, everyMs, forMs } = query;
  const { current } = home;
  const asked = askedModels(current, text, query.agentId);
  const [first] = asked.targets;
  const planOf = (target: ModelTarget) =>
    planOutcome(current, { ...target, ...(asked.agentId !== undefined && { agentId: asked.agentId }) }).plan;
  const candidates = asked.targets.flatMap((target) => planOf(target).candidates);
  const faults = query.faults.map((fault) => parseTargetedFault(fault, { home: current, agentId: asked.agentId, candidates }));
  const from = clock.now();
  const faultsUntil = from + forMs;

  const standIns = createStandIns(current, { agentId: asked.agentId, clock });
  const plan = planOf(first);
  const strategy = plan.strategy ?? "ordered";
  const ownSession = first.profileId === undefined ? session?.id : undefined;
  const isSpread = ownSession === undefined && isSpreading(strategy);
  const preferred = isSpread ? undefined : preferredOf(home, asked, { plan, session: ownSession, clock });
  const timeline = createTimeline({ preferred: preferred && { id: preferred.id, model: modelName(first) }, isSpread });
  const windows = createWindowLog(health, from, candidates);
  const { isTruncated, until } = await runRequests(
    {
      home: current,
      asked,
      health,
      clock,
      standIns,
      session: session?.id,
      faultOf: (candidate) => (clock.now() < faultsUntil ? faults.find(({ hits }) => hits(candidate)) : undefined),
    },
    { timeline, windows, preferred, isSpread, faultsUntil, everyMs, plan: () => standIns.of(planOf(first), first.provider) },
  );
  const found = timeline.result();
  return {
    version: 1,
    asked: text,
    agentId: current.agents.find(asked.agentId).id,
    session: session?.key ?? null,
    models: asked.targets.map(modelName),
    strategy,
    from,
    faultsUntil,
    until,
    everyMs,
    faults: faults.map((fault) => faultView(fault, { home, asked, candidates, from })),
    ...found,
    windows: windows.result(),
    preferred: { credential: preferred ? namedOf(preferred) : null, ...timeline.preferred() },
    isTruncated,
    notes: [
      ...query.notes,
      ...faults.flatMap(boundNotes),
      ...(isSpread && plan.candidates.length > 1 ? [spreadNote(strategy)] : []),
      ...(session?.note === undefined ? [] : [session.note]),
    ],
  };
}

/** Whom requests would ask first, did nothing cool: plans have what cools at the end. */
function preferredOf(
  { current }: Home,
  { agentId, targets: [{ provider, profileId }] }: ModelTargets,
  { plan, session, clock }: { readonly plan: Plan; readonly session: string | undefined; readonly clock: SimulatedClock },
): Candidate | undefined {
  const profiles = current.agents.find(agentId).profiles();
  const context = credentialContext(current, profiles, provider);
  const sequence = [...(profileId === undefined ? [] : [profileId]), ...profiles.order(provider).sequence];
  const places = new Map(sequence.toReversed().map((id, index) => [id, -index]));
  const placeOf = ({ profileId: id = "" }: Candidate) => places.get(id) ?? Infinity;
  const candidates = plan.candidates.toSorted((left, right) => (placeOf(left) === placeOf(right) ? 0 : placeOf(left) - placeOf(right)));
  const { now } = tryOrder({ ...plan, candidates }, createHealth({ clock }), session);
  return now.find((candidate) => credentialState(candidate, context).standing !== "unusable");
}

function namedOf({ id, origin, billing }: Candidate): Simulation["preferred"]["credential"] {
  return { id, origin, billing };
}

/** That a provider may ask for more than it gets. */
function boundNotes({ fault: { text, hintMs = 0 } }: TargetedFault): readonly string[] {
  const { hintMaxMs } = defaultCooldownPolicy;
  return hintMs > hintMaxMs
    ? [`${text}: a cooldown after a rate limit is ${formatSpan(hintMaxMs)} at most, whatever the provider says`]
    : [];
}

interface FaultViewContext {
  readonly home: Home;
  readonly asked: ModelTargets;
  readonly candidates: readonly Candidate[];
  readonly from: number;
}

function faultView(
  { target, fault, hits }: TargetedFault,
  { home, asked, candidates, from }: FaultViewContext,
): Simulation["faults"][number] {
  const spec = home.current.providers.find(asked.targets[0].provider)?.spec;
  const ids = new Set(candidates.filter(hits).map(({ id }) => id));
  return { target, what: fault.text, class: failureOf(fault, spec, from).class, hits: [...ids] };
}

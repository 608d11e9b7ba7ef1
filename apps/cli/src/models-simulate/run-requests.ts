import type { Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import { askModels, type AskContext, type RequestOutcome } from "./ask-models.ts";
import type { Timeline } from "./timeline.ts";
import type { WindowLog } from "./window-log.ts";

/** How requests follow each other, and where they are taken down. */
export interface RunOptions {
  readonly timeline: Timeline;
  readonly windows: WindowLog;
  readonly preferred: Candidate | undefined;
  /** Each request may go elsewhere than the one before it, although nothing changed. */
  readonly isSpread: boolean;
  readonly faultsUntil: number;
  readonly everyMs: number;
  /** That of the first model, as it is at the moment. */
  readonly plan: () => Plan;
}

/** Requests that are made one by one, at most. */
const MOST_REQUESTS = 10_000;

/** Makes requests until the faults are over and the first choice serves again, or nothing changes any more. */
export async function runRequests(
  context: AskContext,
  options: RunOptions,
): Promise<{ readonly until: number; readonly isTruncated: boolean }> {
  const { clock } = context;
  const { timeline, windows, faultsUntil, everyMs } = options;
  for (let made = 0; made < MOST_REQUESTS; made += 1) {
    const from = clock.now();
    const outcome = await askModels(context);
    const isChanged = windows.note(clock.now());
    const isSteady = !options.isSpread && !isChanged && outcome.waitedMs === 0 && timeline.isLikeLast(outcome);
    const isOver = from >= faultsUntil && isRecovered(outcome, context, options);
    const requests = isSteady && !isOver ? Math.ceil((nextEvent(context, options) - from) / everyMs) : 1;
    const until = from + (requests - 1) * everyMs;
    timeline.add({ outcome, from, until, requests });
    if (isOver) return { until, isTruncated: false };
    clock.moveTo(from + requests * everyMs);
  }
  return { until: clock.now(), isTruncated: true };
}

/** Whether from here on every request goes as it did before the faults; or nothing is to be waited for. */
function isRecovered({ served, steps }: RequestOutcome, { health }: AskContext, { preferred, plan }: RunOptions): boolean {
  const cooling = health.cooling(plan());
  if (cooling.length === 0) return true;
  return served !== undefined && steps.length === 0 && preferred !== undefined && !cooling.some(({ id }) => id === preferred.id);
}

/** The next moment at which requests may go otherwise: a window ends, a credential expires, the faults are over. */
function nextEvent({ health, home, asked, clock }: AskContext, { faultsUntil, everyMs }: RunOptions): number {
  const now = clock.now();
  const windows = health.inspect().map(({ window }) => window.until);
  const expiries = home.agents
    .find(asked.agentId)
    .profiles()
    .inspect()
    .flatMap(({ expiresAt }) => expiresAt ?? []);
  const next = Math.min(...[...windows, ...expiries, faultsUntil].filter((at) => at > now));
  return Number.isFinite(next) ? next : now + everyMs;
}

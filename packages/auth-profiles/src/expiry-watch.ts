import type { Clock } from "@openclaw/secrets";
import { accountFix } from "./account-fix.ts";
import { EXPIRING_WITHIN_MS, type ProfileHealth } from "./inspect.ts";
import { frozenRecord, isRecord } from "./record.ts";

/**
 * How an account is doing, for somebody who is to be told: `expiring`, its end comes within a day and nothing
 * renews it; `expired`, it does not work now, and is renewed again by itself; `dead`, it needs a person.
 */
export type WatchState = "ok" | "expiring" | "expired" | "dead";

/** What is known of each profile, by id. Plain data without a secret. */
export type WatchStates = Readonly<Record<string, WatchState>>;

/** A change somebody is to be told of. */
export interface ExpiryEvent {
  readonly profileId: string;
  readonly provider: string;
  /** `unknown` for a profile that was not seen before. */
  readonly from: WatchState | "unknown";
  /** `recovered`: it works again. */
  readonly to: Exclude<WatchState, "ok"> | "recovered";
  /** When it was seen, epoch milliseconds. */
  readonly at: number;
  readonly expiresAt?: number;
  /** Why, in a word that does not change between versions. */
  readonly reason?: string;
  /** What to type. Missing where nothing is to be done. */
  readonly fix?: string;
}

/** What an {@link ExpiryWatch} takes. */
export interface ExpiryWatchOptions {
  readonly clock: Pick<Clock, "now">;
  /** What was known before, as `states` gave it. */
  readonly states?: WatchStates;
  /** The agent whose accounts they are, where commands must name it. */
  readonly agentId?: string;
}

/** Tells each change of state once. */
export interface ExpiryWatch {
  /**
   * What changed and was not told yet, by profile id. The same event comes again, of its time, until it was
   * {@link ExpiryWatch.told}. Of a profile that was not there before there is one only if it is not ok; one that
   * has gone is forgotten.
   */
  observe(healths: readonly ProfileHealth[]): readonly ExpiryEvent[];
  /** Somebody knows of it now. */
  told(event: ExpiryEvent): void;
  /** What is known and was told. {@link readWatchStates} takes it back. */
  readonly states: WatchStates;
}

/**
 * Watches how accounts are doing. It reads nothing and waits for nothing: it is given what is known and says
 * what is new in it.
 *
 * @example
 * const watch = createExpiryWatch({ clock: systemClock });
 * for (const event of watch.observe(profiles.inspect())) {
 *   await tell(`${event.profileId} is ${event.to}: ${event.fix}`);
 *   watch.told(event);
 * }
 */
export function createExpiryWatch({ clock, states = {}, agentId }: ExpiryWatchOptions): ExpiryWatch {
  let known: ReadonlyMap<string, WatchState> = new Map(Object.entries(states));

  function eventOf(health: ProfileHealth, now: number): ExpiryEvent | undefined {
    const { profileId, provider, expiresAt } = health;
    const from = known.get(profileId);
    const to = nextState(health, from);
    if (to === from || (to === "ok" && from === undefined)) return undefined;
    const shared = { profileId, provider, from: from ?? "unknown", at: now, ...(expiresAt !== undefined && { expiresAt }) } as const;
    if (to === "ok") return { ...shared, to: "recovered" };
    const reason = reasonOf(health);
    return { ...shared, to, ...(reason !== undefined && { reason }), fix: accountFix(health, agentId) };
  }

  return Object.freeze({
    observe(healths) {
      const now = clock.now();
      const sorted = healths.toSorted((left, right) => (left.profileId < right.profileId ? -1 : 1));
      const events = sorted.flatMap((health) => eventOf(health, now) ?? []);
      const untold = new Set(events.map(({ profileId }) => profileId));
      known = new Map(
        sorted.flatMap(({ profileId }) => {
          const state = known.get(profileId) ?? (untold.has(profileId) ? undefined : "ok");
          return state === undefined ? [] : [[profileId, state] as const];
        }),
      );
      return events;
    },
    told({ profileId, to }) {
      known = new Map([...known, [profileId, to === "recovered" ? "ok" : to]]);
    },
    get states() {
      return frozenRecord(known);
    },
  } satisfies ExpiryWatch);
}

/** Reads what `states` was written as. What cannot be meant is left out: its profile counts as not seen before. */
export function readWatchStates(value: unknown): WatchStates {
  return frozenRecord(
    Object.entries(isRecord(value) ? value : {}).flatMap(([id, state]) => (isWatchState(state) ? [[id, state] as const] : [])),
  );
}

/** When time alone changes the state of one of these profiles, epoch milliseconds; `undefined` where it never does. */
export function nextChangeAt(healths: readonly ProfileHealth[]): number | undefined {
  const times = healths.flatMap(({ status, access, refresh, isRefreshable, expiresAt }) => {
    if (expiresAt === undefined || !isAlive(access)) return [];
    if (refresh === "paused") return [expiresAt];
    if (isRefreshable) return [];
    return [status === "expiring" ? expiresAt : expiresAt - EXPIRING_WITHIN_MS];
  });
  return times.length === 0 ? undefined : times.reduce((left, right) => Math.min(left, right));
}

/** The judgement of `models status --check`, and apart from it a login that does not work while its refresh is paused. */
function stateOf({ status, access, refresh, isRefreshable }: ProfileHealth): WatchState {
  if (refresh === "paused" && !isAlive(access)) return "expired";
  if (status === "expired" || status === "missing" || (!isAlive(access) && !isRefreshable)) return "dead";
  return status === "expiring" ? "expiring" : "ok";
}

/**
 * That a login may be refreshed does not show that it can: one that did not work before has recovered when its
 * access lives, and not already when the provider's pause is over. Else an outage would be told at each attempt.
 */
function nextState(health: ProfileHealth, from: WatchState | undefined): WatchState {
  const state = stateOf(health);
  const isHope = state === "ok" && !isAlive(health.access);
  return isHope && from !== undefined ? from : state;
}

function isAlive(access: ProfileHealth["access"]): boolean {
  return access === "ok" || access === "static" || access === "expiring";
}

function reasonOf({ reasonCode, refresh, status, access }: ProfileHealth): string | undefined {
  if (reasonCode !== undefined) return reasonCode;
  if (refresh === "rejected" || refresh === "indeterminate" || refresh === "paused") return `refresh_${refresh}`;
  return access === "expired" ? "expired" : status === "missing" ? "no_known_end" : undefined;
}

function isWatchState(value: unknown): value is WatchState {
  return value === "ok" || value === "expiring" || value === "expired" || value === "dead";
}

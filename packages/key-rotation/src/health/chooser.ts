import type { Candidate } from "@openclaw/secrets";
import type { CoolingCandidate } from "../errors.ts";
import type { Plan } from "../plan.ts";
import { mayStay, pick } from "./pick.ts";
import { createReadyList, unitsOf, type Entry, type ReadyList } from "./ready-list.ts";
import { createSessions } from "./sessions.ts";
import { barringWindows, isLow, modelsApart, type Unit } from "./unit.ts";
import type { Units } from "./units.ts";
import type { CooldownPolicy } from "./window.ts";

/** For whom a credential is chosen. */
export interface ChooseOptions {
  /** Credentials this request has tried, by id. */
  readonly tried?: ReadonlySet<string>;
  /** Keeps its first credential while that may be used. Nothing is kept without one. */
  readonly session?: string;
}

/** Chooses among the credentials of plans. Takes no places: that is for who issues the tickets. */
export interface Chooser {
  entryOf(candidate: Candidate): Entry;
  mayTry(entry: Entry, model: string | undefined): boolean;
  /** Of the very same array of candidates it is kept up to date, once it was asked for again. */
  listOf(candidates: readonly Candidate[]): ReadyList;
  /** The index of the credential to try next in the list of a plan, -1 where there is none. */
  find(list: ReadyList, plan: Plan, options: ChooseOptions): number;
  /** A session stays with what it was given; one whose credential is merely busy goes elsewhere this once. */
  remember(list: ReadyList, entry: Entry, plan: Plan, session: string): void;
  forget(session: string): void;
  /** Until when a credential cannot be tried and why; nothing where it can. */
  coolingOf(candidate: Candidate, model: string | undefined): readonly CoolingCandidate[];
}

/** What a chooser looks at. */
export interface ChooserOptions {
  readonly units: Units;
  readonly policy: CooldownPolicy;
  /** The time, as health reckons it. */
  readonly now: () => number;
}

export function createChooser({ units, policy, now }: ChooserOptions): Chooser {
  const lists = new WeakMap<readonly Candidate[], ReadyList>();
  /** Lists that were asked for once, as they were then: some callers make one for each request, and never ask again. */
  const askedOnce = new WeakMap<readonly Candidate[], { readonly list: ReadyList; readonly version: number }>();
  const sessions = createSessions();

  function entryOf(candidate: Candidate): Entry {
    const { id, store, maxConcurrent } = candidate;
    const credential = units.of(id, store);
    if (maxConcurrent !== undefined) credential.maxima.add(maxConcurrent);
    return { candidate, credential, bucket: units.bucketOf(candidate) };
  }

  const isBarred = (unit: Unit, model: string | undefined) => barringWindows(unit, model, now(), policy).length > 0;
  const isBusy = ({ candidate, credential }: Entry) => credential.inFlight >= (candidate.maxConcurrent ?? Infinity);
  const isEntryBarred = (entry: Entry, model: string | undefined) => unitsOf(entry).some((unit) => isBarred(unit, model));
  const mayTry = (entry: Entry, model: string | undefined) => !isBusy(entry) && !isEntryBarred(entry, model);

  function listOf(candidates: readonly Candidate[]): ReadyList {
    const known = lists.get(candidates);
    if (known) return known;
    const once = askedOnce.get(candidates);
    if (once?.version === units.version()) return once.list;
    const list = createReadyList(candidates.map(entryOf), {
      standingOf: (entry, model) => ({
        isReady: mayTry(entry, model),
        isFresh: !unitsOf(entry).some((unit) => isLow(unit, model, now())),
      }),
      modelsApart: (entry) => unitsOf(entry).flatMap((unit) => modelsApart(unit, now(), policy)),
    });
    if (once) {
      units.enter(list);
      lists.set(candidates, list);
    } else askedOnce.set(candidates, { list, version: units.version() });
    return list;
  }

  return {
    entryOf,
    mayTry,
    listOf,
    find(list, plan, { tried, session }) {
      const question = { list, plan, tried, session, now: now() };
      if (session === undefined) return pick(question);
      const kept = list.indexOf(sessions.get(plan.provider, session));
      return mayStay(list, kept, list.for(plan.model).ready, tried) ? kept : pick(question);
    },
    remember(list, entry, { provider, model }, session) {
      const kept = list.entries[list.indexOf(sessions.get(provider, session))];
      if (kept && kept !== entry && isBusy(kept) && !isEntryBarred(kept, model)) return;
      sessions.keep(provider, session, entry.credential);
    },
    forget: (session) => sessions.forget(session),
    coolingOf(candidate, model) {
      const { id, origin, store } = candidate;
      const entry = entryOf(candidate);
      const windows = unitsOf(entry).flatMap((unit) => barringWindows(unit, model, now(), policy));
      const [longest] = windows.toSorted((left, right) => right.until - left.until);
      if (!longest && !isBusy(entry)) return [];
      const until = Math.max(longest?.until ?? 0, now());
      return [{ id, ...(store !== undefined && { store }), origin, until, reason: longest?.reason ?? "busy" }];
    },
  };
}

import { hasSlept, type Clock, type LockOptions } from "@openclaw/secrets";
import type { Health } from "./health.ts";
import { mergeRecords } from "./merge-records.ts";
import { noRecords, ownedRecords, withOthers } from "./owned-records.ts";
import type { HealthRecords } from "./record.ts";
import { isSameCooldowns, isSameRecords } from "./same-records.ts";
import type { HealthStore } from "./store.ts";
import { toldOnce } from "./told-once.ts";

/** Where the health of some credentials is kept. */
export interface HealthPlace {
  /** Whose: the credentials of this store (`Candidate.store`), or those without one. */
  readonly store: string | undefined;
  readonly at: HealthStore;
  /** Which ids are of this one, where two places share one `at`. All of them unless given. */
  readonly owns?: (id: string) => boolean;
}

/** What a place is kept with. */
export interface KeptPlaceOptions {
  readonly place: HealthPlace;
  readonly health: Pick<Health, "records" | "adopt">;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
  readonly signal: AbortSignal;
}

/** One place, and what both sides knew of it last. None of its calls throws. */
export interface KeptPlace {
  /** Takes over what is kept. Whether there was something new since it was asked last, also where a write took it over. */
  sync(): Promise<boolean>;
  /** Something of it is another in memory. It is written before long. */
  note(): void;
  /** Writes what was not written yet. Whether everything is kept now. */
  flush(waiting: LockOptions): Promise<boolean>;
}

/** Changes are collected so long. */
const COLLECT_MS = 1000;
/** When a credential was used last is worth a write by itself so often. */
const USE_MS = 30_000;
const LONGEST_PAUSE_MS = 60_000;
/** Waiting for another writer keeps others of this place waiting. */
const WAITING: LockOptions = { timeoutMs: 5000 };

/** Keeps one place: what is new is written behind, what others wrote is merged in, and what fails is tried again. */
export function createKeptPlace({ place, health, clock, onError, signal }: KeptPlaceOptions): KeptPlace {
  const { store, at, owns } = place;
  const ownOf = (kept: HealthRecords) => (owns ? ownedRecords(kept, owns) : kept);
  const reading = toldOnce(onError);
  const writing = toldOnce(onError);
  /** What is kept of it, as far as is known. */
  let base = noRecords;
  /** The very object it was read as. */
  let seen: HealthRecords | undefined;
  let hasNews = false;
  let isOwed = false;
  let isRunning = false;
  let failures = 0;
  let writtenAt = -Infinity;
  let turn: Promise<unknown> = Promise.resolve();

  /** One after the other: what was read before a write must not be taken for what came after it. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = turn.then(run);
    turn = mine.catch(() => undefined);
    return mine;
  }

  function learn(kept: HealthRecords): void {
    base = ownOf(kept);
    seen = kept;
  }

  function adopt(ours: HealthRecords, merged: HealthRecords): void {
    if (isSameRecords(ours, merged)) return;
    health.adopt(store, merged);
    hasNews = true;
  }

  /** Takes over what somebody else wrote. Nothing waits between the question and the answer, so nothing new is overwritten. */
  async function read(): Promise<void> {
    try {
      const kept = await at.read();
      if (kept !== seen && !isSameRecords(base, ownOf(kept))) {
        const ours = health.records(store);
        adopt(ours, mergeRecords(base, ours, ownOf(kept)));
      }
      learn(kept);
      reading.forget();
    } catch (error) {
      reading.tell(error);
      throw error;
    }
  }

  /** What would be kept if nobody else wrote. */
  const wanted = () => mergeRecords(base, health.records(store), base);

  async function write(waiting: LockOptions): Promise<void> {
    let ours = noRecords;
    let merged = noRecords;
    try {
      if (isSameRecords(base, wanted())) return;
      const kept = await at.update((all) => {
        ours = health.records(store);
        merged = mergeRecords(base, ours, ownOf(all));
        return owns ? withOthers(all, merged, owns) : merged;
      }, waiting);
      // Meanwhile something may have changed here, and that holds.
      const latest = health.records(store);
      adopt(latest, mergeRecords(ours, latest, merged));
      learn(kept);
      writtenAt = clock.now();
      writing.forget();
    } catch (error) {
      if (!waiting.signal?.aborted) writing.tell(error);
      throw error;
    }
  }

  /** Brings both sides together. Whether that worked. */
  async function exchange(waiting: LockOptions): Promise<boolean> {
    isOwed = false;
    try {
      await read();
      await write(waiting);
      failures = 0;
      return true;
    } catch {
      isOwed = true;
      failures += 1;
      return false;
    }
  }

  /** Whether more is new than when something was used. */
  function isWorthWriting(): boolean {
    const restedMs = clock.now() - writtenAt;
    return restedMs < 0 || restedMs >= USE_MS || !isSameCooldowns(base, wanted());
  }

  async function writeBehind(): Promise<void> {
    for (;;) {
      const isLast = !(await hasSlept(clock, Math.min(COLLECT_MS * 2 ** failures, LONGEST_PAUSE_MS), signal));
      if (isOwed && (isLast || isWorthWriting())) await inTurn(() => exchange(WAITING));
      if (isLast || !isOwed) break;
    }
    isRunning = false;
  }

  function note(): void {
    isOwed = true;
    if (isRunning || signal.aborted) return;
    isRunning = true;
    void writeBehind();
  }

  return {
    note,
    async sync() {
      try {
        await inTurn(read);
        const isNew = hasNews;
        hasNews = false;
        return isNew;
      } catch {
        failures = Math.max(1, failures);
        note();
        return false;
      }
    },
    async flush(waiting) {
      const isKept = await inTurn(() => exchange(waiting));
      if (!isKept) note();
      return isKept;
    },
  };
}

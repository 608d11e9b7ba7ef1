import { hasSlept, type Clock, type LockOptions } from "@openclaw/secrets";
import type { Health } from "./health.ts";
import { mergeRecords, withUseOf } from "./merge-records.ts";
import { noRecords, ownedRecords, withOthers } from "./owned-records.ts";
import type { HealthRecords } from "./record.ts";
import { hasMoreWindows, isSameCooldowns, isSameGood, isSameRecords } from "./same-records.ts";
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
  readonly onKept?: () => void;
  readonly signal: AbortSignal;
}

/** One place, and what both sides knew of it last. None of its calls throws. */
export interface KeptPlace {
  /** The first {@link KeptPlace.sync}. What health knows that is not kept, from elsewhere, is written before long. */
  start(): Promise<void>;
  /** Takes over what is kept. Whether there was something new since it was asked last, also where a write took it over. */
  sync(): Promise<boolean>;
  /** Something of it is another in memory. It is written before long. */
  note(): void;
  /** Writes what was not written yet. Whether everything is kept now. */
  flush(how: Exchange): Promise<boolean>;
}

interface Exchange {
  /** How one waits for other writers. */
  readonly waiting: LockOptions;
  /** When credentials were used is written too. */
  readonly isLast: boolean;
}

/** Changes are collected so long. */
const COLLECT_MS = 200;
/** Who answered last is worth a write by itself so often. */
const GOOD_MS = 30_000;
/** Twice as long after each failure. */
const RETRY_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** Waiting for another writer keeps others of this place waiting. */
const WAITING: LockOptions = { timeoutMs: 5000 };

/** Keeps one place: what is new is written behind, what others wrote is merged in, and what fails is tried again. */
export function createKeptPlace({ place, health, clock, onError, onKept, signal }: KeptPlaceOptions): KeptPlace {
  const { store, at, owns } = place;
  const ownOf = (kept: HealthRecords) => (owns ? ownedRecords(kept, owns) : kept);
  const reading = toldOnce(tell);
  const writing = toldOnce(tell);
  /** What is kept of it, as far as is known. */
  let base = noRecords;
  /** The very object it was read as. */
  let seen: HealthRecords | undefined;
  let hasNews = false;
  let isOwed = false;
  /** Something was used since the last time of use was written. */
  let isUsed = false;
  /** Somebody was told that it fails, and not yet that it works. */
  let isFailing = false;
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

  function tell(error: unknown): void {
    isFailing = true;
    onError(error);
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

  /**
   * Takes over what somebody else wrote. Nothing waits between the question and the answer, so nothing new is overwritten.
   * Whether it could not be read before.
   */
  async function read(): Promise<boolean> {
    try {
      const kept = await at.read();
      if (kept !== seen && !isSameRecords(base, ownOf(kept))) {
        const ours = health.records(store);
        adopt(ours, mergeRecords(base, ours, ownOf(kept)));
      }
      learn(kept);
      return reading.forget();
    } catch (error) {
      reading.tell(error);
      throw error;
    }
  }

  /** What is written, of what both sides make together. Whoever reads a time of use meanwhile would have another order. */
  const writtenOf = (merged: HealthRecords, theirs: HealthRecords, isLast: boolean) => (isLast ? merged : withUseOf(merged, theirs));

  async function write({ waiting, isLast }: Exchange): Promise<void> {
    let ours = noRecords;
    let merged = noRecords;
    try {
      // If nobody else wrote.
      if (isSameRecords(base, writtenOf(mergeRecords(base, health.records(store), base), base, isLast))) return;
      const kept = await at.update((all) => {
        const theirs = ownOf(all);
        ours = health.records(store);
        merged = mergeRecords(base, ours, theirs);
        const written = writtenOf(merged, theirs, isLast);
        return owns ? withOthers(all, written, owns) : written;
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
  async function exchange(how: Exchange): Promise<boolean> {
    isOwed = false;
    if (how.isLast) isUsed = false;
    try {
      await read();
      await write(how);
      failures = 0;
      if (isFailing) onKept?.();
      isFailing = false;
      return true;
    } catch {
      isOwed = true;
      isUsed ||= how.isLast;
      failures += 1;
      return false;
    }
  }

  async function writeBehind(): Promise<void> {
    while (isOwed && (await hasSlept(clock, pauseMs(), signal))) {
      if (failures > 0 || isWorthWriting()) await inTurn(() => exchange({ waiting: WAITING, isLast: false }));
    }
    isRunning = false;
  }

  const pauseMs = () => (failures === 0 ? COLLECT_MS : Math.min(RETRY_MS * 2 ** failures, LONGEST_PAUSE_MS));

  /** Whether windows are others, or it is time for the rest. Where nothing but a time of use is new, nothing is owed. */
  function isWorthWriting(): boolean {
    const ours = health.records(store);
    if (!isSameCooldowns(base, ours)) return true;
    isOwed = !isSameGood(base, ours);
    const restedMs = clock.now() - writtenAt;
    return isOwed && (restedMs < 0 || restedMs >= GOOD_MS);
  }

  function note(): void {
    isOwed = true;
    isUsed = true;
    if (isRunning || signal.aborted) return;
    isRunning = true;
    void writeBehind();
  }

  function writeLast(): void {
    if (isOwed || isUsed) void inTurn(() => exchange({ waiting: WAITING, isLast: true }));
  }
  signal.addEventListener("abort", writeLast, { once: true });

  async function sync(): Promise<boolean> {
    try {
      const isReadAgain = await inTurn(read);
      // What could not be written meanwhile does not wait for its turn.
      if (isReadAgain) await inTurn(() => exchange({ waiting: WAITING, isLast: false }));
      const isNew = hasNews;
      hasNews = false;
      return isNew;
    } catch {
      failures = Math.max(1, failures);
      note();
      return false;
    }
  }

  return {
    async start() {
      await sync();
      // Whoever clears it looks for it there.
      if (hasMoreWindows(health.records(store), base)) note();
    },
    note,
    sync,
    async flush(how) {
      const isKept = await inTurn(() => exchange(how));
      if (!isKept) note();
      return isKept;
    },
  };
}

import { join } from "node:path";
import type { Refresher } from "@openclaw/auth-profiles";
import type { Plan } from "@openclaw/key-rotation";
import type { PlanQuery } from "./plan.ts";
import { systemClock, type ReloadReport } from "@openclaw/secrets";
import { createAgentStorages } from "./agent-storage.ts";
import { changedProfiles, type ProfileChanges } from "./changed-profiles.ts";
import { canRefresh, createHomeRefresher } from "./home-refresher.ts";
import { createHomeSecrets } from "./home-secrets.ts";
import {
  readAccounts,
  readSnapshot,
  type AcceptSnapshot,
  type HomeSnapshot,
  type HomeTools,
  type OpenHomeOptions,
  type Reading,
} from "./snapshot.ts";

/** A person's state folder, opened. */
export interface Home {
  /** Swapped whole by `reload`; hold on to it for the length of one request. */
  readonly current: HomeSnapshot;
  /** Keeps the logins of this home alive; its plans use it. */
  readonly refresher: Refresher;
  /** The plan of the current snapshot. */
  plan(query: PlanQuery): Plan;
  /** How the references fared when they were last resolved. Holds no value. */
  readonly report: ReloadReport;
  /**
   * Reads everything again and resolves every reference again. When something is broken, be it the store of
   * one agent that worked before, or `openclaw.json` was there and is gone, the current snapshot stays. Those who ask while one runs share the next.
   *
   * @returns what changed; `kept` when a reference did not resolve and the last known good stays.
   * @throws what {@link openHome} throws, and {AuthProfileError} for such a store.
   */
  reload(): Promise<ReloadReport>;
  /**
   * Reads the stores of accounts again: for a login that was refreshed, a key that was pasted. References that stand in
   * them as before are not resolved again; where there are others it is a {@link reload}.
   *
   * @throws what `reload` throws.
   */
  reloadAccounts(): Promise<AccountsReload>;
  /**
   * Resolves the references in use again, for values that expire. No file of the home is read, so that one which
   * somebody is editing keeps no value from being renewed. What fails keeps its last good value.
   */
  renew(): Promise<ReloadReport>;
  /** Asks this before another reading of the files takes the place of `current`. What it throws `reload` throws, with everything as it was. */
  require(accept: AcceptSnapshot): void;
  /** Ends what is under way. Nothing is swapped from here on; `current` stays. */
  close(): void;
}

/** What came of reading the stores again. */
export interface AccountsReload {
  /** What became of the profiles, other than by a refresh of this home's own. */
  readonly changes: ProfileChanges;
  /** Of the {@link Home.reload} that there had to be; where it says `kept`, the stores as they were read before stay too. */
  readonly report?: ReloadReport;
}

/**
 * Opens a person's state folder. Reads, and never writes. The store of an agent that is broken is the
 * error of that agent's `profiles()` and plans, for the others go on.
 *
 * @throws {HomeError} naming the file and place of what is broken.
 *
 * @example
 * const home = await openHome({ paths: resolvePaths({ env: process.env, osHome: homedir(), cwd: process.cwd() }), env: process.env });
 * home.plan({ provider: "anthropic" }).candidates.map((candidate) => candidate.origin);
 */
export async function openHome(options: OpenHomeOptions): Promise<Home> {
  const { use = "requests", clock = systemClock, startBackoff, paths } = options;
  const stampPath = join(paths.stateDir, "secrets-backoff.json");
  const secrets = createHomeSecrets({ use, clock, ...(startBackoff && { startBackoff: { ...startBackoff, stampPath } }) });
  options.signal?.addEventListener("abort", () => secrets.close(), { once: true });
  options.signal?.throwIfAborted();
  let current: Reading | undefined;
  const storages = createAgentStorages();
  const refresher = createHomeRefresher({ paths, clock, fetch: options.fetch, storages, current: () => current?.snapshot });
  const tools: HomeTools = {
    secrets,
    refresher,
    canRefresh: (profile) => current === undefined || canRefresh(current.snapshot, profile),
    storages,
  };
  const first = await readSnapshot(options, tools);
  if (!first.reading) throw new Error("a first activation keeps nothing");
  let reading = (current = first.reading);
  let { report } = first;
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<ReloadReport> | undefined;
  let accept: AcceptSnapshot | undefined;

  /** Only one thing at a time reads or resolves. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = running.then(work, work);
    running = turn;
    return turn;
  }

  function swap(read: Reading): void {
    current = reading = read;
  }

  async function readAgain(): Promise<ReloadReport> {
    next = undefined;
    const read = await readSnapshot(options, tools, { before: reading, accept });
    ({ report } = read);
    if (read.reading) swap(read.reading);
    return report;
  }

  async function renew(): Promise<ReloadReport> {
    report = await secrets.renew();
    if (report.outcome === "swapped") reading.adopt(secrets.current);
    return report;
  }

  async function readStores(): Promise<AccountsReload> {
    const before = reading.snapshot;
    const read = await readAccounts(options, tools, reading);
    if (read) swap(read);
    const whole = read ? {} : { report: await readAgain() };
    return { changes: changedProfiles(before, reading.snapshot, refresher), ...whole };
  }

  return Object.freeze({
    get current() {
      return reading.snapshot;
    },
    refresher,
    plan: (query) => reading.snapshot.plan(query),
    get report() {
      return report;
    },
    reload: () => (next ??= inTurn(readAgain)),
    reloadAccounts: () => inTurn(readStores),
    renew: () => inTurn(renew),
    require(judge) {
      accept = judge;
    },
    close: () => secrets.close(),
  } satisfies Home);
}

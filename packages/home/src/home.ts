import { join } from "node:path";
import type { Plan } from "@openclaw/key-rotation";
import type { PlanQuery } from "./plan.ts";
import { systemClock, type ReloadReport } from "@openclaw/secrets";
import { createHomeSecrets } from "./home-secrets.ts";
import { readSnapshot, type HomeSnapshot, type OpenHomeOptions } from "./snapshot.ts";

/** A person's state folder, opened. */
export interface Home {
  /** Swapped whole by `reload`; hold on to it for the length of one request. */
  readonly current: HomeSnapshot;
  /** The plan of the current snapshot. */
  plan(query: PlanQuery): Plan;
  /** How the references fared when they were last resolved. Holds no value. */
  readonly report: ReloadReport;
  /**
   * Reads everything again and resolves every reference again. When something is broken, be it the store of
   * one agent that worked before, the current snapshot stays. Those who ask while one runs share the next.
   *
   * @returns what changed; `kept` when a reference did not resolve and the last known good stays.
   * @throws what {@link openHome} throws, and {AuthProfileError} for such a store.
   */
  reload(): Promise<ReloadReport>;
  /**
   * Resolves the references in use again, for values that expire. No file of the home is read, so that one which
   * somebody is editing keeps no value from being renewed. What fails keeps its last good value.
   */
  renew(): Promise<ReloadReport>;
  /** Ends what is under way. Nothing is swapped from here on; `current` stays. */
  close(): void;
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
  const first = await readSnapshot(options, secrets);
  if (!first.snapshot) throw new Error("a first activation keeps nothing");
  let current = first.snapshot;
  let { report, adopt } = first;
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<ReloadReport> | undefined;

  async function readAgain(): Promise<ReloadReport> {
    next = undefined;
    const read = await readSnapshot(options, secrets, current.agents);
    report = read.report;
    if (read.snapshot) {
      current = read.snapshot;
      adopt = read.adopt;
    }
    return report;
  }

  async function renew(): Promise<ReloadReport> {
    report = await secrets.renew();
    if (report.outcome === "swapped") adopt(secrets.current);
    return report;
  }

  return Object.freeze({
    get current() {
      return current;
    },
    plan: (query) => current.plan(query),
    get report() {
      return report;
    },
    reload() {
      next ??= running.then(readAgain, readAgain);
      running = next;
      return next;
    },
    renew() {
      const renewal = running.then(renew, renew);
      running = renewal;
      return renewal;
    },
    close: () => secrets.close(),
  } satisfies Home);
}

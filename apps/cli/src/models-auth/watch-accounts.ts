import { createExpiryWatch, nextChangeAt, type ExpiryEvent, type ProfileHealth } from "@openclaw/auth-profiles";
import type { Home } from "@openclaw/home";
import type { Clock, LockFolder } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Hook, Notice } from "./notice.ts";
import { isHeldByAnother, type WatchStateFile } from "./watch-state.ts";

/** What the accounts of an agent are watched with. */
export interface WatchOptions {
  readonly home: Home;
  /** The agent that `--agent` named. */
  readonly agentId: string | undefined;
  /** The profiles that matter, where not all do. Asked at each look. */
  readonly only?: () => ReadonlySet<string>;
  readonly state: WatchStateFile;
  /** Who looks at the same file does it one after the other. */
  readonly locks: LockFolder;
  readonly lockName: string;
  readonly hooks: readonly Hook[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly show: (notice: Notice) => void;
  readonly complain: (text: string) => void;
  /** The line of an event. */
  readonly textOf: (event: ExpiryEvent) => string;
}

/** What one look has shown. */
export interface Look {
  readonly healths: readonly ProfileHealth[];
  /** Whether everything that changed was told to everybody. */
  readonly isTold: boolean;
}

/** Another watcher may be running its hooks. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Looks once, shows what changed since the last look, by whomever, and tells the hooks. An event is written down only
 * after the last of them took it: whatever comes in between, a power cut too, it is told again and not lost.
 *
 * @throws {CliError} when another watcher is at it for a minute; {SecretsError} when the state cannot be kept.
 */
export async function lookOnce(options: WatchOptions): Promise<Look> {
  const { locks, lockName, signal } = options;
  try {
    return await locks.withLock(lockName, () => look(options), { signal, timeoutMs: LOCK_TIMEOUT_MS });
  } catch (error) {
    if (!isHeldByAnother(error)) throw error;
    throw new CliError(error.message, "another watcher uses the same state; give this one its own with --state");
  }
}

async function look({ home, agentId, only, state, hooks, clock, signal, ...tell }: WatchOptions): Promise<Look> {
  const agent = home.current.agents.find(agentId);
  const watched = only?.();
  const healths = agent
    .profiles()
    .inspect()
    .filter(({ profileId }) => watched?.has(profileId) ?? true);
  const watch = createExpiryWatch({ clock, states: await state.read(agent.dir), ...(agentId !== undefined && { agentId }) });
  let isTold = true;
  for (const event of watch.observe(healths)) {
    const notice: Notice = { version: 1, ...event, agentId: agent.id, text: tell.textOf(event) };
    tell.show(notice);
    const problems: string[] = [];
    for (const hook of hooks) problems.push(...[(await hook(notice, signal)) ?? []].flat());
    if (problems.length === 0) {
      watch.told(event);
      await state.write(agent.dir, watch.states);
    } else {
      isTold = false;
      tell.complain(`${notice.profileId} could not be told of, and is told again: ${problems.join("; ")}`);
    }
  }
  await state.write(agent.dir, watch.states);
  return { healths, isTold };
}

/** Looks again and again: at the interval, and when time alone changes something. Ends with the signal. */
export async function keepLooking(
  options: WatchOptions & { readonly intervalMs: number; readonly learn: () => Promise<void> },
): Promise<void> {
  const { home, clock, signal, intervalMs, complain } = options;
  let complaint: string | undefined;
  for (let healths = (await lookOnce(options)).healths; ;) {
    const next = nextChangeAt(healths) ?? Number.POSITIVE_INFINITY;
    await clock.sleep(Math.max(1, Math.min(intervalMs, next - clock.now())), signal);
    try {
      await home.reload();
      await options.learn();
      // The home may be read and an agent's store not.
      home.current.agents.find(options.agentId).profiles();
      complaint = undefined;
    } catch (error) {
      signal.throwIfAborted();
      const { message } = expected(error);
      // Said once, however long it lasts; the accounts stay as they were read last.
      if (message !== complaint) complain(`The accounts cannot be read, and are looked at again later: ${message}`);
      complaint = message;
      continue;
    }
    ({ healths } = await lookOnce(options));
  }
}

const ofTheHome: ReadonlySet<string> = new Set(["HomeError", "AuthProfileError", "SecretsError"]);

/** Files that somebody is editing are no reason to stop. A bug is. */
function expected(error: unknown): Error {
  if (error instanceof Error && ofTheHome.has(error.name)) return error;
  throw error;
}

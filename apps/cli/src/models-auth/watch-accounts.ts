import { createExpiryWatch, nextChangeAt, type ExpiryEvent, type ProfileHealth } from "@openclaw/auth-profiles";
import type { Home } from "@openclaw/home";
import { SecretsError, type Clock, type LockFolder } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Hook, Notice } from "./notice.ts";
import { createTelling } from "./tell-hooks.ts";
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

/** Another watcher may be telling its hooks, for less than that. */
const LOCK_TIMEOUT_MS = 60_000;
/**
 * Looks once, shows what changed since the last look, by whomever, and tells the hooks. An event is written down only
 * after the last of them took it: whatever comes in between, a power cut too, it is told again and not lost.
 *
 * @throws {CliError} when another watcher is at it for a minute; {SecretsError} when the state cannot be kept.
 */
export async function lookOnce(options: WatchOptions): Promise<Look> {
  try {
    return await lookInTurn(options);
  } catch (error) {
    if (!isHeldByAnother(error)) throw error;
    throw new CliError(error.message, OWN_STATE);
  }
}

const OWN_STATE = "another watcher uses the same state; give this one its own with --state";

function lookInTurn(options: WatchOptions): Promise<Look> {
  const { locks, lockName, signal } = options;
  return locks.withLock(lockName, () => look(options), { signal, timeoutMs: LOCK_TIMEOUT_MS });
}

async function look(options: WatchOptions): Promise<Look> {
  const { home, agentId, only, state, clock, show, complain, textOf } = options;
  const agent = home.current.agents.find(agentId);
  const watched = only?.();
  const healths = agent
    .profiles()
    .inspect()
    .filter(({ profileId }) => watched?.has(profileId) ?? true);
  const watch = createExpiryWatch({ clock, states: await state.read(agent.dir), ...(agentId !== undefined && { agentId }) });
  const events = watch.observe(healths);
  const telling = createTelling(options, events.length);
  let isTold = true;
  try {
    for (const event of events) {
      const notice: Notice = { version: 1, ...event, agentId: agent.id, text: textOf(event) };
      show(notice);
      const problems = await telling.tell(notice);
      if (problems.length === 0) {
        watch.told(event);
        // Where that fails the last writing fails as well, and says so; the other events are told before.
        await state.write(agent.dir, watch.states).catch(() => undefined);
      } else {
        isTold = false;
        complain(`${notice.profileId} could not be told of, and is told again: ${problems.join("; ")}`);
      }
    }
  } finally {
    telling.end();
  }
  await state.write(agent.dir, watch.states);
  return { healths, isTold };
}

/**
 * Looks again and again: at the interval, and when time alone changes something. Ends with the signal, and at the start
 * where the state is none that can be kept. Else nothing outside ends it: what is wrong is said once, until it is well
 * again, and the next look is at the interval.
 */
export async function keepLooking(
  options: WatchOptions & { readonly intervalMs: number; readonly learn: () => Promise<void> },
): Promise<void> {
  const { clock, signal, intervalMs } = options;
  const said = new Set<string>();
  const complain = (text: string) => {
    if (!said.has(text)) options.complain(text);
    said.add(text);
  };
  for (let isFirst = true; ; isFirst = false) {
    let nextAt = Number.POSITIVE_INFINITY;
    const unread = isFirst ? undefined : await readAgain(options);
    if (unread === undefined) {
      try {
        const { healths, isTold } = await lookInTurn({ ...options, complain });
        if (isTold) said.clear();
        nextAt = nextChangeAt(healths) ?? nextAt;
      } catch (error) {
        signal.throwIfAborted();
        if (isFirst && !isPassing(error)) throw error;
        complain(
          isHeldByAnother(error)
            ? `Nothing was looked at, which is tried again later: ${OWN_STATE}`
            : `What was told cannot be kept, which is tried again later: ${expected(error).message}`,
        );
      }
    } else {
      // The accounts stay as they were read last.
      complain(`The accounts cannot be read, and are looked at again later: ${unread.message}`);
    }
    await clock.sleep(Math.max(1, Math.min(intervalMs, nextAt - clock.now())), signal);
  }
}

/** @returns why not, where they cannot be read. */
async function readAgain({
  home,
  agentId,
  signal,
  learn,
}: WatchOptions & { readonly learn: () => Promise<void> }): Promise<Error | undefined> {
  try {
    await home.reload();
    await learn();
    // The home may be read and an agent's store not.
    home.current.agents.find(agentId).profiles();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return expected(error);
  }
}

/** Somebody else is slow, or the disk is full. */
function isPassing(error: unknown): boolean {
  return isHeldByAnother(error) || (error instanceof SecretsError && error.code === "file-write-failed");
}

const ofTheHome: ReadonlySet<string> = new Set(["HomeError", "AuthProfileError", "SecretsError", "CliError"]);

/** Files that somebody is editing are no reason to stop. A bug is. */
function expected(error: unknown): Error {
  if (error instanceof Error && ofTheHome.has(error.name)) return error;
  throw error;
}

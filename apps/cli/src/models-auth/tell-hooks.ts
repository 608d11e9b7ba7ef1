import type { Clock } from "@openclaw/secrets";
import type { Hook, Notice } from "./notice.ts";

/** What hooks are told with. */
export interface TellingOptions {
  readonly hooks: readonly Hook[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** The hooks of one look. */
export interface Telling {
  /** Tells all of them at the same time. Resolves with what went wrong. */
  tell(notice: Notice): Promise<readonly string[]>;
  /** The look is over. */
  end(): void;
}

/** After so long no event is begun. */
const TELLING_MS = 40_000;
/** What each event of many has. */
const SHORTEST_SHARE_MS = 15_000;

/**
 * Tells hooks of as many events as there are, one after the other, for 55 s at most: others wait for their turn
 * meanwhile, and runs of a timer must not pile up. One event whose hook hangs does not keep the others back.
 */
export function createTelling({ hooks, clock, signal }: TellingOptions, count: number): Telling {
  const shareMs = Math.max(SHORTEST_SHARE_MS, TELLING_MS / count);
  const whole = hooks.length === 0 || count === 0 ? undefined : startTimer(clock, TELLING_MS);

  async function tellOne(hook: Hook, notice: Notice, late: AbortSignal): Promise<string | undefined> {
    try {
      return await hook(notice, AbortSignal.any([signal, late]));
    } catch (error) {
      signal.throwIfAborted();
      if (!late.aborted) throw error;
      return `it took longer than ${shareMs / 1000} s`;
    }
  }

  return {
    async tell(notice) {
      if (whole === undefined) return [];
      if (whole.signal.aborted) return [`those before it took ${TELLING_MS / 1000} s`];
      const share = startTimer(clock, shareMs);
      try {
        const outcomes = await Promise.all(hooks.map((hook) => tellOne(hook, notice, share.signal)));
        return outcomes.flatMap((problem) => problem ?? []);
      } finally {
        share.end();
      }
    },
    end() {
      whole?.end();
    },
  };
}

/** A signal that ends after a time, also where somebody sets the clock meanwhile. */
function startTimer(clock: Clock, durationMs: number): { readonly signal: AbortSignal; readonly end: () => void } {
  const [late, ended] = [new AbortController(), new AbortController()];
  clock.sleep(durationMs, ended.signal).then(
    () => late.abort(),
    () => undefined,
  );
  return { signal: late.signal, end: () => ended.abort() };
}

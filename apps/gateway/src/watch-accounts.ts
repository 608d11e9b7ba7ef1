import { createExpiryWatch, type ExpiryEvent, type ExpiryWatch } from "@openclaw/auth-profiles";
import type { Home } from "@openclaw/home";
import type { Clock } from "@openclaw/secrets";
import { ownHealths } from "./own-healths.ts";

/** What accounts are watched with. */
export interface WatchAccountsOptions {
  readonly home: Pick<Home, "current">;
  readonly clock: Clock;
  readonly onEvent: (event: ExpiryEvent) => void;
  /** A bug of ours, or something nobody foresaw. It is looked again later. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 30_000;

/** Tells each account that begins or ceases to work, of every agent, once, until the signal ends it. */
export async function watchAccounts({ home, clock, onEvent, onError, signal }: WatchAccountsOptions): Promise<void> {
  const watches = new Map<string, ExpiryWatch>();

  function look(): void {
    const { agents } = home.current;
    for (const agent of agents.all) {
      const watch =
        watches.get(agent.storePath) ?? createExpiryWatch({ clock, ...(agent.id !== agents.defaultId && { agentId: agent.id }) });
      watches.set(agent.storePath, watch);
      for (const event of watch.observe(ownHealths(agent, agents))) {
        onEvent(event);
        watch.told(event);
      }
    }
  }

  while (!signal.aborted) {
    try {
      look();
    } catch (error) {
      onError(error instanceof Error ? error : new Error("the accounts could not be looked at"));
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

import { createExpiryWatch, type ExpiryEvent, type ExpiryWatch } from "@openclaw/auth-profiles";
import { readableProfiles, type AgentAccounts, type Home } from "@openclaw/home";
import type { Clock } from "@openclaw/secrets";

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
    const main = readableProfiles(agents.find("main"))?.store.profiles;
    for (const agent of agents.all) {
      const watch =
        watches.get(agent.storePath) ?? createExpiryWatch({ clock, ...(agent.id !== agents.defaultId && { agentId: agent.id }) });
      watches.set(agent.storePath, watch);
      for (const event of watch.observe(ownHealths(agent, agent.id === "main" ? undefined : main))) {
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

/** How the profiles of an agent are doing, without those that it reads through to main for: they are told once. */
function ownHealths(agent: AgentAccounts, main: ReadonlyMap<string, unknown> | undefined) {
  const profiles = readableProfiles(agent);
  const isOwn = (id: string) => main === undefined || main.get(id) !== profiles?.store.profiles.get(id);
  return (profiles?.inspect() ?? []).filter(({ profileId }) => isOwn(profileId));
}

import { changedProfiles, type Home, type ProfileChanges } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import type { ReloadReport } from "@openclaw/secrets";
import { changedSettings } from "./changed-settings.ts";
import type { GatewayEvent } from "./context.ts";
import type { KeptCooldowns } from "./keep-cooldowns.ts";
import type { KnownSecrets } from "./known-secrets.ts";
import type { KeptSessions } from "./sessions/keep-sessions.ts";

/**
 * Reads everything again, once the one that runs is over.
 *
 * @throws what `home.reload` throws, with everything as it was; the signal's reason when it is aborted before its turn.
 */
export type Reload = (signal?: AbortSignal) => Promise<ReloadReport>;

/** How a running gateway gets newer secrets. */
export interface Reloader {
  readonly reload: Reload;
  /** Values of the references in use, and nothing else. */
  readonly renew: () => Promise<ReloadReport>;
  /** The stores of accounts, and nothing else where that is enough. Whether what they hold now is in effect. */
  readonly reloadAccounts: () => Promise<boolean>;
}

/** What a reload has to do with. */
export interface ReloadOptions {
  readonly home: Home;
  readonly health: Health;
  readonly secrets: KnownSecrets;
  readonly onEvent: (event: GatewayEvent) => void;
  /** Finds the tokens of the gateway again, its own and its clients', in what was just read. */
  readonly adoptToken: () => Promise<void>;
  readonly cooldowns: Pick<KeptCooldowns, "extend" | "flush">;
  readonly sessions: Pick<KeptSessions, "extend">;
}

/**
 * Reloads the home again and lets everything that knows its secrets know the new ones. A profile whose secret is
 * another begins with a clean record: what the old one did says nothing about it.
 */
export function createReload({ home, health, secrets, onEvent, adoptToken, cooldowns, sessions }: ReloadOptions): Reloader {
  let running: Promise<unknown> = Promise.resolve();

  /** A profile with another credential begins with a clean record. Whether there was something to forget. */
  function forget(profileIds: readonly string[]): boolean {
    return profileIds.filter((id) => health.clear(id)).length > 0;
  }

  /** Forgets what was of other credentials. Whether there was something to forget. */
  function take(changes: ProfileChanges): boolean {
    // A quota is the account's, and outlives a login; that its credential was refused does not.
    const refused = new Set(health.inspect().flatMap(({ id, window }) => (window.reason === "auth_permanent" ? [id] : [])));
    return forget([...changes.replaced, ...changes.renewed.filter((id) => refused.has(id))]);
  }

  /** Once they are in effect, in their sequence and all. */
  function tellAccounts(changes: ProfileChanges): void {
    const { added, removed, replaced } = changes;
    if (added.length + removed.length + replaced.length > 0) onEvent({ type: "accounts", ...changes });
  }

  function tell(report: ReloadReport, read: "home" | "accounts" | "references", before = home.current): boolean {
    const isSwapped = report.outcome === "swapped";
    if (isSwapped) secrets.adopt(home.current);
    onEvent({ type: "secrets", read, report, ...changedSettings(before, home.current) });
    return isSwapped && forget(report.changed.flatMap((path) => /(?:^|\.)profiles\.(.+)\.(?:key|token)$/u.exec(path)?.[1] ?? []));
  }

  /** Agents may have come. The sequence of accounts goes by the file, in which what is forgotten still stands. */
  async function keepUp(hasForgotten: boolean): Promise<void> {
    await Promise.all([cooldowns.extend(), sessions.extend()]);
    if (!hasForgotten) return;
    await cooldowns.flush();
    await reloadAccounts();
  }

  async function reloadAccounts(): Promise<boolean> {
    const before = home.current;
    const { changes, report } = await home.reloadAccounts();
    await keepUp([take(changes), report !== undefined && tell(report, "accounts", before)].includes(true));
    tellAccounts(changes);
    return report?.outcome !== "kept";
  }

  return {
    async reload(signal) {
      // A provider of secrets that asks for this while it is asked itself is gone when its turn comes.
      await running.catch(() => undefined);
      signal?.throwIfAborted();
      const before = home.current;
      const reloading = home.reload();
      running = reloading;
      const report = await reloading;
      const changes = changedProfiles(before, home.current, home.refresher);
      await keepUp([take(changes), tell(report, "home", before)].includes(true));
      tellAccounts(changes);
      if (report.outcome === "swapped") await adoptToken();
      return report;
    },
    async renew() {
      const report = await home.renew();
      await keepUp(tell(report, "references"));
      if (report.changed.some((path) => path.startsWith("gateway."))) await adoptToken();
      return report;
    },
    reloadAccounts,
  };
}

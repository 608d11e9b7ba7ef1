import type { Home } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import type { ReloadReport } from "@openclaw/secrets";
import type { GatewayEvent } from "./context.ts";
import type { KnownSecrets } from "./known-secrets.ts";

/** Reads everything again, once the one that runs is over. @throws the signal's reason when it is aborted before its turn. */
export type Reload = (signal?: AbortSignal) => Promise<ReloadReport>;

/** How a running gateway gets newer secrets. */
export interface Reloader {
  readonly reload: Reload;
  /** Values of the references in use, and nothing else. */
  readonly renew: () => Promise<ReloadReport>;
}

/** What a reload has to do with. */
export interface ReloadOptions {
  readonly home: Home;
  readonly health: Health;
  readonly secrets: KnownSecrets;
  readonly onEvent: (event: GatewayEvent) => void;
  /** Finds the gateway's own token again, in what was just read. */
  readonly adoptToken: () => Promise<void>;
}

/**
 * Reloads the home again and lets everything that knows its secrets know the new ones. A profile whose secret is
 * another begins with a clean record: what the old one did says nothing about it.
 *
 * @throws what `home.reload` throws; everything stays as it was then.
 */
export function createReload({ home, health, secrets, onEvent, adoptToken }: ReloadOptions): Reloader {
  let running: Promise<unknown> = Promise.resolve();

  function tell(report: ReloadReport): void {
    if (report.outcome === "swapped") {
      secrets.adopt(home.current);
      for (const path of report.changed) {
        const profileId = /(?:^|\.)profiles\.(.+)\.(?:key|token)$/u.exec(path)?.[1];
        if (profileId !== undefined) health.clear(profileId);
      }
    }
    onEvent({ type: "secrets", report });
  }

  return {
    async reload(signal) {
      // A provider of secrets that asks for this while it is asked itself is gone when its turn comes.
      await running.catch(() => undefined);
      signal?.throwIfAborted();
      const reloading = home.reload();
      running = reloading;
      const report = await reloading;
      tell(report);
      if (report.outcome === "swapped") await adoptToken();
      return report;
    },
    async renew() {
      const report = await home.renew();
      tell(report);
      if (report.changed.includes("gateway.auth.token")) await adoptToken();
      return report;
    },
  };
}

import type { Home } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import type { ReloadReport } from "@openclaw/secrets";
import type { GatewayEvent } from "./context.ts";
import type { KnownSecrets } from "./known-secrets.ts";

/** Reads everything again, once the one that runs is over. @throws the signal's reason when it is aborted before its turn. */
export type Reload = (signal?: AbortSignal) => Promise<ReloadReport>;

/** What a reload has to do with. */
export interface ReloadOptions {
  readonly home: Home;
  readonly health: Health;
  readonly secrets: KnownSecrets;
  readonly onEvent: (event: GatewayEvent) => void;
}

/**
 * Reads the home again and lets everything that knows its secrets know the new ones. A profile whose secret is
 * another begins with a clean record: what the old one did says nothing about it.
 *
 * @throws what `home.reload` throws; everything stays as it was then.
 */
export function createReload({ home, health, secrets, onEvent }: ReloadOptions): Reload {
  let adopted = home.current;
  let running: Promise<unknown> = Promise.resolve();
  return async (signal) => {
    // A provider of secrets that asks for this while it is asked itself is gone when its turn comes.
    await running.catch(() => undefined);
    signal?.throwIfAborted();
    const reloading = home.reload();
    running = reloading;
    const report = await reloading;
    if (home.current !== adopted) {
      adopted = home.current;
      secrets.adopt(adopted);
      for (const path of report.changed) {
        const profileId = /(?:^|\.)profiles\.(.+)\.(?:key|token)$/u.exec(path)?.[1];
        if (profileId !== undefined) health.clear(profileId);
      }
    }
    onEvent({ type: "secrets", report });
    return report;
  };
}

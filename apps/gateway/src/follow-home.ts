import { watchHome, type Home } from "@openclaw/home";
import type { GatewayEvent } from "./context.ts";
import { GatewayError, isOwnError } from "./errors.ts";
import type { KeptCooldowns } from "./keep-cooldowns.ts";
import type { Reloader } from "./reload.ts";

/** What follows the files. */
export interface FollowHomeOptions extends Pick<Reloader, "reload" | "reloadAccounts">, Pick<KeptCooldowns, "sync"> {
  readonly home: Home;
  /** Files beyond those of the home from which it is read. */
  readonly files: () => readonly string[];
  readonly onEvent: (event: GatewayEvent) => void;
  readonly signal: AbortSignal;
}

/** Takes over what people and other programs change in the files of the home. A change that is broken is told, and what was there stays. */
export function followHome({ home, files, reload, reloadAccounts, sync, onEvent, signal }: FollowHomeOptions): Promise<void> {
  let isFailing = false;
  return watchHome({
    home,
    files,
    signal,
    async onChange(change) {
      const isNew = await sync();
      // The sequence of accounts goes by their use. A gateway's own writes are nothing new, and a broken store was told of.
      if (change === "usage" && (!isNew || isFailing)) return;
      const isTaken = change === "home" ? (await reload(signal)).outcome === "swapped" : await reloadAccounts();
      if (!isTaken) return;
      if (isFailing) onEvent({ type: "reload-recovered" });
      isFailing = false;
    },
    onError(error) {
      isFailing = true;
      const hint = (isOwnError(error) || error instanceof GatewayError) && error.hint !== undefined ? { hint: error.hint } : {};
      onEvent({ type: "reload-failed", message: error.message, ...hint });
    },
  });
}

import { join } from "node:path";
import { healthPlaces, type Home, type HomeHealthPlace } from "@openclaw/home";
import {
  createFileHealthStore,
  keepHealth,
  RotationError,
  type FlushOptions,
  type Health,
  type HealthKeeper,
  type HealthStore,
  type KeepHealthOptions,
} from "@openclaw/key-rotation";
import { createLockFolder, SecretsError, type Clock } from "@openclaw/secrets";

/** Cooldowns are not kept, or not read: told once for as long as it stays the same. Serving goes on with what is in memory. */
export interface CooldownsNotKept {
  readonly type: "cooldowns-not-kept";
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** They are kept again, in a file that was told of. */
export interface CooldownsKept {
  readonly type: "cooldowns-kept";
  readonly path: string;
}

/** What cooldowns are kept with. */
export interface KeepCooldownsOptions {
  readonly home: Pick<Home, "current">;
  readonly health: Health;
  readonly clock: Clock;
  readonly onEvent: (event: CooldownsNotKept | CooldownsKept) => void;
  /** A bug of ours, or something nobody foresaw. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

/** Cooldowns that outlive the gateway, in a file beside each store of accounts. None of its calls throws. */
export interface KeptCooldowns {
  /** Takes over what other processes wrote. Whether there was something. */
  sync(): Promise<boolean>;
  /** Keeps those of agents too that have come since. */
  extend(): Promise<void>;
  /** Writes what is not written yet, in two seconds at most. */
  flush(options?: Pick<FlushOptions, "isLast">): Promise<void>;
}

/** Begins with what was kept: once this resolves, what was cooling down when the last gateway ended is cooling down. */
export async function keepCooldowns(options: KeepCooldownsOptions): Promise<KeptCooldowns> {
  const { home, health, clock, signal } = options;
  const locks = createLockFolder(join(home.current.paths.stateDir, "locks"));
  const files = new Map<string, KeptFile>();
  const kept = new Map<string, Promise<HealthKeeper>>();

  function fileAt(path: string): KeptFile {
    const file = files.get(path) ?? { at: createFileHealthStore({ path, locks }), telling: tellingOnce(path, options) };
    files.set(path, file);
    return file;
  }

  function keep({ statePath, ...place }: HomeHealthPlace): Promise<HealthKeeper> {
    const name = JSON.stringify([statePath, place.store]);
    const { at, telling } = fileAt(statePath);
    const keeper = kept.get(name) ?? keepHealth({ health, stores: [{ ...place, at }], clock, signal, ...telling(name) });
    kept.set(name, keeper);
    return keeper;
  }

  const keepers = () => Promise.all(kept.values());

  async function extend(): Promise<void> {
    await Promise.all(healthPlaces(home.current).map(keep));
  }

  await extend();
  return {
    extend,
    async sync() {
      const found = await Promise.all((await keepers()).map((keeper) => keeper.sync()));
      return found.includes(true);
    },
    async flush(how) {
      await Promise.all((await keepers()).map((keeper) => keeper.flush(how)));
    },
  };
}

type Telling = Required<Pick<KeepHealthOptions, "onError" | "onKept">>;

interface KeptFile {
  readonly at: HealthStore;
  /** What one of the places that share the file tells. */
  readonly telling: (place: string) => Telling;
}

/** Each place that shares a file tells of it. */
const TOLD_MS = 60_000;

function tellingOnce(path: string, { clock, onEvent, onError }: KeepCooldownsOptions): (place: string) => Telling {
  const toldAt = new Map<string, number>();
  const failing = new Set<string>();
  return (place) => ({
    onError(error) {
      if (!(error instanceof RotationError || error instanceof SecretsError)) {
        onError(error instanceof Error ? error : new Error("cooldowns could not be kept"));
        return;
      }
      failing.add(place);
      const { code, message, hint } = error;
      const now = clock.now();
      if (now < (toldAt.get(message) ?? -Infinity) + TOLD_MS) return;
      toldAt.set(message, now);
      onEvent({ type: "cooldowns-not-kept", code, message, ...(hint !== undefined && { hint }) });
    },
    onKept() {
      if (!failing.delete(place) || failing.size > 0) return;
      toldAt.clear();
      onEvent({ type: "cooldowns-kept", path });
    },
  });
}

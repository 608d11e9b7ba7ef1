import { join } from "node:path";
import { createHomeHealth, healthPlaces, type HomeSnapshot } from "@openclaw/home";
import { createFileHealthStore, keepHealth, type Health } from "@openclaw/key-rotation";
import { createLockFolder, systemClock, type Clock } from "@openclaw/secrets";

/** Health, and what could not be read of it. */
export interface KnownHealth {
  readonly health: Health;
  /** In words for people. */
  readonly notes: readonly string[];
}

/** What a gateway that starts now would know of the credentials: what is kept on the disk. Only reads. */
export async function knownHealth(home: HomeSnapshot, clock: Pick<Clock, "now">): Promise<KnownHealth> {
  const health = createHomeHealth(home, { clock });
  const locks = createLockFolder(join(home.paths.stateDir, "locks"));
  const notes = new Set<string>();
  await keepHealth({
    health,
    stores: healthPlaces(home).map(({ statePath, ...place }) => ({ ...place, at: createFileHealthStore({ path: statePath, locks }) })),
    clock: { ...systemClock, now: () => clock.now() },
    onError: (error) => void notes.add(error instanceof Error ? error.message : "the state of cooldowns cannot be read"),
    // One that has ended reads once, and writes nothing.
    signal: AbortSignal.abort(),
  });
  return { health, notes: [...notes] };
}

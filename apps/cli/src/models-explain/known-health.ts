import { join } from "node:path";
import { createHomeHealth, healthPlaces, type HomeSnapshot } from "@openclaw/home";
import { createFileHealthStore, keepHealth, RotationError, type Health } from "@openclaw/key-rotation";
import { createLockFolder, systemClock, type Clock } from "@openclaw/secrets";

/** Health, and what could not be read of it. */
export interface KnownHealth {
  readonly health: Health;
  /** In words for people. */
  readonly notes: readonly string[];
  /** The same, with what helps. */
  readonly problems: readonly StateProblem[];
}

/** Why a file of cooldowns cannot be read. */
export interface StateProblem {
  readonly message: string;
  readonly hint?: string;
}

/** What a gateway that starts now would know of the credentials: what is kept on the disk. Only reads. */
export async function knownHealth(home: HomeSnapshot, clock: Pick<Clock, "now">): Promise<KnownHealth> {
  const health = createHomeHealth(home, { clock });
  const locks = createLockFolder(join(home.paths.stateDir, "locks"));
  const problems = new Map<string, StateProblem>();
  await keepHealth({
    health,
    stores: healthPlaces(home).map(({ statePath, ...place }) => ({ ...place, at: createFileHealthStore({ path: statePath, locks }) })),
    clock: { ...systemClock, now: () => clock.now() },
    onError(error) {
      const problem = problemOf(error);
      problems.set(problem.message, problem);
    },
    // One that has ended reads once, and writes nothing.
    signal: AbortSignal.abort(),
  });
  return { health, notes: [...problems.keys()], problems: [...problems.values()] };
}

function problemOf(error: unknown): StateProblem {
  if (!(error instanceof Error)) return { message: "the state of cooldowns cannot be read" };
  const { message } = error;
  return error instanceof RotationError && error.hint !== undefined ? { message, hint: error.hint } : { message };
}

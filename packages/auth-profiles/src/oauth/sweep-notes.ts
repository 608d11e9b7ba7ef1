import type { Clock, LockFolder } from "@openclaw/secrets";
import { tokenLockName } from "./account-lock.ts";
import type { RefreshJournal } from "./refresh-journal.ts";

/** Nobody keeps a login for so long that cannot be refreshed. */
const KEPT_MS = 30 * 24 * 3_600_000;
/** A note that somebody works with is left to the next time. */
const WAIT_MS = 100;
const noteNames = /^(?:token|refresh)-[0-9a-f]{64}$/;

/** Removes notes that are 30 days old, for their tokens are not stored any more. Best effort; call it without a lock. */
export async function sweepNotes(journal: RefreshJournal, locks: LockFolder, clock: Clock): Promise<void> {
  const isOld = async (name: string) => {
    const { startedAt = Infinity } = (await journal.read(name)) ?? {};
    return clock.now() - startedAt > KEPT_MS;
  };
  const sweep = async (name: string) => {
    if (!(await isOld(name))) return;
    const remove = async () => void ((await isOld(name)) && (await journal.clear(name)));
    await locks.withLock(name.startsWith("token-") ? tokenLockName(name) : name, remove, { timeoutMs: WAIT_MS });
  };
  const names = await journal.names().catch(() => new Set<string>());
  for (const name of names) if (noteNames.test(name)) await sweep(name).catch(() => undefined);
}

import { createHash } from "node:crypto";
import { errnoOf, realFilePath, SecretsError, type LockFolder, type LockOptions } from "@openclaw/secrets";
import { applyRecords, boundedRecords } from "./apply-records.ts";
import { parseRecords } from "./parse-records.ts";
import type { HealthRecords } from "./record.ts";
import { readStateFile, replaceStateFile, stampAt, unreadable, unwritable, type StateContent } from "./state-file.ts";
import type { HealthStore } from "./store.ts";

export interface FileHealthStoreOptions {
  /** `<agentDir>/auth-state.json`. A link is followed, and stays. */
  readonly path: string;
  /** Where writers lock each other out: all of a machine must use one folder. */
  readonly locks: LockFolder;
}

/**
 * Health in a file: `auth-state.json` beside the store whose credentials it is about. A missing file is empty, and made
 * by the first change. One that cannot be read, or that a newer version wrote, is an error and stays as it is. Nothing
 * is written where nothing changed, and fields nobody here knows survive. While the file is unchanged, `read` takes one
 * look at it and hands back the same object.
 *
 * `read` and `update` throw a {@link RotationError}: `state-unreadable` or `state-newer`; `update` also
 * `state-unwritable`, naming the step and the path, and the `lock-timeout` of the lock.
 *
 * @example
 * const store = createFileHealthStore({ path: "/home/me/.openclaw/agents/main/agent/auth-state.json", locks });
 */
export function createFileHealthStore({ path, locks }: FileHealthStoreOptions): HealthStore {
  let cached: { readonly stamp: string | undefined; readonly records: HealthRecords } | undefined;

  function remember({ json, stamp }: StateContent): HealthRecords {
    cached = { stamp, records: parseRecords(json) };
    return cached.records;
  }

  async function locked<T>(realPath: string, waiting: LockOptions | undefined, run: () => Promise<T>): Promise<T> {
    const name = `state-${createHash("sha256").update(realPath).digest("hex")}`;
    let isLocked = false;
    const runLocked = () => {
      isLocked = true;
      return run();
    };
    try {
      return await locks.withLock(name, runLocked, waiting);
    } catch (error) {
      const isLockBroken = !isLocked && error instanceof SecretsError && (error.code === "lock-failed" || error.code === "folder-refused");
      throw isLockBroken ? unwritable(realPath, error.message, error) : error;
    }
  }

  return {
    async read() {
      const stamp = await stampAt(path);
      if (stamp !== undefined && cached?.stamp === stamp) return cached.records;
      return remember(await readStateFile(path));
    },

    async update(change, waiting) {
      const realPath = await realFilePath(path).catch((error: unknown) => {
        throw unreadable(path, `Cannot look at ${path}: ${errnoOf(error) ?? "unknown error"}`, error);
      });
      return locked(realPath, waiting, async () => {
        const content = await readStateFile(realPath);
        const before = remember(content);
        const json = applyRecords(content.json, before, boundedRecords(change(before)));
        if (json === undefined) return before;
        await replaceStateFile(realPath, json);
        // Read once more, so that what is handed back is what stands there, with the stamp it has.
        return remember(await readStateFile(realPath));
      });
    },
  };
}

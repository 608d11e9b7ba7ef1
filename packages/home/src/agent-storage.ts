import { join } from "node:path";
import { createFileStorage, type AuthStore, type ProfileStorage } from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { createLockFolder, type SecretDefaults } from "@openclaw/secrets";
import { finishFileTransaction } from "./file-transaction.ts";
import { isLeftPending } from "./file-transaction/transaction-lock.ts";
import { readCommitted } from "./pending-files.ts";

/** The store of one agent's accounts. */
export interface AgentStorage {
  /** As its writers see it: a transaction that died is completed first, and all lock in one folder. */
  readonly storage: ProfileStorage;
  /** Reads it where a transaction that is about to put it in place has left it; at its own path, mostly. */
  readAt(path: string): Promise<AuthStore>;
}

/** Where the stores of a home are and what their reading depends on. */
interface AgentStorageOptions {
  readonly storePath: string;
  readonly stateDir: string;
  readonly secretDefaults: SecretDefaults | undefined;
  /** Whether the logins of older versions, kept for the whole home, are read with it: main's are. */
  readonly hasLegacyLogins: boolean;
}

/** The stores of a home, each opened once: one that did not change between two readings is not parsed again. */
export interface AgentStorages {
  open(options: AgentStorageOptions): AgentStorage;
  /** All that were opened. */
  readonly all: readonly ProfileStorage[];
}

/** Remembers what it opened for as long as it is held. */
export function createAgentStorages(): AgentStorages {
  const opened = new Map<string, AgentStorage>();
  return {
    open(options) {
      const key = JSON.stringify(options);
      const storage = opened.get(key) ?? openAgentStorage(options);
      opened.set(key, storage);
      return storage;
    },
    get all() {
      return Array.from(opened.values(), ({ storage }) => storage);
    },
  };
}

function openAgentStorage({ storePath, stateDir, secretDefaults, hasLegacyLogins }: AgentStorageOptions): AgentStorage {
  const storageAt = (path: string) =>
    createFileStorage({
      storePath: path,
      locks: createLockFolder(join(stateDir, "locks")),
      normalizeProvider: authProviderId,
      ...(secretDefaults && { secretDefaults }),
      ...(hasLegacyLogins && { legacyOAuthPath: join(stateDir, "credentials", "oauth.json") }),
    });
  const own = storageAt(storePath);
  const readAt = (path: string) => (path === storePath ? own : storageAt(path)).read();
  return {
    readAt,
    storage: Object.freeze({
      ...own,
      read: () => readCommitted(stateDir, (pathOf) => readAt(pathOf(storePath))),
      async update(change, waiting = {}) {
        for (;;) {
          await finishFileTransaction(stateDir, waiting);
          const outcome = await own.update(async (draft) => {
            // One may have been committed and died while the lock was waited for.
            const isOver = await isLeftPending(stateDir, await own.realPath());
            return isOver ? undefined : { value: await change(draft) };
          }, waiting);
          if (outcome !== undefined) return outcome.value;
        }
      },
    } satisfies ProfileStorage),
  };
}

import { existsSync, statSync, watch, type FSWatcher } from "node:fs";
import { dirname, join } from "node:path";

/** What is told of the folders. */
export interface FolderWatchOptions {
  /** Something happened to an entry of a watched folder: it came, went, or changed. */
  readonly onEvent: (path: string) => void;
  /** A folder could not be watched. Told once per folder. */
  readonly onError: (error: Error) => void;
}

/** Folders that are watched, also those that are not there yet. */
export interface FolderWatch {
  /**
   * Watches these folders from now on, and no others. In place of one that is not there the nearest one above it is
   * watched. Synchronous: what is read afterwards cannot change unseen.
   *
   * @returns whether a folder is watched that was not before.
   */
  watch(folders: readonly string[]): boolean;
  close(): void;
}

/**
 * Watches folders, by the system's own events. (A library that watches files was tried: it did not see a file whose
 * folder and the one above it came later, and could not say from when on it watched.)
 */
export function createFolderWatch({ onEvent, onError }: FolderWatchOptions): FolderWatch {
  const watched = new Map<string, Watched>();
  const refused = new Set<string>();

  function open(folder: string): boolean {
    try {
      const identity = identityOf(folder);
      const watcher = watch(folder, (_kind, name) => {
        if (name !== null) onEvent(join(folder, name));
        if (identityOf(folder) !== identity) drop(folder);
      });
      watcher.on("error", () => drop(folder));
      watched.set(folder, { watcher, identity });
      refused.delete(folder);
      return true;
    } catch (error) {
      if (!refused.has(folder)) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
        onError(new Error(`${folder} cannot be watched (${code}): what changes there is not seen`, { cause: error }));
      }
      refused.add(folder);
      return false;
    }
  }

  /** A watch on a folder that was removed, or took another name, is silent for good, also when another takes its place. */
  function drop(folder: string): void {
    close(folder);
    onEvent(folder);
  }

  function close(folder: string): void {
    watched.get(folder)?.watcher.close();
    watched.delete(folder);
  }

  return {
    watch(folders) {
      const wanted = new Set(folders.map(nearest));
      for (const [folder, { identity }] of watched) {
        if (!wanted.has(folder) || identityOf(folder) !== identity) close(folder);
      }
      return [...wanted].filter((folder) => !watched.has(folder) && open(folder)).length > 0;
    },
    close() {
      for (const folder of watched.keys()) close(folder);
    },
  };
}

interface Watched {
  readonly watcher: FSWatcher;
  readonly identity: string | undefined;
}

/** Which folder it is, whatever it is called. */
function identityOf(folder: string): string | undefined {
  const stats = statSync(folder, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

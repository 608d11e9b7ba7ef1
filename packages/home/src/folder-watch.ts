import { existsSync, watch, type FSWatcher } from "node:fs";
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
  const watchers = new Map<string, FSWatcher>();
  const refused = new Set<string>();

  function open(folder: string): boolean {
    try {
      const watcher = watch(folder, (_kind, name) => {
        if (name !== null) onEvent(join(folder, name));
        // A watch on a folder that was removed is silent for good, also when another takes its name.
        if (!existsSync(folder)) drop(folder);
      });
      watcher.on("error", () => drop(folder));
      watchers.set(folder, watcher);
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

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
    onEvent(folder);
  }

  return {
    watch(folders) {
      const wanted = new Set(folders.map(nearest));
      for (const [folder, watcher] of watchers) {
        if (wanted.has(folder)) continue;
        watcher.close();
        watchers.delete(folder);
      }
      return [...wanted].filter((folder) => !watchers.has(folder) && open(folder)).length > 0;
    },
    close() {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}

function nearest(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearest(dirname(folder));
}

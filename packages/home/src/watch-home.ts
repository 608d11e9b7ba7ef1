import { basename, dirname, join, sep } from "node:path";
import { realFilePath, systemClock } from "@openclaw/secrets";
import type { Home } from "./home.ts";
import { createFolderWatch } from "./folder-watch.ts";
import { stateFileOf } from "./health-places.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/**
 * What somebody has changed: what is remembered of the use of accounts, in sessions too, and nothing else, or also the stores of accounts, or
 * also the configuration or the environment file. Each includes the ones before it.
 */
export type HomeChange = "usage" | "accounts" | "home";

/** What becomes of changes. */
export interface WatchHomeOptions {
  readonly home: Pick<Home, "current">;
  /** Files beyond those of the home from which it is read, such as one that holds a token. They count as the configuration. */
  readonly files?: () => readonly string[];
  /** Reads what has changed. Called for one change at a time; what comes meanwhile is told together, afterwards. */
  readonly onChange: (change: HomeChange) => Promise<void>;
  /** A change could not be read, or a folder not be watched. Later changes are told all the same. */
  readonly onError: (error: Error) => void;
  readonly signal: AbortSignal;
}

const byStrength: readonly HomeChange[] = ["usage", "accounts", "home"];

/** An editor saves in several steps, and a login is written to two files. */
const SETTLE_MS = 100;

/**
 * Watches the files of a home: the configuration, `.env`, those that `secrets.providers` names, each agent's store and
 * `auth-state.json`, whichever file a link leads to, and the notes about refreshes. Folders are watched and not files, so that what is replaced, or is not there yet, is seen
 * all the same. It watches when this resolves, and ends with the signal.
 */
export async function watchHome({ home, files = () => [], onChange, onError, signal }: WatchHomeOptions): Promise<void> {
  if (signal.aborted) return;
  let places = await placesOf(home, files());
  let pending: HomeChange | undefined;
  let telling: Promise<void> | undefined;

  const folders = createFolderWatch({ onError, onEvent: (path) => notice(changeAt(places, path)) });
  signal.addEventListener("abort", () => folders.close(), { once: true });
  folders.watch(foldersOf(places));

  function notice(change: HomeChange | undefined): void {
    if (change === undefined || signal.aborted) return;
    pending = strongest([change, pending]);
    telling ??= tell().finally(() => (telling = undefined));
  }

  async function tell(): Promise<void> {
    while (pending !== undefined) {
      try {
        await systemClock.sleep(SETTLE_MS, signal);
        // A folder that has just come is watched before it is read, so that nothing falls between the two.
        folders.watch(foldersOf(places));
        const change = pending;
        pending = undefined;
        await onChange(change);
        // A gateway that is busy takes down usage all the time; that moves no file.
        if (change === "usage") continue;
        places = await placesOf(home, files());
        if (folders.watch(foldersOf(places)) && !signal.aborted) pending = strongest(["accounts", pending]);
      } catch (error) {
        if (signal.aborted) return;
        onError(error instanceof Error ? error : new Error("a change could not be read"));
      }
    }
  }
}

/** What a change of each path means. */
type Places = ReadonlyMap<string, HomeChange>;

/** In the place of a name: every file of the folder. */
const ANY = "*";

async function placesOf({ current }: Pick<Home, "current">, files: readonly string[]): Promise<Places> {
  const { paths, agents } = current;
  const places = new Map<string, HomeChange>([
    [join(paths.stateDir, "refresh", ANY), "accounts"],
    [join(paths.stateDir, "credentials", "oauth.json"), "accounts"],
    [paths.configPath, "home"],
    [paths.envFile, "home"],
  ]);
  for (const file of [...secretFiles(current), ...files]) {
    for (const path of [file, await realFilePath(file).catch(() => file)]) places.set(path, "home");
  }
  for (const { storePath, storage, dir } of agents.all) {
    const real = await storage.realPath().catch(() => storePath);
    for (const path of [storePath, real, join(dir, "auth.json")]) places.set(path, "accounts");
    for (const kept of [stateFileOf({ storePath }), join(dir, "sessions.json")]) {
      for (const path of [kept, await realFilePath(kept).catch(() => kept)]) places.set(path, "usage");
    }
  }
  return places;
}

/** Where providers of secrets read files. */
function secretFiles({ config, paths }: HomeSnapshot): readonly string[] {
  return Object.values(config.secrets?.providers ?? {}).flatMap((provider) => {
    if (provider.source !== "file") return [];
    return provider.path.startsWith("~/") ? join(paths.home, provider.path.slice(2)) : provider.path;
  });
}

function changeAt(places: Places, path: string): HomeChange | undefined {
  const exact = places.get(path) ?? places.get(join(dirname(path), ANY));
  if (exact !== undefined) return exact;
  // A folder on the way to something that is not there yet, or was there.
  return strongest([...places].map(([place, change]) => (place.startsWith(path + sep) ? change : undefined)));
}

function strongest(changes: readonly (HomeChange | undefined)[]): HomeChange | undefined {
  return byStrength.findLast((change) => changes.includes(change));
}

function foldersOf(places: Places): readonly string[] {
  return [...new Set([...places.keys()].map((path) => dirname(path)))].filter((folder) => basename(folder) !== "");
}

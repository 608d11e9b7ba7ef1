import { statSync } from "node:fs";
import { resolve } from "node:path";
import { HomeError } from "./errors.ts";
import { errnoOf } from "@openclaw/secrets";
import { realPath } from "./file-transaction/folder.ts";
import { preparedPath, readJournal } from "./file-transaction/journal.ts";
import { readProgress } from "./file-transaction/progress.ts";

/** Where to read a file: a real path to where its committed content waits, `undefined` when it is decided to be deleted. */
export type PendingFiles = ReadonlyMap<string, string | undefined>;

/**
 * What a committed transaction that is not finished has yet to put in place, by real path. `undefined` when no
 * transaction is committed. Writes nothing. For a reading that holds together use {@link readCommitted}.
 *
 * @throws {HomeError} `journal-refused`; {SecretsError} when one of the files cannot be read.
 */
export async function readPendingFiles(stateDir: string): Promise<PendingFiles | undefined> {
  return (await readView(resolve(stateDir)))?.pending;
}

/**
 * Reads several files so that all are old or all are new, whatever transaction commits, is finished or dies
 * meanwhile. `read` asks for the path of each file before it opens it, has read all when it settles, and is called
 * again, with its result or error thrown away, when any of those files changed under it. A file that has no
 * content, or is to be deleted, leads to a path where nothing is. Writes nothing, and takes no lock.
 *
 * @throws {HomeError} `journal-refused`, or `files-unstable` when the files never hold still; and whatever `read` throws.
 *
 * @example
 * const config = await readCommitted(paths.stateDir, (pathOf) => readConfig(pathOf(paths.configPath)));
 */
export async function readCommitted<T>(stateDir: string, read: (pathOf: (path: string) => string) => Promise<T>): Promise<T> {
  const state = resolve(stateDir);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const view = await readView(state);
    const round = createRound(view);
    const [outcome] = await Promise.allSettled([(async () => read(round.pathOf))()]);
    const after = await readJournal(state);
    const isSameJournal = (after?.phase === "committed" ? after.id : undefined) === view?.id;
    if (!isSameJournal || !round.isUnchanged()) continue;
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }
  throw new HomeError("files-unstable", `The files of ${state} changed each of the ${MOST_ATTEMPTS} times they were read`, {
    hint: "see what keeps writing to them",
  });
}

/** Each transaction spoils at most one attempt per file. */
const MOST_ATTEMPTS = 100;

interface View {
  readonly id: string;
  readonly pending: PendingFiles;
  /** Where nothing is ever: the path of a file that is to be deleted. */
  readonly absent: ReadonlyMap<string, string>;
}

async function readView(stateDir: string): Promise<View | undefined> {
  const journal = await readJournal(stateDir);
  if (journal?.phase !== "committed") return undefined;
  const { files, isTakenBack } = await readProgress(journal);
  const waiting = isTakenBack
    ? []
    : files.filter(({ after, isPrepared, progress }) => isPrepared || (after === null && progress !== "placed"));
  return {
    id: journal.id,
    pending: new Map(waiting.map(({ path, after, prepared }) => [path, after === null ? undefined : prepared])),
    absent: new Map(files.map((file, index) => [file.path, preparedPath(journal, index, file)])),
  };
}

/**
 * One attempt. What each path leads to is noted when it is asked for and compared at the end: if nothing changed,
 * everything that was read was there together at the moment the last was asked for.
 */
function createRound(view: View | undefined) {
  const stamps = new Map<string, string>();
  let hasVanished = false;
  return {
    pathOf(path: string): string {
      const target = view === undefined ? path : realPathOrItself(path);
      const isPending = view?.pending.has(target) ?? false;
      const prepared = view?.pending.get(target);
      const place = isPending ? (prepared ?? view?.absent.get(target) ?? path) : path;
      const stamp = stampAt(place);
      // It was put in its place since the journal was read. That nothing is here must not be taken for a missing file.
      if (prepared !== undefined && stamp === MISSING) hasVanished = true;
      if (!stamps.has(place)) stamps.set(place, stamp);
      return place;
    },
    isUnchanged: () => !hasVanished && [...stamps].every(([place, stamp]) => stampAt(place) === stamp),
  };
}

const MISSING = "missing";

/** Names one state of what a path leads to. */
function stampAt(path: string): string {
  try {
    const stats = statSync(path, { bigint: true });
    return [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(":");
  } catch (error) {
    const errno = errnoOf(error);
    return errno === "ENOENT" ? MISSING : (errno ?? "unknown");
  }
}

function realPathOrItself(path: string): string {
  try {
    return realPath(path);
  } catch {
    return path; // Whoever opens it gets the system's error.
  }
}

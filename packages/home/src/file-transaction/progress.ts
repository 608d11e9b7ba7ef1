import { createHash } from "node:crypto";
import { readPrivateFile, SecretsError } from "@openclaw/secrets";
import { preparedPath, type Journal, type JournalFile } from "./journal.ts";

/** Larger files are not ours. As much as is read of a store. */
export const MAX_FILE_BYTES: number = 64 * 1024 * 1024;

/**
 * How far a committed transaction got with one file: its new content waits; is in place; was lost while
 * the old one is in place; or somebody has written something else there since.
 */
type FileProgress = "waiting" | "placed" | "lost" | "changed";

/** How far a committed transaction got. */
export interface Progress {
  readonly files: readonly (JournalFile & { readonly prepared: string; readonly progress: FileProgress; readonly isPrepared: boolean })[];
  /**
   * New content was lost and none was placed: everything is as it was before, and stays so. A commit that failed
   * half way is taken back like this.
   */
  readonly isTakenBack: boolean;
}

/** Looks at every file of a committed transaction. Writes nothing. */
export async function readProgress(journal: Journal): Promise<Progress> {
  const files: Progress["files"][number][] = [];
  for (const [index, file] of journal.files.entries()) {
    const prepared = preparedPath(journal, index, file);
    // Looked at before the target: what is moved from one to the other meanwhile is seen in one of them.
    const waiting = file.after === null ? null : await digestAt(prepared);
    const isPrepared = file.after !== null && waiting === file.after;
    files.push({ ...file, prepared, isPrepared, progress: progressOf(file, isPrepared, await digestAt(file.path)) });
  }
  const isTakenBack =
    files.some(({ progress }) => progress === "lost") && files.every(({ progress }) => progress === "lost" || progress === "waiting");
  return { files, isTakenBack };
}

/** The digest of some content, as a journal has it. */
export function digestOf(content: Buffer | undefined): string | null {
  return content === undefined ? null : createHash("sha256").update(content).digest("hex");
}

function progressOf({ before, after }: JournalFile, isPrepared: boolean, current: string | null | undefined): FileProgress {
  if (current === after) return "placed";
  if (after === null) return current === before ? "waiting" : "changed";
  // Where no file is nothing can be overwritten: who moves his own version out of the way clears the way.
  if (isPrepared) return current === before || current === null ? "waiting" : "changed";
  return current === before ? "lost" : "changed";
}

/** `undefined` for what is no file that could be one of ours. */
async function digestAt(path: string): Promise<string | null | undefined> {
  try {
    return digestOf(await readPrivateFile(path, { maxBytes: MAX_FILE_BYTES }));
  } catch (error) {
    if (error instanceof SecretsError && error.code !== "file-unreadable") return undefined;
    throw error;
  }
}

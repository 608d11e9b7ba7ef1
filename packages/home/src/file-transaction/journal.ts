import { readdir, unlink } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, normalize } from "node:path";
import { errnoOf, readPrivateFile, SecretsError, writePrivateFile } from "@openclaw/secrets";
import { z } from "zod";
import { HomeError } from "../errors.ts";
import { removeIfThere, syncFolder } from "./folder.ts";

/** One file of a transaction. A digest is SHA-256; `null` stands for "no file". */
export interface JournalFile {
  /** Real and absolute: no part of it is a link. */
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** It is an agent's store whatever its own name, and is finished under that lock too. */
  readonly isStore?: true | undefined;
}

/** What a transaction is about to do, or has decided to do. Holds no content. */
export interface Journal {
  readonly version: 1;
  readonly id: string;
  /** While preparing nothing counts yet. From the moment it is committed everything does. */
  readonly phase: "preparing" | "committed";
  readonly files: readonly JournalFile[];
}

const MAX_BYTES = 1024 * 1024;
const NAME = "secrets-apply.journal";

const digestSchema = z.union([z.null(), z.string().regex(/^[0-9a-f]{64}$/)]);

const journalSchema: z.ZodType<Journal> = z
  .strictObject({
    version: z.literal(1),
    id: z.string().regex(/^[0-9a-f]{16}$/),
    phase: z.enum(["preparing", "committed"]),
    files: z.array(
      z.strictObject({
        path: z.string().refine(isPlainPath),
        before: digestSchema,
        after: digestSchema,
        isStore: z.literal(true).optional(),
      }),
    ),
  })
  .refine(({ files }) => new Set(files.map(({ path }) => path)).size === files.length);

/** `<state>/secrets-apply.journal`. It is there while a transaction is under way. */
export function journalPath(stateDir: string): string {
  return join(stateDir, NAME);
}

/**
 * Where the new content of a file waits: in the file's own folder, so that a rename puts it in place. The name follows
 * from the journal, which therefore cannot name a file elsewhere, and ends so that no sweep of temporary files takes it.
 */
export function preparedPath(journal: Pick<Journal, "id">, index: number, file: Pick<JournalFile, "path">): string {
  return join(dirname(file.path), `.openclaw-${journal.id}-${index}.prepared`);
}

/**
 * Reads the journal; `undefined` where there is none.
 *
 * @throws {HomeError} `journal-refused` when it is another user's, open to others, or not one of ours.
 */
export async function readJournal(stateDir: string): Promise<Journal | undefined> {
  const path = journalPath(stateDir);
  let bytes: Buffer | undefined;
  try {
    bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, mustBeOwned: true, mustBePrivate: true });
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    // Where the state folder is none, there is nothing to finish; whoever reads its files says what is wrong.
    if (errnoOf(error.cause) === "ENOTDIR") return undefined;
    throw new HomeError("journal-refused", error.message, { cause: error, ...(error.hint !== undefined && { hint: error.hint }) });
  }
  if (bytes === undefined) return undefined;
  const parsed = journalSchema.safeParse(parseJson(bytes));
  if (parsed.success) return parsed.data;
  throw new HomeError("journal-refused", `${path} is not a journal this version understands`, {
    hint: `if no newer openclaw made it, move it out of the way: mv '${path}' '${path}.refused'`,
  });
}

/** Writes the journal, whole or not at all, so that it survives a power cut. */
export async function writeJournal(stateDir: string, journal: Journal): Promise<void> {
  await writePrivateFile(journalPath(stateDir), `${JSON.stringify(journal, undefined, 2)}\n`);
}

/** Removes the journal: the transaction is over. */
export async function removeJournal(stateDir: string): Promise<void> {
  await removeIfThere(journalPath(stateDir));
  await syncFolder(stateDir);
}

/**
 * What writers of files left beside `path` when they died. Only for who holds the lock, and for a path
 * that nobody writes without it.
 */
export async function removeHalfWritten(path: string): Promise<void> {
  const folder = dirname(path);
  for (const name of await halfWritten(path)) await unlink(join(folder, name));
}

/** The names of half written files beside `path`. */
export async function halfWritten(path: string): Promise<readonly string[]> {
  const names = await readdir(dirname(path)).catch(() => []);
  return names.filter((name) => name.startsWith(`.${basename(path)}.`) && name.endsWith(".tmp"));
}

function isPlainPath(path: string): boolean {
  return isAbsolute(path) && normalize(path) === path && !path.includes("\0") && dirname(path) !== path;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return undefined; // Told as not understood.
  }
}

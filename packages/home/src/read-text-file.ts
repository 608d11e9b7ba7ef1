import { readPrivateFile, SecretsError } from "@openclaw/secrets";
import { HomeError, type HomeErrorCode } from "./errors.ts";

// Fatal: a byte that is no text must not quietly become part of a key. The byte order mark is left out.
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Far beyond any configuration, and little enough to hold. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Reads a text file; `undefined` where there is none. A pipe or a device in its place is an error, not a wait.
 *
 * @throws {HomeError} with the given code when it is there and cannot be read.
 */
export async function readTextFile(path: string, code: HomeErrorCode): Promise<string | undefined> {
  const bytes = await readBytes(path, code);
  try {
    return bytes && utf8.decode(bytes);
  } catch (error) {
    throw new HomeError(code, `${path} is not UTF-8 text`, { cause: error, hint: "save it as UTF-8" });
  }
}

async function readBytes(path: string, code: HomeErrorCode): Promise<Buffer | undefined> {
  try {
    return await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    const message = error.code === "file-unreadable" ? `${path} cannot be read (${errnoOf(error.cause)})` : error.message;
    throw new HomeError(code, message, { cause: error, hint: "make it a file this user may read" });
  }
}

function errnoOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

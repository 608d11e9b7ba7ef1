import { readFile } from "node:fs/promises";
import { HomeError, type HomeErrorCode } from "./errors.ts";

// Fatal: a byte that is no text must not quietly become part of a key. The byte order mark is left out.
const utf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * Reads a text file; `undefined` where there is none.
 *
 * @throws {HomeError} with the given code when it is there and cannot be read.
 */
export async function readTextFile(path: string, code: HomeErrorCode): Promise<string | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const errno = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (errno === "ENOENT") return undefined;
    throw new HomeError(code, `${path} cannot be read (${errno})`, { cause: error, hint: "make it a file this user may read" });
  }
  try {
    return utf8.decode(bytes);
  } catch (error) {
    throw new HomeError(code, `${path} is not UTF-8 text`, { cause: error, hint: "save it as UTF-8" });
  }
}

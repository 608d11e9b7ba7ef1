import { isUtf8 } from "node:buffer";
import { chown, stat } from "node:fs/promises";
import { errnoOf, readPrivateFile, SecretsError, writePrivateFile } from "@openclaw/secrets";
import { RotationError } from "../errors.ts";
import { STATE_VERSION } from "./apply-records.ts";
import { isRecord, type UnknownRecord } from "./parse-records.ts";

/** A thousand windows are a hundredth of this. */
const MAX_BYTES = 16 * 1024 * 1024;

/** What stands in a file, and what identifies this state of it. */
export interface StateContent {
  readonly json: UnknownRecord;
  /** `undefined` where it could not be told: it is read again next time. */
  readonly stamp: string | undefined;
}

/** Device, inode, modification time and size: it changes when the file is written or replaced. */
export async function stampAt(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, mtimeNs, size } = await stat(path, { bigint: true });
    return [dev, ino, mtimeNs, size].join(":");
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? "missing" : undefined;
  }
}

/**
 * Reads the file. None is an empty one.
 *
 * @throws {RotationError} `state-unreadable` or `state-newer`. The parser's own error is not its cause, for it quotes the
 * text, and ids are often e-mail addresses.
 */
export async function readStateFile(path: string): Promise<StateContent> {
  // Taken before reading: a writer that replaces the file meanwhile makes it stale.
  const stamp = await stampAt(path);
  const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true }).catch((error: unknown) => {
    throw error instanceof SecretsError ? unreadable(path, error.message, error) : error;
  });
  return { json: bytes === undefined ? {} : parse(path, bytes), stamp };
}

function parse(path: string, bytes: Buffer): UnknownRecord {
  const json = parseJson(path, bytes);
  if (!isRecord(json)) throw unreadable(path, `${path} is not a JSON object`);
  const { version = STATE_VERSION } = json;
  if (typeof version !== "number") throw unreadable(path, `${path}: version is not a number`);
  if (version > STATE_VERSION) {
    throw new RotationError("state-newer", `${path} has format ${version}, and this version knows ${STATE_VERSION}`, {
      hint: `update openclaw, or ${renaming(path)}`,
    });
  }
  // Taking these for empty would let the next write replace whatever they are.
  for (const name of ["credentials", "lastGood"]) {
    if (!isRecord(json[name] ?? {})) throw unreadable(path, `${path}: ${name} is not an object`);
  }
  return json;
}

function parseJson(path: string, bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw unreadable(path, `${path} is not UTF-8 text`);
  try {
    return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    throw unreadable(path, `${path} is not valid JSON`);
  }
}

/** The error for a file whose content is not known. It has been left as it is. */
export function unreadable(path: string, message: string, cause?: unknown): RotationError {
  return new RotationError("state-unreadable", message, { cause, hint: renaming(path) });
}

function renaming(path: string): string {
  return `rename ${path}: a running gateway makes a new one of what it knows, without one cooldowns begin anew`;
}

/**
 * Replaces the file. After a crash it is whole, old or new.
 *
 * @throws {RotationError} `state-unwritable`, naming the step and the path, with the old file in place.
 */
export async function replaceStateFile(path: string, json: UnknownRecord): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  try {
    await writePrivateFile(path, print(path, json));
  } catch (error) {
    throw error instanceof SecretsError ? unwritable(path, error.message, error) : error;
  }
  const after = await stat(path).catch(() => undefined);
  // Root wrote to somebody's file, who could not read what root owns. Where root may not give it away, it stays.
  if (before !== undefined && after !== undefined && before.uid !== after.uid) {
    await chown(path, before.uid, before.gid).catch(() => undefined);
  }
}

function print(path: string, json: UnknownRecord): string {
  let text: string;
  try {
    text = `${JSON.stringify(json, undefined, 2)}\n`;
  } catch (error) {
    // It walks by calling, which reading does not.
    throw unwritable(path, "It has too many levels", error);
  }
  if (Buffer.byteLength(text) > MAX_BYTES) throw unwritable(path, `It would be larger than ${MAX_BYTES} bytes`);
  return text;
}

/** The error for a file that stays as it is because it could not be replaced. */
export function unwritable(path: string, message: string, cause?: unknown): RotationError {
  return new RotationError("state-unwritable", `${path} was not changed. ${message}`, {
    cause,
    hint: cause instanceof SecretsError && cause.hint ? cause.hint : `check that ${path} can be written to, and that the disk is not full`,
  });
}

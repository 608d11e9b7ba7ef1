import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { editJson, HomeError } from "@openclaw/home";
import { errnoOf, readPrivateFile, realFilePath, SecretsError, writePrivateFile, type LockFolder } from "@openclaw/secrets";
import { GatewayError } from "../errors.ts";
import { changesOf, isRecord, readPins, type KeptPin, type UnknownRecord } from "./kept-pin.ts";

/** The pins of sessions, by session. */
export type KeptPins = ReadonlyMap<string, KeptPin>;

/** Pins in a file that others may write to as well. */
export interface PinsFile {
  /** What stands there; nothing where it is as it was when it was read or written last. @throws {GatewayError} `sessions-unreadable`. */
  readChanged(): Promise<KeptPins | undefined>;
  /**
   * Sets some pins and takes others away; everything else in the file stays byte for byte. Hands back what stands there then.
   *
   * @throws {GatewayError} `sessions-unreadable` or `sessions-unwritable`, with the file as it was.
   */
  update(changes: ReadonlyMap<string, KeptPin | undefined>): Promise<KeptPins>;
}

/** Others keep more in it than pins. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Waiting for another writer keeps this gateway's next pins waiting. */
const LOCK_MS = 5000;

/** `sessions.json` of an agent. A missing file is empty, one that is broken an error: it is never replaced. A link is followed. */
export function createPinsFile({ path, locks }: { readonly path: string; readonly locks: LockFolder }): PinsFile {
  let seen: string | undefined;

  return {
    async readChanged() {
      // Taken before reading: a writer that replaces the file meanwhile makes it stale.
      const stamp = await stampAt(path);
      if (stamp !== undefined && stamp === seen) return undefined;
      const { json } = await readText(path);
      seen = stamp;
      return readPins(json);
    },
    async update(changes) {
      try {
        const realPath = await realFilePath(path);
        const name = `sessions-${createHash("sha256").update(realPath).digest("hex")}`;
        return await locks.withLock(name, () => change(realPath), { timeoutMs: LOCK_MS });
      } catch (error) {
        if (error instanceof GatewayError) throw error;
        const message = error instanceof SecretsError ? error.message : (errnoOf(error) ?? "unknown error");
        throw new GatewayError("sessions-unwritable", `${path} was not changed: ${message}`, {
          cause: error,
          hint: `check that ${path} can be written to, and that the disk is not full`,
        });
      }

      async function change(realPath: string): Promise<KeptPins> {
        const { text, json } = await readText(realPath);
        const edits = [...changes].flatMap(([id, kept]) => changesOf(json, id, kept));
        const edited = edit(realPath, text, edits);
        if (edited === text) return readPins(json);
        await writePrivateFile(realPath, edited);
        seen = await stampAt(path);
        return readPins(parse(realPath, Buffer.from(edited)));
      }
    },
  };
}

/** Device, inode, modification time and size. `undefined` where it cannot be told: it is read then. */
async function stampAt(path: string): Promise<string | undefined> {
  try {
    const { dev, ino, mtimeNs, size } = await stat(path, { bigint: true });
    return [dev, ino, mtimeNs, size].join(":");
  } catch (error) {
    return errnoOf(error) === "ENOENT" ? "missing" : undefined;
  }
}

async function readText(path: string): Promise<{ readonly text: string; readonly json: UnknownRecord }> {
  const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true }).catch((error: unknown) => {
    throw error instanceof SecretsError ? unreadable(path, error.message, error) : error;
  });
  if (bytes === undefined) return { text: "", json: {} };
  return { text: bytes.toString("utf8"), json: parse(path, bytes) };
}

function parse(path: string, bytes: Buffer): UnknownRecord {
  const json = isUtf8(bytes) ? parseJson(bytes.toString("utf8").replace(/^\uFEFF/u, "")) : undefined;
  if (!isRecord(json)) throw unreadable(path, `${path} is not a JSON object`);
  return json;
}

/** The parser's own error quotes the text, which names people. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function edit(path: string, text: string, edits: Parameters<typeof editJson>[1]): string {
  try {
    return editJson(text, edits, "json");
  } catch (error) {
    throw error instanceof HomeError ? unreadable(path, `${path}: ${error.message}`, error) : error;
  }
}

function unreadable(path: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError("sessions-unreadable", message, {
    cause,
    hint: `mend ${path}, or move it away: sessions are then pinned to nothing`,
  });
}

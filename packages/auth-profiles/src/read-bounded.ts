import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** A file's content and what identifies this state of it. */
export interface BoundedFile {
  readonly bytes: Buffer;
  /** Device, inode, modification time and size. */
  readonly stamp: string;
}

/** What a `stat` with `bigint` tells. */
interface FileStamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly size: bigint;
}

/** Names one state of a file: it changes when the file is written or replaced. */
export function stampOf({ dev, ino, mtimeNs, size }: FileStamp): string {
  return [dev, ino, mtimeNs, size].join(":");
}

/**
 * Reads a regular file of at most `maxBytes`. Never waits for a pipe's other end.
 *
 * @throws {Error} with an errno `code`: the system's, or `EISDIR`, `EINVAL` (not a file), `EFBIG`.
 */
export async function readBounded(path: string, maxBytes: number): Promise<BoundedFile> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat({ bigint: true });
    if (stats.isDirectory()) throw errno("EISDIR");
    if (!stats.isFile()) throw errno("EINVAL");
    if (stats.size > maxBytes) throw errno("EFBIG");
    const chunks: Buffer[] = [];
    let total = 0;
    // The stamp was taken before reading: a writer that changes the file meanwhile makes it stale.
    for await (const chunk of file.createReadStream({ autoClose: false, end: maxBytes })) {
      if (!Buffer.isBuffer(chunk)) continue;
      total += chunk.length;
      if (total > maxBytes) throw errno("EFBIG");
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), stamp: stampOf(stats) };
  } finally {
    await file.close();
  }
}

function errno(code: "EISDIR" | "EINVAL" | "EFBIG"): Error {
  return Object.assign(new Error(code), { code });
}

import { Readable } from "node:stream";
import { constants, createGunzip } from "node:zlib";

/** What a packed file holds, as far as it was unpacked. */
export interface Unpacked {
  readonly bytes: Buffer;
  /** Why it is not all of it. */
  readonly problem?: string;
}

const GZIP = [0x1f, 0x8b];

/** Archives whose content we cannot look into, by how they begin. */
const others: readonly (readonly [string, readonly number[]])[] = [
  ["a zip archive", [0x50, 0x4b, 0x03, 0x04]],
  ["packed with zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["packed with xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["packed with bzip2", [0x42, 0x5a, 0x68]],
  ["a 7z archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]],
  ["an encrypted age file", [...Buffer.from("age-encryption.org/")]],
];

/** Whether a file is packed with gzip. */
export function isGzip(bytes: Buffer): boolean {
  return startsWith(bytes, GZIP);
}

/** Why the content of a file cannot be seen in its bytes. */
export function whyOpaque(bytes: Buffer): string | undefined {
  return others.find(([, start]) => startsWith(bytes, start))?.[0];
}

/** Unpacks gzip up to a size. A file that was cut off gives what is there. */
export async function unpackGzip(bytes: Buffer, maxBytes: number): Promise<Unpacked> {
  const chunks: Buffer[] = [];
  let total = 0;
  const unpacking = Readable.from([bytes]).pipe(createGunzip({ finishFlush: constants.Z_SYNC_FLUSH }));
  try {
    for await (const chunk of unpacking) {
      if (!Buffer.isBuffer(chunk)) continue;
      const room = maxBytes - total;
      chunks.push(chunk.subarray(0, room));
      total += Math.min(chunk.length, room);
      if (chunk.length > room)
        return { bytes: Buffer.concat(chunks, total), problem: `unpacked it is larger than ${maxBytes / 1024 ** 2} MiB` };
    }
  } catch {
    return { bytes: Buffer.concat(chunks, total), problem: "it is damaged" };
  }
  return { bytes: Buffer.concat(chunks, total) };
}

function startsWith(bytes: Buffer, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

import type { IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";

/** A body is unpacked this far at most, each coding of it too: what grows further is a bomb. */
const LIMIT = 1024 * 1024;
/** Nobody needs more than one coding on top of another. */
const MOST_CODINGS = 3;

type Unpack = (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer;

/** RFC 9110 8.4.1. */
const unpackers: ReadonlyMap<string, Unpack> = new Map<string, Unpack>([
  ["gzip", gunzipSync],
  ["x-gzip", gunzipSync],
  ["deflate", inflateAny],
  ["br", brotliDecompressSync],
  ["zstd", zstdDecompressSync],
]);

/** The codings of a body in the order they were applied; none for one that can be read as it is. */
export function codingsOf(headers: IncomingHttpHeaders): readonly string[] {
  if (headers["content-encoding"] === undefined) return none;
  // A header sent twice is a list at run time.
  return String(headers["content-encoding"])
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity");
}

const none: readonly string[] = [];

/** A whole body without its codings; nothing for one that is broken, too large or in a coding that is not known. */
export function unpackBody(codings: readonly string[], body: Buffer): Buffer | undefined {
  if (body.length === 0) return body;
  if (codings.length > MOST_CODINGS) return undefined;
  try {
    return codings.reduceRight<Buffer | undefined>((packed, coding) => {
      return packed && unpackers.get(coding)?.(packed, { maxOutputLength: LIMIT });
    }, body);
  } catch {
    return undefined;
  }
}

/** With the zlib wrapper that RFC 9110 asks for, or without it as some servers send it. */
function inflateAny(body: Buffer, options: { readonly maxOutputLength: number }): Buffer {
  // The wrapper begins with method 8 and a checksum of its two bytes (RFC 1950).
  const isWrapped = ((body[0] ?? 0) & 0x0f) === 8 && body.length > 1 && body.readUInt16BE(0) % 31 === 0;
  return isWrapped ? inflateSync(body, options) : inflateRawSync(body, options);
}

import type { IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";

/** A compressed error is unpacked this far at most. */
const LIMIT = 256 * 1024;

const unpack: Readonly<Record<string, (body: Buffer, options: { readonly maxOutputLength: number }) => Buffer>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

/** The text of an error body, to be judged. One that was compressed although nobody asked for it is unpacked; a broken one has no text. */
export function readErrorText(headers: IncomingHttpHeaders, body: Buffer): string {
  const encoding = (headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (encoding === "identity" || encoding === "") return body.toString("utf8");
  try {
    return unpack[encoding]?.(body, { maxOutputLength: LIMIT }).toString("utf8") ?? "";
  } catch {
    return "";
  }
}

import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { codingsOf, unpackBody } from "./unpack-body.ts";

const text = '{"error":{"message":"no"}}';

describe("a body is unpacked", () => {
  test.each<[string, Buffer]>([
    ["gzip", gzipSync(text)],
    ["X-GZIP", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["br", brotliCompressSync(text)],
    ["zstd", zstdCompressSync(text)],
    ["gzip, br", brotliCompressSync(gzipSync(text))],
    ["identity,, gzip", gzipSync(text)],
    ["", Buffer.from(text)],
    ["identity", Buffer.from(text)],
  ])("%s", (coding, body) => {
    expect(unpackBody(codingsOf({ "content-encoding": coding }), body)?.toString()).toBe(text);
  });

  test("one without bytes has none", () => {
    expect(unpackBody(["gzip"], Buffer.alloc(0))).toHaveLength(0);
  });
});

describe("a body is given up", () => {
  const zeros = Buffer.alloc(1024 * 1024 + 1);

  test.each<[string, string, Buffer]>([
    ["broken", "gzip", Buffer.from("garbage")],
    ["cut", "gzip", gzipSync(text).subarray(0, -9)],
    ["of another coding", "br", gzipSync(text)],
    ["of a coding that is not known", "compress", gzipSync(text)],
    ["of a coding named like a member of objects", "constructor", gzipSync(text)],
    ["that grows too large", "gzip", gzipSync(zeros)],
    ["that grows too large in br", "br", brotliCompressSync(zeros)],
    ["that grows too large in zstd", "zstd", zstdCompressSync(zeros)],
    ["that grows too large on the way", "gzip, gzip", gzipSync(gzipSync(Buffer.alloc(8 * 2 ** 20), { level: 0 }))],
    ["of more codings than anybody needs", "gzip,gzip,gzip,gzip", gzipSync(gzipSync(gzipSync(gzipSync(text))))],
  ])("%s", (_name, coding, body) => {
    expect(unpackBody(codingsOf({ "content-encoding": coding }), body)).toBeUndefined();
  });
});

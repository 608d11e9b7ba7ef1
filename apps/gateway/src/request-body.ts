import type { IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";

/**
 * Reads a request body whole: it may have to be sent again with the next credential.
 *
 * @throws {GatewayError} `body-too-large` as soon as more than `limit` bytes are announced or arrive.
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) throw tooLarge(limit);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > limit) throw tooLarge(limit);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError("body-too-large", `the body may have ${limit} bytes at most`);
}

import type { IncomingMessage } from "node:http";
import { GatewayError } from "./errors.ts";

/**
 * Reads a request body whole: it may have to be sent again with the next credential.
 *
 * @throws {GatewayError} `body-too-large` as soon as more than `limit` bytes are announced or arrive.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > limit) return Promise.reject(tooLarge(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    // Listeners of its own cost a fraction of what the iterator of a stream does.
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else reject(tooLarge(limit));
    });
    request.on("end", () => {
      const [only] = chunks;
      resolve(chunks.length === 1 && only ? only : Buffer.concat(chunks));
    });
    request.on("error", reject);
  });
}

function tooLarge(limit: number): GatewayError {
  return new GatewayError("body-too-large", `the body may have ${limit} bytes at most`);
}

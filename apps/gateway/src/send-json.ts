import type { ServerResponse } from "node:http";

/** Sends a JSON answer of our own. It is about accounts, so no cache keeps it. A header that is undefined is left out. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>> = {},
): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "content-length": Buffer.byteLength(text),
    ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
  });
  response.end(text);
}

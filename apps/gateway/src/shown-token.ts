import type { IncomingHttpHeaders } from "node:http";
import { GatewayError } from "./errors.ts";

/**
 * The token a request shows: as `Authorization: Bearer`, or as the SDKs of Anthropic and Google send it. Nothing else is
 * looked at, the query least of all: addresses are written to logs.
 *
 * @throws {GatewayError} `invalid-request` where it shows two that differ: which of them counts would be anybody's guess.
 */
export function shownToken(headers: IncomingHttpHeaders): string | undefined {
  let token = bearerOf(headers.authorization);
  for (const other of [headers["x-api-key"], headers["x-goog-api-key"]]) {
    if (typeof other !== "string" || other === "") continue;
    if (token !== undefined && token !== other) {
      throw new GatewayError("invalid-request", "a request shows one token; this one shows two that differ", {
        hint: "send either authorization or x-api-key; an SDK sends both where both of its variables are set",
      });
    }
    token = other;
  }
  return token;
}

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined || authorization.charCodeAt(6) !== 0x20) return undefined;
  if (authorization.slice(0, 6).toLowerCase() !== "bearer") return undefined;
  return authorization.slice(7).trim() || undefined;
}

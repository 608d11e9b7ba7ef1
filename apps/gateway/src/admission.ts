import type { IncomingMessage } from "node:http";
import type { Caller } from "./caller.ts";
import { GatewayError } from "./errors.ts";

/**
 * Refuses a request that came by way of a web page: a foreign `Origin`, or, on a loopback address, a
 * `Host` that is no name of this machine (DNS rebinding).
 *
 * @throws {GatewayError} `forbidden`.
 */
export function requireLocalCaller(request: IncomingMessage, bind: "loopback" | "lan"): void {
  const host = request.headers.host ?? "";
  // Node takes the first of two; whoever stands in front may have looked at the other.
  if (request.headersDistinct["host"]?.length !== 1) throw new GatewayError("invalid-request", "a request names its host exactly once");
  if (bind === "loopback" && !/^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u.test(host)) {
    throw new GatewayError("forbidden", "this gateway answers to 127.0.0.1, localhost and [::1] only");
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`) throw new GatewayError("forbidden", "requests from other web pages are refused");
}

/**
 * Lets a request pass that shows a valid token, where a route wants one.
 *
 * @throws {GatewayError} `unauthorized`, or `forbidden` where it takes the admin token.
 */
export function requireCaller(caller: Caller | undefined, access: "client" | "admin"): Caller {
  if (!caller) {
    throw new GatewayError("unauthorized", "This gateway needs its token as Authorization: Bearer", {
      hint: "openclaw gateway token shows it",
    });
  }
  if (access === "client" || caller.isAdmin) return caller;
  throw new GatewayError("forbidden", "This wants the gateway's own token, not a client's");
}

/**
 * Requires a JSON body: a web page can send other types across origins without asking.
 *
 * @throws {GatewayError} `unsupported-media-type`.
 */
export function requireJson(request: IncomingMessage): void {
  const type = (request.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json")
    throw new GatewayError("unsupported-media-type", "the body must be sent as content-type: application/json");
}

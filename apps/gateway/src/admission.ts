import type { IncomingMessage } from "node:http";
import type { AllowedHosts } from "./allowed-hosts.ts";
import type { Caller } from "./caller.ts";
import { GatewayError } from "./errors.ts";
import type { ClientRoute } from "./route.ts";
import { requireSingleHeaders } from "./single-headers.ts";

/**
 * Refuses a request that is ambiguous or came by way of a web page, before anybody asks who sends it: a `Host` that is no name of
 * this gateway (DNS rebinding), a foreign `Origin`, and what browsers say of requests that other pages make.
 *
 * @throws {GatewayError} `invalid-request`, `headers-too-large` or `forbidden`.
 */
export function requireLocalRequest(request: IncomingMessage, hosts: AllowedHosts): void {
  const { headers, socket, url = "/" } = request;
  requireSingleHeaders(request);
  if (url.charCodeAt(0) !== 0x2f) throw new GatewayError("invalid-request", "the target of a request is a path");
  const { host, origin } = headers;
  if (host === undefined || host === "") throw new GatewayError("invalid-request", "a request names its host");
  if (!hosts.has(host, socket.localAddress)) {
    throw new GatewayError("forbidden", "this gateway does not answer to that host", {
      hint: "use 127.0.0.1, localhost or [::1], or add the name to gateway.allowedHosts",
    });
  }
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) throw fromElsewhere();
  const site = headers["sec-fetch-site"];
  // `none` is what a person typed into the address bar.
  if (site !== undefined && site !== "same-origin" && site !== "none") throw fromElsewhere();
}

function fromElsewhere(): GatewayError {
  return new GatewayError("forbidden", "requests from other web pages are refused");
}

/**
 * Lets a request pass that shows a valid token, where a route wants one.
 *
 * @throws {GatewayError} `unauthorized`, or `forbidden` where it takes the admin token, or that of a client that may read metrics.
 */
export function requireCaller(caller: Caller | undefined, access: ClientRoute["access"]): Caller {
  if (!caller) {
    throw new GatewayError("unauthorized", "This request shows no valid token; it goes as Authorization: Bearer", {
      hint: "openclaw gateway token shows it",
    });
  }
  if (access === "client" || caller.isAdmin || (access === "metrics" && caller.mayReadMetrics === true)) return caller;
  if (access === "metrics") {
    throw new GatewayError("forbidden", "This client may not read metrics", { hint: "set metrics: true in its entry of gateway.clients" });
  }
  throw new GatewayError("forbidden", "This wants the gateway's own token, not a client's");
}

/**
 * Requires a JSON body, as it is: a web page can send other types across origins without asking, and what is compressed may be
 * a thousand times as large as it looks.
 *
 * @throws {GatewayError} `unsupported-media-type`.
 */
export function requireJson({ headers }: Pick<IncomingMessage, "headers">): void {
  const type = headers["content-type"];
  // JSON is UTF-8 (RFC 8259 8.1). What reads it as anything else reads something else than was judged here.
  if (type !== "application/json" && !/^\s*application\/json\s*(?:;\s*(?:charset\s*=\s*"?utf-?8"?\s*)?)?$/iu.test(type ?? "")) {
    throw new GatewayError("unsupported-media-type", "the body must be sent as content-type: application/json");
  }
  const coding = headers["content-encoding"];
  if (coding !== undefined && coding !== "identity") {
    throw new GatewayError("unsupported-media-type", "the body must be sent as it is, without content-encoding");
  }
}

/**
 * Refuses another protocol. An offer to go on in HTTP/2 is one that may be passed over, as some clients make it with every request.
 *
 * @throws {GatewayError} `upgrade-refused`.
 */
export function requireHttp({ headers: { upgrade } }: Pick<IncomingMessage, "headers">): void {
  if (upgrade === undefined || upgrade.toLowerCase() === "h2c") return;
  throw new GatewayError("upgrade-refused", "this gateway speaks HTTP/1.1 alone, and no WebSocket");
}

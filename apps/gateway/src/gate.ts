import type { IncomingMessage } from "node:http";
import { networkInterfaces, hostname } from "node:os";
import type { HomeSnapshot } from "@openclaw/home";
import { createAllowedHosts, type AllowedHosts } from "./allowed-hosts.ts";
import type { Caller } from "./caller.ts";
import { createCallers, type Callers } from "./callers.ts";
import { GatewayError } from "./errors.ts";
import type { FailedLogins } from "./failed-logins.ts";
import type { GatewayToken } from "./gateway-token.ts";
import { createSourceOf, type SourceOf } from "./request-source.ts";
import { shownToken } from "./shown-token.ts";

/** Who gets in, by one reading of the configuration. */
export interface Gate {
  readonly callers: Callers;
  readonly hosts: AllowedHosts;
  readonly sourceOf: SourceOf;
}

export interface GateOptions {
  readonly token: GatewayToken;
  readonly home: HomeSnapshot;
  readonly bind: "loopback" | "lan";
  readonly port: number;
}

/** @throws what {@link createCallers} throws. */
export function createGate({ token, home, bind, port }: GateOptions): Gate {
  const { allowedHosts = [], trustedProxies = [] } = home.config.gateway ?? {};
  const addresses = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  return {
    callers: createCallers({ token, home, bind }),
    hosts: createAllowedHosts({ bind, port, hostname: hostname(), addresses, configured: allowedHosts }),
    sourceOf: createSourceOf(trustedProxies),
  };
}

/** Who sends a request, or how long whoever it was has to wait for having sent wrong tokens. */
export type Identified = { readonly caller: Caller | undefined; readonly waitMs: number };

const nobody: Identified = { caller: undefined, waitMs: 0 };

/**
 * Finds out who sends a request. A wrong token counts against where it came from, wherever it was sent. The right one is let in all
 * the same: behind a proxy all clients have one address, and the attempts of one of them are no reason to lock the others out,
 * where no number of attempts finds a token. Only one that could be found by trying has to wait like any other.
 *
 * @throws {GatewayError} `invalid-request` where it shows two tokens.
 */
export function identify(request: IncomingMessage, { callers, sourceOf }: Gate, failed: FailedLogins): Identified {
  const shown = shownToken(request.headers);
  if (shown === undefined) return nobody;
  const known = callers.find(shown);
  if (known === undefined) return { caller: undefined, waitMs: failed.note(sourceOf(request)) };
  if (!known.isGuessable) return { caller: known.caller, waitMs: 0 };
  const waitMs = failed.waitOf(sourceOf(request));
  return { caller: waitMs > 0 ? undefined : known.caller, waitMs };
}

/** @throws {GatewayError} `too-many-wrong-tokens`. */
export function requirePatience({ waitMs }: Identified): void {
  if (waitMs <= 0) return;
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  throw new GatewayError("too-many-wrong-tokens", "too many wrong tokens came from there", {
    retryAfterSeconds,
    hint: `wait ${retryAfterSeconds} s; openclaw gateway token shows the right one`,
  });
}

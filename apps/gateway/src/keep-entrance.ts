import type { Home, HomeSnapshot } from "@openclaw/home";
import type { Clock } from "@openclaw/secrets";
import { changedCallers, type CallerChanges } from "./callers.ts";
import { createEntrance, type Entrance } from "./entrance.ts";
import { createFailedLogins } from "./failed-logins.ts";
import { createGate } from "./gate.ts";
import type { GatewayToken } from "./gateway-token.ts";
import { limitsOf, type GatewayLimits } from "./limits.ts";
import { createLiveCalls } from "./live-calls.ts";
import { createLoad, type OverloadReason } from "./load.ts";

/** What happens where people and programs get in. Holds no token. */
export type EntranceEvent =
  /** Tokens came, went or are others, by the names of their clients; so many answers that were under way with one that is no longer valid were ended. */
  | ({ readonly type: "clients"; readonly ended: number } & CallerChanges)
  /** So many wrong tokens came from there that it has to wait. Told once, until it has been quiet. */
  | { readonly type: "wrong-tokens"; readonly source: string }
  /** Requests are refused, because there is more to do than the gateway takes on. */
  | { readonly type: "overloaded"; readonly reason: OverloadReason }
  /** None was for ten seconds. */
  | { readonly type: "overload-over"; readonly refused: number };

export interface KeepEntranceOptions {
  readonly home: Pick<Home, "current">;
  readonly token: GatewayToken;
  readonly bind: "loopback" | "lan";
  readonly port: number;
  readonly clock: Clock;
  readonly onEvent: (event: EntranceEvent) => void;
}

/** The entrance, from one reading of the home to the next. */
export interface KeptEntrance {
  readonly entrance: Entrance;
  readonly limits: GatewayLimits;
  /** @throws {GatewayError} what `createGate` throws for a reading that is not in effect yet. */
  check(token: GatewayToken, next: HomeSnapshot): void;
  /**
   * Goes by the home as it is now. Who shows a token that is no longer valid is refused from here on, and answers that are under
   * way with one end here.
   *
   * @throws {GatewayError} what `createGate` throws; then everything is as it was.
   */
  adopt(token: GatewayToken, port: number): void;
  /** How many answers are under way. */
  underWay(): number;
  close(): void;
}

/** @throws {GatewayError} `token-weak`, `token-unreadable`, `token-duplicate` or `client-invalid`. */
export function keepEntrance({ home, token, bind, port, clock, onEvent }: KeepEntranceOptions): KeptEntrance {
  const limits = limitsOf(home.current);
  let gate = createGate({ token, home: home.current, bind, port });
  const failedLogins = createFailedLogins({
    clock,
    burst: limits.maxWrongTokens,
    onLimited: (source) => onEvent({ type: "wrong-tokens", source }),
  });
  const live = createLiveCalls(limits);
  const load = createLoad({
    limits,
    onOverload: (reason) => onEvent({ type: "overloaded", reason }),
    onRelief: (refused) => onEvent({ type: "overload-over", refused }),
  });
  return {
    entrance: createEntrance({ limits, gate: () => gate, failedLogins, load, live }),
    limits,
    check: (next, read) => void createGate({ token: next, home: read, bind, port }),
    adopt(next, nextPort) {
      const before = gate;
      gate = createGate({ token: next, home: home.current, bind, port: nextPort });
      const changes = changedCallers(before.callers, gate.callers);
      if (changes) onEvent({ type: "clients", ...changes, ended: live.end((caller) => !gate.callers.has(caller)) });
    },
    underWay: () => live.size,
    close() {
      live.close();
      load.close();
    },
  };
}

import { GatewayError } from "./errors.ts";
import type { GatewayLimits } from "./limits.ts";

/** How much the gateway has taken on. What is more than it can hold is refused before it is read. */
export interface Load {
  /**
   * Takes a request on. Every one that is taken on is ended.
   *
   * @throws {GatewayError} `overloaded`, and then nothing was taken on.
   */
  begin(bodyBytes: number): void;
  /** Its body, or so much of it, is held no longer. */
  release(bodyBytes: number): void;
  end(): void;
  /** Notes that something is refused for this reason. @returns the error that says so. */
  note(reason: OverloadReason): GatewayError;
  readonly requests: number;
  readonly heldBytes: number;
  close(): void;
}

/** Why requests are refused, in words for a log. */
export type OverloadReason = "requests" | "held-bodies" | "event-loop" | "connections";

export interface LoadOptions {
  readonly limits: Pick<GatewayLimits, "maxRequests" | "maxHeldBodyBytes" | "maxEventLoopDelayMs">;
  /** Called when refusing begins, and when none was refused for ten seconds, with how many there had been. */
  readonly onOverload: (reason: OverloadReason) => void;
  readonly onRelief: (refused: number) => void;
}

/** Often enough to see a loop that is late by half a second, and nothing to one that is idle. */
const LOOK_MS = 100;
const QUIET_MS = 10_000;
const RETRY_AFTER_SECONDS = 1;

/** Counts requests, bytes held for them, and how late the event loop is: late twice in a row is load, once may be anything. */
export function createLoad({ limits, onOverload, onRelief }: LoadOptions): Load {
  let requests = 0;
  let heldBytes = 0;
  let lookedAt = performance.now();
  let lateMs = 0;
  let isLate = false;
  let refused = 0;
  let refusedAt = 0;

  const turn = setInterval(() => {
    const now = performance.now();
    const before = lateMs;
    lateMs = now - lookedAt - LOOK_MS;
    lookedAt = now;
    isLate = Math.min(before, lateMs) > limits.maxEventLoopDelayMs;
    if (refused === 0 || now - refusedAt < QUIET_MS) return;
    onRelief(refused);
    refused = 0;
  }, LOOK_MS);
  turn.unref();

  function note(reason: OverloadReason): GatewayError {
    refused += 1;
    refusedAt = performance.now();
    if (refused === 1) onOverload(reason);
    return new GatewayError("overloaded", "this gateway has as much to do as it can", { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }

  return {
    begin(bodyBytes) {
      if (isLate) throw note("event-loop");
      if (requests >= limits.maxRequests) throw note("requests");
      // A body alone is held, however small the budget: it may be as large as one body may be.
      if (heldBytes > 0 && heldBytes + bodyBytes > limits.maxHeldBodyBytes) throw note("held-bodies");
      requests += 1;
      heldBytes += bodyBytes;
    },
    release(bodyBytes) {
      heldBytes -= bodyBytes;
    },
    end() {
      requests -= 1;
    },
    note,
    get requests() {
      return requests;
    },
    get heldBytes() {
      return heldBytes;
    },
    close: () => clearInterval(turn),
  };
}

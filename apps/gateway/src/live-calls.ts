import type { ServerResponse } from "node:http";
import type { Caller } from "./caller.ts";

/** The answers that are under way, and whose they are. */
export interface LiveCalls {
  readonly size: number;
  add(response: ServerResponse, caller: Caller): void;
  delete(response: ServerResponse): void;
  /** Ends those of the callers that are named, at once and in the middle. @returns how many there were. */
  end(isOver: (caller: Caller) => boolean): number;
  close(): void;
}

export interface LiveCallsOptions {
  /** A client that takes nothing of what waits for it for so long is let go. */
  readonly writeTimeoutMs: number;
}

interface LiveCall {
  readonly caller: Caller;
  /** How much the client had taken, and since when it is no more. */
  taken: number;
  takenAt: number;
}

const LONGEST_PERIOD_MS = 5_000;

/** Keeps the answers under way, and lets go of clients that no longer read. Costs a request one entry of a map, and no timer of its own. */
export function createLiveCalls({ writeTimeoutMs }: LiveCallsOptions): LiveCalls {
  const calls = new Map<ServerResponse, LiveCall>();

  function sweep(): void {
    const now = performance.now();
    for (const [response, call] of calls) {
      const { socket } = response;
      // Nothing waits to be taken: the provider is what it takes its time for.
      if (!socket || socket.writableLength === 0) {
        call.takenAt = now;
        continue;
      }
      const taken = socket.bytesWritten - socket.writableLength;
      if (taken !== call.taken) {
        call.taken = taken;
        call.takenAt = now;
      } else if (now - call.takenAt >= writeTimeoutMs) socket.destroy();
    }
  }

  const turn = setInterval(sweep, Math.min(LONGEST_PERIOD_MS, Math.ceil(writeTimeoutMs / 4)));
  turn.unref();
  return {
    get size() {
      return calls.size;
    },
    add: (response, caller) => void calls.set(response, { caller, taken: -1, takenAt: performance.now() }),
    delete: (response) => void calls.delete(response),
    end(isOver) {
      const over = [...calls].filter(([, { caller }]) => isOver(caller));
      for (const [response] of over) {
        calls.delete(response);
        // With an error: it is not the client that left.
        response.destroy(new Error("the token is no longer valid"));
      }
      return over.length;
    },
    close: () => clearInterval(turn),
  };
}

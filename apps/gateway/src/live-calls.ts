import type { ServerResponse } from "node:http";
import type { Caller } from "./caller.ts";
import { createPlaces } from "./places.ts";

/** The answers that are under way, and whose they are. */
export interface LiveCalls {
  readonly size: number;
  /** Returns how to take it out again. */
  add(response: ServerResponse, caller: Caller): () => void;
  /** Ends those of the callers that are named, at once and in the middle. @returns how many there were. */
  end(isOver: (caller: Caller) => boolean): number;
  close(): void;
}

export interface LiveCallsOptions {
  /** A client that takes nothing of what waits for it for so long is let go. */
  readonly writeTimeoutMs: number;
}

interface LiveCall {
  readonly response: ServerResponse;
  readonly caller: Caller;
  /** How much the client had taken, and since when it is no more. */
  taken: number;
  takenAt: number;
}

const LONGEST_PERIOD_MS = 5_000;

/** Keeps the answers under way, and lets go of clients that no longer read. Costs a request one entry of a list, and no timer of its own. */
export function createLiveCalls({ writeTimeoutMs }: LiveCallsOptions): LiveCalls {
  const calls = createPlaces<LiveCall>();

  function sweep(): void {
    const now = performance.now();
    for (const call of calls.all()) {
      const { socket } = call.response;
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
    add(response, caller) {
      const call: LiveCall = { response, caller, taken: -1, takenAt: performance.now() };
      const place = calls.add(call);
      return () => calls.delete(place, call);
    },
    end(isOver) {
      const over = calls.all().filter(({ caller }) => isOver(caller));
      // With an error: it is not the client that left. Each is taken out as its answer closes.
      for (const { response } of over) response.destroy(new Error("the token is no longer valid"));
      return over.length;
    },
    close: () => clearInterval(turn),
  };
}

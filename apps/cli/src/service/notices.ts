import type { Clock } from "@openclaw/secrets";
import { createNotifier } from "./notifier.ts";
import type { Supervisor } from "./supervisor.ts";

/** What a service manager is told. */
export interface Notices {
  /** It serves. Begins the signs of life. */
  ready(status: string): void;
  /** It reads everything again. */
  reloading(): void;
  /** That is over. */
  reloaded(status: string): void;
  /** It takes no new requests, and ends. */
  stopping(status: string): void;
  close(): Promise<void>;
}

export interface NoticesOptions {
  readonly supervisor: Supervisor | undefined;
  /** Where `systemd-notify` is; `undefined` where it is missing. */
  readonly programPath: string | undefined;
  readonly clock: Pick<Clock, "sleep">;
  readonly onError: (message: string) => void;
}

const CLOSE_MS = 1_000;
const nobody: Notices = {
  ready: () => undefined,
  reloading: () => undefined,
  reloaded: () => undefined,
  stopping: () => undefined,
  close: async () => undefined,
};

/** Tells the service manager how the gateway is, where there is one that wants to know. */
export function createNotices({ supervisor, programPath, clock, onError }: NoticesOptions): Notices {
  if (supervisor === undefined) return nobody;
  if (programPath === undefined) {
    onError("systemd-notify is not on this machine, so that the service manager cannot be told how the gateway is");
    return nobody;
  }
  const { notifySocket: socket, watchdogMs } = supervisor;
  const notifier = createNotifier({ socket, programPath, onError });
  const ending = new AbortController();
  const say = (...assignments: string[]) => {
    for (const assignment of assignments) notifier.say(assignment);
  };

  /** From the event loop, so that one that stands still is noticed. */
  async function giveSigns(everyMs: number): Promise<void> {
    while (!ending.signal.aborted) {
      say("WATCHDOG=1");
      await clock.sleep(everyMs, ending.signal, { isBackground: true }).catch(() => undefined);
    }
  }

  return {
    ready(status) {
      say(`STATUS=${status}`, "READY=1");
      if (watchdogMs !== undefined) void giveSigns(watchdogMs / 2);
    },
    reloading: () => say("RELOADING=1"),
    reloaded: (status) => say(`STATUS=${status}`, "READY=1"),
    stopping: (status) => say(`STATUS=${status}`, "STOPPING=1"),
    async close() {
      ending.abort();
      await notifier.close(CLOSE_MS);
    },
  };
}

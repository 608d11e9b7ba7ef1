/** What a service manager told this process about itself, in its environment. */
export interface Supervisor {
  /** Where it listens for news of this process. */
  readonly notifySocket: string;
  /** It ends a process that is silent for longer than this. */
  readonly watchdogMs?: number;
}

/**
 * Takes out of an environment what is meant for this process alone, so that nothing it starts speaks in its name.
 * `undefined` where nobody supervises.
 */
export function takeSupervisor(env: Record<string, string | undefined>, pid: number): Supervisor | undefined {
  const { NOTIFY_SOCKET: notifySocket, WATCHDOG_USEC: microseconds, WATCHDOG_PID: watched } = env;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  // A path, or a name in Linux's abstract namespace. systemd-notify knows both.
  if (notifySocket === undefined || !/^[/@]./u.test(notifySocket)) return undefined;
  const isWatched = /^[1-9]\d*$/u.test(microseconds ?? "") && (watched === undefined || watched === String(pid));
  return { notifySocket, ...(isWatched && { watchdogMs: Number(microseconds) / 1000 }) };
}

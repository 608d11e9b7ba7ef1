import { spawn, type ChildProcess } from "node:child_process";

/** Speaks to the service manager. Nothing it cannot do ends the gateway. */
export interface Notifier {
  /** Says one thing, such as `READY=1`. What was said first arrives first. */
  say(assignment: string): void;
  /** Resolves once everything was said, or `graceMs` are over. */
  close(graceMs: number): Promise<void>;
}

export interface NotifierOptions {
  readonly socket: string;
  /** Absolute path of `systemd-notify`: Node itself has no sockets of that kind. */
  readonly programPath: string;
  /** Called once, with the first thing that went wrong. */
  readonly onError: (message: string) => void;
}

/**
 * Runs `systemd-notify` for each line. A process as large as a gateway stands still for some 30 ms when it starts
 * another one, so that this small one does that in its place for as long as the gateway lives. It is found anew each
 * time: an upgrade may replace it. The text is fixed, and lines are no part of it.
 */
const SCRIPT = 'while IFS= read -r line; do "$0" "$line" || echo failed; done';

/** Starts the helper that speaks to the service manager. */
export function createNotifier({ socket, programPath, onError }: NotifierOptions): Notifier {
  let hasFailed = false;
  let helper: ChildProcess | undefined;
  let isClosing = false;
  const fail = (message: string) => {
    if (hasFailed) return;
    hasFailed = true;
    onError(`The service manager could not be told how the gateway is (${message}): it may take it for dead`);
  };

  function start(): ChildProcess {
    const env = { NOTIFY_SOCKET: socket, PATH: "/usr/bin:/bin" };
    const child = spawn("/bin/sh", ["-c", SCRIPT, programPath], { env, stdio: ["pipe", "pipe", "ignore"], detached: true, shell: false });
    child.stdout.on("data", () => fail("systemd-notify failed"));
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => fail(error.message));
    child.once("close", () => {
      if (helper === child) helper = undefined;
      if (!isClosing) fail("systemd-notify was ended");
    });
    return child;
  }

  return {
    say(assignment) {
      if (isClosing) return;
      // One that has gone is started again by the next thing to say.
      helper ??= start();
      helper.stdin?.write(`${assignment.replaceAll(/[\r\n]/gu, " ")}\n`);
    },
    async close(graceMs) {
      isClosing = true;
      const child = helper;
      if (child === undefined) return;
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, graceMs);
        child.once("close", () => {
          clearTimeout(late);
          resolve();
        });
        child.stdin?.end();
      });
    },
  };
}

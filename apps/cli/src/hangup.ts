import { isatty } from "node:tty";

/** Whether SIGHUP means that the terminal has gone, rather than that everything should be read again. */
export type HangupListener = (isTerminalGone: boolean) => void;

/** Listens for SIGHUP. A terminal that is closed sends it too: then the files that were that terminal no longer are one. */
export function listenForHangups(process: Pick<NodeJS.Process, "on">, listener: HangupListener): void {
  const hadTerminal = hasTerminal();
  process.on("SIGHUP", () => listener(hadTerminal && !hasTerminal()));
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}

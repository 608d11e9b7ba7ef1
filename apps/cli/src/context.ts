import type { Home, TrialOptions } from "@openclaw/home";
import type { Clock, Env } from "@openclaw/secrets";
import type { Io } from "./io.ts";

/** What commands are given. Costly things are functions, so that `--help` opens no file and loads no package. */
export interface CliContext {
  readonly io: Io;
  readonly env: Env;
  readonly clock: Pick<Clock, "now">;
  /** Whether `--dev` was given: the state folder of the repository, and the sandbox where nothing is configured. */
  readonly isDev: boolean;
  home(trial?: TrialOptions): Promise<Home>;
  /** Resolves with the first signal that asks the program to stop; a second one ends it at once. */
  interrupted(): Promise<NodeJS.Signals>;
}

/** The process a command runs in. */
export interface ProcessView {
  readonly env: Env;
  readonly cwd: string;
  readonly io: Io;
  readonly clock: Pick<Clock, "now">;
  onSignal(signal: NodeJS.Signals, listener: () => void): void;
  exit(code: number): void;
}

/** Builds the context of one command. */
export function createContext(view: ProcessView, isDev: boolean): CliContext {
  return {
    io: view.io,
    env: view.env,
    clock: view.clock,
    isDev,
    home: async (trial = {}) => (await import("./open-home.ts")).openCliHome(view, isDev ? trial : undefined),
    interrupted: () => firstSignal(view),
  };
}

function firstSignal(view: ProcessView): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      view.onSignal(signal, () => {
        count += 1;
        if (count > 1) view.exit(130);
        resolve(signal);
      });
    }
  });
}

import type { Home, HomePaths, HomeSnapshot, OpenHomeOptions } from "@openclaw/home";
import type { Clock, Env } from "@openclaw/secrets";
import type { HangupListener } from "./hangup.ts";
import type { Io } from "./io.ts";
import type { RedactedIo } from "./redacted-io.ts";
import type { Supervisor } from "./service/supervisor.ts";

/** What commands are given. Costly things are functions, so that `--help` opens no file and loads no package. */
export interface CliContext {
  readonly io: Io;
  readonly env: Env;
  readonly clock: Pick<Clock, "now">;
  /** Whether `--dev` was given: the state folder of the repository, and the sandbox where nothing is configured. */
  readonly isDev: boolean;
  /** Where the files of the home are. Opens none of them. */
  paths(): Promise<HomePaths>;
  /** Opens the home, to be looked at unless something else is said: no command is run, and no reference stops anything. */
  home(options?: HomeRequest): Promise<Home>;
  /** Shows none of the secrets that a home has from now on. Those of a home that was opened are known already. */
  learn(home: HomeSnapshot): Promise<void>;
  /** For a process that holds secrets for long. @throws {CliError} where the environment makes Node print them. */
  harden(): void;
  /** Resolves with the first signal that asks the program to stop; a second one ends it at once. */
  interrupted(): Promise<NodeJS.Signals>;
  /** Calls the listener at each SIGHUP, which ends the program unless somebody listens. */
  onHangup(listener: HangupListener): void;
  /** The service manager that started this process, where there is one. */
  readonly supervisor: Supervisor | undefined;
  readonly output: OutputView;
}

/** How a command wants the home. `trial` is heeded with `--dev` only; `clock` is that of the process unless given. */
export type HomeRequest = Pick<OpenHomeOptions, "use" | "replaced" | "startBackoff" | "trial" | "signal" | "clock">;

/** What was written and not read yet. */
interface OutputView {
  /** How many bytes wait for somebody to read them. */
  backlog(): number;
  /** Ends the process after so long if nothing but that keeps it. */
  abandonAfter(ms: number): void;
}

/** The process a command runs in. */
export interface ProcessView {
  readonly env: Env;
  readonly cwd: string;
  readonly io: RedactedIo;
  readonly clock: Pick<Clock, "now">;
  harden(): void;
  onSignal(signal: NodeJS.Signals, listener: () => void): void;
  onHangup(listener: HangupListener): void;
  readonly supervisor: Supervisor | undefined;
  readonly output: OutputView;
  exit(code: number): void;
}

/** Builds the context of one command. */
export function createContext(view: ProcessView, isDev: boolean): CliContext {
  return {
    io: view.io,
    env: view.env,
    clock: view.clock,
    isDev,
    paths: async () => (await import("./open-home.ts")).cliPaths(view, isDev),
    home: async ({ trial = {}, ...request } = {}) => {
      const { openCliHome } = await import("./open-home.ts");
      const home = await openCliHome(view, { use: "inspect", ...request, ...(isDev && { trial }) });
      await view.io.learn(home.current);
      return home;
    },
    learn: (home) => view.io.learn(home),
    harden: () => view.harden(),
    interrupted: () => firstSignal(view),
    onHangup: (listener) => view.onHangup(listener),
    supervisor: view.supervisor,
    output: view.output,
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

import { randomBytes } from "node:crypto";
import { checkCommand, runCommand, systemClock, type Clock, type CommandFile, type CommandResult, type Env } from "@openclaw/secrets";
import { RUNNING_VARIABLE } from "./shell-env-settings.ts";
import { isSteeringVariable } from "./steering-variable.ts";
import { unprinted } from "./unprinted.ts";

/** Which shell is asked, and what is taken from it. */
export interface ReadShellEnvOptions {
  /** The value of `SHELL`. What is no program by its absolute path is replaced by `/bin/sh`. */
  readonly shell: string | undefined;
  /** Of it the shell gets what a login needs, such as `HOME`, and no key. */
  readonly env: Env;
  /** From the start of the shell to the end of its output. */
  readonly timeoutMs: number;
  /** Which variables are taken. One that steers requests or programs never is, whatever this says. */
  readonly isWanted: (name: string) => boolean;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** What a login shell sets. */
export interface ShellEnv {
  /** Holds keys as plain text, and so does not print. */
  readonly env: Env;
  /** Why nothing could be taken, in one sentence for a person. */
  readonly problem?: string;
}

const FALLBACK_SHELL = "/bin/sh";
const MAX_OUTPUT_BYTES = 1_048_576;

/** What a login starts with, and where the helpers of a profile find a person's session. None holds a key. */
const passed = [
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PATH",
  "TERM",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "ZDOTDIR",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_RUNTIME_DIR",
  "DBUS_SESSION_BUS_ADDRESS",
  "SSH_AUTH_SOCK",
];

/**
 * Run by a shell of its own, so that no alias, trace or redirection of the profile gets in between. The
 * profile may have broken PATH. No text can hold the NULs around the mark: where they are, the profile's
 * own output has ended.
 */
const PRINT_ENV = 'exec 2>/dev/null; printf "\\0%s\\0" "$1"; if [ -x /usr/bin/env ]; then exec /usr/bin/env -0; else exec env -0; fi';

/**
 * Asks the login shell for its variables, as a terminal would have them: `-ilc`, so that it reads its
 * profile. It has no terminal, and its group of processes is gone when this settles. What the profile
 * prints is skipped.
 *
 * @throws nothing but the signal's reason, as it came.
 */
export async function readShellEnv(options: ReadShellEnvOptions): Promise<ShellEnv> {
  options.signal?.throwIfAborted();
  const shell = await findShell(options.shell);
  if (!shell) return failed(`Neither SHELL nor ${FALLBACK_SHELL} is a program that can be started`);

  const mark = randomBytes(16).toString("hex");
  const result = await runCommand(shell, {
    args: ["-ilc", `exec /bin/sh -c '${PRINT_ENV}' sh ${mark}`],
    env: {
      TERM: "dumb",
      ...Object.fromEntries(passed.map((name) => [name, options.env[name]]).filter(([, value]) => value !== undefined)),
      [RUNNING_VARIABLE]: "1",
    },
    input: "",
    timeoutMs: options.timeoutMs,
    noOutputTimeoutMs: options.timeoutMs,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    clock: options.clock ?? systemClock,
    signal: options.signal,
  });
  if (result.status !== "exited" || result.code !== 0) return failed(`The login shell ${shell.name} ${outcomeOf(result, options)}`);

  const at = result.stdout.indexOf(`\0${mark}\0`);
  if (at < 0) return failed(`The login shell ${shell.name} ended without printing its variables`);
  return { env: readVariables(result.stdout.subarray(at + mark.length + 2), options.isWanted) };
}

/** The permissions on the way to it are not ours to judge: the person logs in with it. */
async function findShell(shell: string | undefined): Promise<CommandFile | undefined> {
  for (const path of [shell ?? FALLBACK_SHELL, FALLBACK_SHELL]) {
    const rules = { uid: undefined, allowSymlinkCommand: true, allowInsecurePath: true };
    const found = await checkCommand(path, rules).catch(() => undefined);
    if (found) return found;
  }
  return undefined;
}

// A byte that is no text must not quietly become part of a key.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Only what is wanted becomes text. */
function readVariables(output: Buffer, isWanted: (name: string) => boolean): Env {
  const env: Record<string, string> = {};
  for (let start = 0, end = output.indexOf(0); end >= 0; start = end + 1, end = output.indexOf(0, start)) {
    const record = output.subarray(start, end);
    const name = record.subarray(0, Math.max(record.indexOf("="), 0)).toString("latin1");
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/u.test(name) || isSteeringVariable(name) || !isWanted(name)) continue;
    const value = readText(record.subarray(name.length + 1));
    if (value !== undefined) env[name] = value;
  }
  return unprinted(env, "environment");
}

function readText(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function outcomeOf(result: CommandResult, { timeoutMs }: ReadShellEnvOptions): string {
  switch (result.status) {
    case "timed-out":
    case "silent":
      return `did not finish within ${timeoutMs % 1_000 === 0 ? `${timeoutMs / 1_000} s` : `${timeoutMs} ms`}`;
    case "exited":
      return `exited with code ${result.code}`;
    case "killed":
      return `was ended by ${result.signal}`;
    case "not-started":
      return `could not be started (${result.errno})`;
    case "too-much-output":
      return "printed more than 1 MiB";
    case "replaced":
      return "was replaced while it ran";
  }
}

function failed(what: string): ShellEnv {
  const setting = "env.shellEnv or OPENCLAW_LOAD_SHELL_ENV asks for it";
  return { env: unprinted({}, "environment"), problem: `${what}, so no key was taken from it (${setting}).` };
}

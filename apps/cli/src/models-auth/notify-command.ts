import { access, constants } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { checkCommand, runCommand, SecretsError, type Clock, type CommandFile, type Env } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import type { Hook } from "./notice.ts";

/** What a command for notices is made of. */
export interface NotifyCommandOptions {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly env: Env;
  readonly cwd: string;
  readonly clock: Clock;
}

const TIMEOUT_MS = 30_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** What a notifier may need to reach its person, and no key is kept in. */
const passed =
  /^(?:PATH|HOME|USER|LOGNAME|LANG|LC_ALL|TZ|TMPDIR|PREFIX|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR|DBUS_SESSION_BUS_ADDRESS)$/u;
/** Variables of the person's own for it. */
const OWN = "OPENCLAW_NOTIFY_";

/**
 * A hook that runs a program: no shell, the notice on its standard input, 30 seconds.
 *
 * @throws {CliError} where there is no such program.
 */
export async function notifyCommand({ argv, env, cwd, clock }: NotifyCommandOptions): Promise<Hook> {
  const [name = "", ...args] = argv;
  const path = await find(name, env["PATH"] ?? "", cwd);
  const ownEnv = Object.fromEntries(Object.entries(env).filter(([key]) => passed.test(key) || key.startsWith(OWN)));
  await requireCommand(path);
  return async (notice, signal) => {
    // Looked at again each time: a program is replaced when it is updated, and may be missing for a moment.
    const command = await check(path);
    if (command instanceof SecretsError) return command.message;
    const result = await runCommand(command, {
      args,
      env: ownEnv,
      input: `${JSON.stringify(notice)}\n`,
      timeoutMs: TIMEOUT_MS,
      noOutputTimeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_OUTPUT_BYTES,
      clock,
      signal,
    });
    if (result.status === "exited") return result.code === 0 ? undefined : `${path} ended with exit code ${result.code}`;
    if (result.status === "killed") return `${path} was ended by ${result.signal}`;
    if (result.status === "not-started") return `${path} cannot be started: ${result.errno}`;
    if (result.status === "too-much-output") return `${path} wrote more than ${MAX_OUTPUT_BYTES} bytes`;
    if (result.status === "replaced") return `${path} was replaced while it ran`;
    return `${path} took longer than ${TIMEOUT_MS / 1000} s`;
  };
}

/** The person has named it and it gets no secret: whoever may change it is theirs to know. */
async function check(path: string): Promise<CommandFile | SecretsError> {
  try {
    return await checkCommand(path, { uid: undefined, allowSymlinkCommand: true, allowInsecurePath: true });
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
}

async function requireCommand(path: string): Promise<void> {
  const command = await check(path);
  if (command instanceof SecretsError) throw new CliError(`--exec: ${command.message}`, command.hint);
}

async function find(name: string, searched: string, cwd: string): Promise<string> {
  if (name.includes("/")) return resolve(cwd, name);
  for (const folder of searched.split(":").filter(isAbsolute)) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (name !== "" && isThere) return path;
  }
  throw new CliError(`--exec: there is no program "${name}" in PATH`, "name it with its whole path");
}

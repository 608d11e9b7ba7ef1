import { basename } from "node:path";
import { checkCommand } from "../command-file.ts";
import { SecretsError } from "../errors.ts";
import type { ExecProviderConfig } from "../provider-config.ts";
import { runCommand, type CommandResult } from "../run-command.ts";
import { formatSecretRef } from "../secret-ref.ts";
import { readSecretValue } from "../secret-value.ts";
import { withinTime } from "../within-time.ts";
import { answerOf, errorFor } from "./answer.ts";
import type { BackendAnswer } from "./backend.ts";
import type { Env } from "./env.ts";
import type { ExecBackendOptions } from "./exec.ts";
import { formatRequest, isWithinLimit, readAnswer, type ExecAnswer } from "./exec-protocol.ts";

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

/** What commands often need and get only when `passEnv` names it. */
const OFTEN_NEEDED = [
  "PATH",
  "HOME",
  "USER",
  "LANG",
  "XDG_RUNTIME_DIR",
  "XDG_CONFIG_HOME",
  "DBUS_SESSION_BUS_ADDRESS",
  "SSH_AUTH_SOCK",
  "GNUPGHOME",
  "PASSWORD_STORE_DIR",
  "HTTPS_PROXY",
];

/**
 * Runs the command of a provider once for all the ids. Whatever goes wrong with it is the answer for each.
 *
 * @throws the signal's reason, as it came.
 */
export async function runBatch(
  ids: readonly string[],
  options: ExecBackendOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, BackendAnswer>> {
  signal.throwIfAborted();
  const nameOf = (id: string) => formatSecretRef({ source: "exec", provider: options.alias, id });
  try {
    const answers = await ask(ids, options, signal);
    return new Map(ids.map((id) => [id, answerOf(() => readOne(answers.get(id), nameOf(id)))]));
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return new Map(ids.map((id) => [id, { status: "failed", error: errorFor(nameOf(id), error) }]));
  }
}

async function ask(ids: readonly string[], options: ExecBackendOptions, signal: AbortSignal): Promise<ReadonlyMap<string, ExecAnswer>> {
  const { alias, config, clock, env, uid } = options;
  const timeoutMs = config.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  if (!isWithinLimit(alias, ids, options.limits)) {
    throw new SecretsError("reference-unresolved", "the request is larger than secrets.resolution.maxBatchBytes");
  }
  const file = await withinTime(checkCommand(config.command, { ...config, uid }), {
    clock,
    timeoutMs,
    what: `looking at ${config.command}`,
    signal,
  });
  const result = await runCommand(file, {
    args: config.args ?? [],
    env: commandEnv(config, env),
    input: formatRequest(alias, ids),
    timeoutMs,
    noOutputTimeoutMs: config.noOutputTimeoutMs ?? timeoutMs,
    maxOutputBytes: config.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES,
    clock,
    signal,
  });
  const stdout = outputOf(result, config, env);
  const answers = readAnswer(stdout, ids, { acceptsText: config.jsonOnly === false, now: clock.now() });
  if (!("problem" in answers)) return answers;
  throw new SecretsError("command-bad-output", `${answers.problem}, from ${config.command}`, {
    hint: config.jsonOnly === false ? "plain text answers one id only" : "set jsonOnly: false for a command that prints the secret itself",
  });
}

function readOne(answer: ExecAnswer | undefined, name: string): Extract<BackendAnswer, { status: "resolved" }> {
  if (!answer || "problem" in answer) {
    throw new SecretsError("reference-unresolved", `${name}: ${answer?.problem ?? "the command's answer does not hold this id"}`);
  }
  const secret = readSecretValue(answer.value, name);
  return answer.expiresAt === undefined ? { status: "resolved", secret } : { status: "resolved", secret, expiresAt: answer.expiresAt };
}

/** The variables of `passEnv` that are set, then those of `env`. */
function commandEnv(config: ExecProviderConfig, env: Env): Env {
  const passed = (config.passEnv ?? []).filter((name) => Object.hasOwn(env, name)).map((name) => [name, env[name]]);
  return { ...Object.fromEntries(passed), ...config.env };
}

function outputOf(result: CommandResult, config: ExecProviderConfig, env: Env): Buffer {
  const { command } = config;
  switch (result.status) {
    case "exited":
      if (result.code === 0) return result.stdout;
      throw new SecretsError("command-failed", `${command} ended with exit code ${result.code}`, { hint: withheldHint(config, env) });
    case "killed":
      throw new SecretsError("command-failed", `${command} was ended by ${result.signal}`);
    case "not-started":
      throw new SecretsError("command-failed", `${command} could not be started (${result.errno})`, {
        hint: "check that the interpreter named in its first line exists",
      });
    case "too-much-output":
      throw new SecretsError("command-bad-output", `${command} wrote more than ${config.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES} bytes`);
    case "replaced":
      throw new SecretsError("command-refused", `${command} was replaced while it was started`);
    case "silent":
    case "timed-out":
      throw new SecretsError("timed-out", timeoutMessage(result.status, config), {
        hint: "it has no terminal to ask on: unlock its store beforehand, or raise the timeout",
      });
  }
}

function timeoutMessage(
  status: "silent" | "timed-out",
  { command, timeoutMs = DEFAULT_TIMEOUT_MS, noOutputTimeoutMs }: ExecProviderConfig,
): string {
  return status === "silent" ? `${command} wrote nothing for ${noOutputTimeoutMs} ms` : `${command} did not end within ${timeoutMs} ms`;
}

function withheldHint(config: ExecProviderConfig, env: Env): string {
  const given = commandEnv(config, env);
  const candidates = [...OFTEN_NEEDED, ...ownVariables(config.command, env)];
  const withheld = candidates.filter((name) => env[name] !== undefined && !Object.hasOwn(given, name));
  const run = "run it by hand with an empty environment to see why";
  return withheld.length === 0 ? run : `${run}; it gets only env and passEnv, so not ${withheld.join(", ")}`;
}

/** Those that begin with the command's name, as most tools name theirs: `VAULT_ADDR` of `vault`. */
function ownVariables(command: string, env: Env): readonly string[] {
  const prefix = `${basename(command).replaceAll(/\W+/gu, "_").toUpperCase()}_`;
  return Object.keys(env).filter((name) => name.startsWith(prefix) && /^\w+$/u.test(name));
}

import { spawn } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { checkCommand, runCommand, SecretsError, systemClock, type Env } from "@openclaw/secrets";
import type { ManagerAnswer } from "./service-manager.ts";

/** How a program of the system went. */
export type ProgramResult =
  | { readonly status: "exited"; readonly code: number; readonly stdout: string }
  /** Not on this machine. */
  | { readonly status: "missing" }
  /** Could not be run, or was not done in time. */
  | { readonly status: "failed"; readonly reason: string };

/** What it printed; nothing where it did not run. */
export function textOf(result: ProgramResult): string {
  return result.status === "exited" ? result.stdout : "";
}

/** Whether a command did what it was to do. `command`: how it is shown. */
export function answerOf(result: ProgramResult, command: string): ManagerAnswer {
  if (result.status === "exited") return result.code === 0 ? { ok: true } : { ok: false, reason: `${command} ended with ${result.code}` };
  return { ok: false, reason: result.status === "missing" ? `${command.split(" ")[0]} is not on this machine` : result.reason };
}

/** The programs that service managers are spoken to with. */
export interface ServicePrograms {
  /** Its absolute path; `undefined` where it is missing. */
  find(name: string): string | undefined;
  /** Runs it to its end. `timeoutMs`: 20 s unless given. */
  run(name: string, args: readonly string[], timeoutMs?: number): Promise<ProgramResult>;
  /** Hands on what it prints, line by line, until it ends or is told to. */
  follow(name: string, args: readonly string[], onLine: (line: string) => void, signal: AbortSignal): Promise<ProgramResult>;
}

/** Where systems keep them. `PATH` is not asked: what is run here decides what runs for months. */
const FOLDERS: readonly string[] = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/run/current-system/sw/bin"];
const TIMEOUT_MS = 20_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;

/** The programs of this machine. `env`: what is needed to find the person's service manager is taken from it. */
export function systemPrograms(env: Env, uid: number | undefined): ServicePrograms {
  const childEnv = managerEnv(env, uid);
  return {
    find: findSystemProgram,
    async run(name, args, timeoutMs = TIMEOUT_MS) {
      const path = findSystemProgram(name);
      if (path === undefined) return { status: "missing" };
      try {
        const file = await checkCommand(path, { uid, allowSymlinkCommand: true });
        const limits = { timeoutMs, noOutputTimeoutMs: timeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES, clock: systemClock };
        const result = await runCommand(file, { args, env: childEnv, input: "", ...limits });
        if (result.status === "exited") return { status: "exited", code: result.code, stdout: result.stdout.toString("utf8") };
        return {
          status: "failed",
          reason: `${name} ${result.status === "timed-out" ? `took more than ${timeoutMs / 1000} s` : result.status}`,
        };
      } catch (error) {
        if (!(error instanceof SecretsError)) throw error;
        return { status: "failed", reason: error.message };
      }
    },
    async follow(name, args, onLine, signal) {
      const path = findSystemProgram(name);
      return path === undefined ? { status: "missing" } : followProgram(path, { args, env: childEnv, onLine, signal });
    },
  };
}

/** Absolute path of a program of the system; `undefined` where it is missing. */
export function findSystemProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find((path) => isExecutable(path));
}

function managerEnv(env: Env, uid: number | undefined): Readonly<Record<string, string | undefined>> {
  const runtimeDir = env["XDG_RUNTIME_DIR"] || `/run/user/${uid}`;
  const hasRuntimeDir = existsSync(runtimeDir);
  return {
    HOME: env["HOME"],
    LANG: "C.UTF-8",
    PATH: FOLDERS.join(":"),
    TZ: env["TZ"],
    // Missing after `su` and in scripts, where the manager runs all the same.
    XDG_RUNTIME_DIR: hasRuntimeDir ? runtimeDir : undefined,
    DBUS_SESSION_BUS_ADDRESS: env["DBUS_SESSION_BUS_ADDRESS"],
    XDG_CONFIG_HOME: env["XDG_CONFIG_HOME"],
    SYSTEMD_COLORS: "0",
    SYSTEMD_PAGER: "",
  };
}

interface FollowOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}

function followProgram(path: string, { args, env, onLine, signal }: FollowOptions): Promise<ProgramResult> {
  const child = spawn(path, args, { env: { ...env }, stdio: ["ignore", "pipe", "ignore"], shell: false });
  const stop = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  let rest = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ status: "failed", reason: error.message }));
    child.once("close", (code) => {
      signal.removeEventListener("abort", stop);
      if (rest !== "") onLine(rest);
      resolve({ status: "exited", code: code ?? 0, stdout: "" });
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

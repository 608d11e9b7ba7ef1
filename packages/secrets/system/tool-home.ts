import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { inspect } from "node:util";
import { findCanary, isProcessAlive, runProcess, type ProcessResult } from "@openclaw/testkit";
import { expect, onTestFinished, vi } from "vitest";
import { createSecretResolver, formatSecretRef, type Env, type SecretsError } from "../src/index.ts";
import type { Recipe } from "./recipe.ts";

/** Where programs of the system are. */
export const PATH = "/usr/local/bin:/usr/bin:/bin";

/** A folder for a password tool and what it keeps. */
export interface ToolHome {
  /** Short, because gpg-agent has a socket below it. */
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  /** Types a recipe's commands, and the secret where one of them asks. */
  type(commands: string, secret?: string, env?: Env): Promise<void>;
  run(command: string, args: readonly string[], options?: { input?: string; env?: Env }): Promise<ProcessResult>;
}

/** Made for one test. At its end no process may be left that has to do with it. */
export async function createToolHome(cleanUp: (home: ToolHome) => Promise<unknown> = async () => undefined): Promise<ToolHome> {
  const path = await mkdtemp("/tmp/oc-");
  const env = { HOME: path, PATH };
  const run: ToolHome["run"] = (command, args, options = {}) =>
    runProcess(command, args, { env: { ...env, ...options.env }, cwd: path, timeoutMs: 20_000, input: options.input ?? "" });
  const home: ToolHome = {
    path,
    env,
    run,
    async type(commands, secret = "", more = {}) {
      const result = await run("/bin/bash", ["-euc", commands], { input: `${secret}\n`, env: more });
      expect(result, "what the page says to type").toMatchObject({ code: 0 });
    },
  };
  onTestFinished(async () => {
    await cleanUp(home);
    // An agent that was told to end takes a moment.
    await vi.waitFor(async () => expect(await processesOf(path)).toEqual([]), 5_000);
    await rm(path, { recursive: true, force: true });
  });
  return home;
}

/** A secret with whatever a shell, a quoting or an encoding could spoil. */
export function awkwardSecret(): string {
  return `test-"'$HOME\\\`é;-${randomBytes(12).toString("hex")}`;
}

/** The value a recipe leads to, or the error, in which nothing of the secret is to be seen. */
export async function ask(recipe: Pick<Recipe, "providers" | "ref">, env: Env, secret: string): Promise<string | SecretsError> {
  const resolver = createSecretResolver({ env, providers: recipe.providers });
  const outcome = (await resolver.resolveAll([recipe.ref])).get(formatSecretRef(recipe.ref));
  if (outcome?.status === "resolved") return outcome.secret.reveal();
  if (outcome?.status !== "failed") throw new Error("nothing was resolved");
  const error = inspect(outcome.error, { showHidden: true, depth: 9 });
  expect(await findCanary(secret, { texts: { error } })).toEqual([]);
  return outcome.error;
}

/** The processes, by name, that were given the folder in an argument or a variable, or work in it. */
export async function processesOf(folder: string): Promise<readonly string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name) && Number(name) !== process.pid);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, environment] = await Promise.all(["cmdline", "environ"].map((file) => readOrEmpty(`/proc/${pid}/${file}`)));
      const isOurs = command?.includes(folder) || environment?.includes(folder);
      return isOurs && isProcessAlive(Number(pid)) ? command?.replaceAll("\0", " ").trim() : undefined;
    }),
  );
  return found.filter((command) => command !== undefined);
}

function readOrEmpty(file: string): Promise<string> {
  return readFile(file, "latin1").catch(() => ""); // It has ended, or is not ours.
}

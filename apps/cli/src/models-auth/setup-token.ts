import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Env } from "@openclaw/secrets";

/** What a person should know before they make one (D19). */
export const SETUP_TOKEN_POLICY =
  "Anthropic permits setup-tokens for Claude Code only and may refuse them here; an API key is permitted (openclaw models auth add).";

/** Where `claude` is, if it is on the PATH. */
export async function findClaude({ PATH = "" }: Env, platform: NodeJS.Platform): Promise<string | undefined> {
  const name = platform === "win32" ? "claude.exe" : "claude";
  // An empty entry means the working directory, whose programs are nobody's choice.
  for (const folder of PATH.split(delimiter).filter((entry) => entry.startsWith("/") || platform === "win32")) {
    const path = join(folder, name);
    const isProgram = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isProgram) return path;
  }
  return undefined;
}

/** Runs `claude setup-token` in the person's own terminal, with their own environment. How it ended, in words; `undefined` if well. */
export function runClaude(path: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const child = spawn(path, ["setup-token"], { stdio: "inherit", shell: false });
  child.once("error", () => resolve("could not be started"));
  child.once("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${code ?? signal}`));
  return promise;
}

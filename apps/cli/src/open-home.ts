import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openHome, resolvePaths, type Home, type TrialOptions } from "@openclaw/home";
import type { ProcessView } from "./context.ts";

/** Opens the person's home, or with `trial` the one that `--dev` means. */
export function openCliHome(view: Pick<ProcessView, "env" | "cwd" | "clock">, trial: TrialOptions | undefined): Promise<Home> {
  const paths = resolvePaths({ env: view.env, osHome: osHome(), cwd: view.cwd, ...(trial && { stateDir: devStateDir() }) });
  return openHome({ paths, env: view.env, clock: view.clock, ...(trial && { trial }) });
}

/** In a checkout of the repository its own git-ignored folder, so that nothing is written to the person's home. */
function devStateDir(): string {
  const repository = fileURLToPath(new URL("../../../", import.meta.url));
  return existsSync(join(repository, "pnpm-workspace.yaml")) ? join(repository, ".openclaw-dev") : join(osHome(), ".openclaw-dev");
}

/** A user without a name and without `HOME`, as in many containers, has no home folder: everything is at the root then. */
function osHome(): string {
  try {
    return homedir();
  } catch {
    return "/";
  }
}

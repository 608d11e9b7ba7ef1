import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openHome, resolvePaths, type Home, type HomePaths } from "@openclaw/home";
import { systemClock } from "@openclaw/secrets";
import type { HomeRequest, ProcessView } from "./context.ts";

/** Opens the person's home, or with `trial` the one that `--dev` means. */
export function openCliHome(view: Pick<ProcessView, "env" | "cwd" | "clock">, request: HomeRequest): Promise<Home> {
  const paths = cliPaths(view, request.trial !== undefined);
  return openHome({ paths, env: view.env, clock: { ...systemClock, now: () => view.clock.now() }, ...request });
}

/** Where the files of the person's home are, or of the one that `--dev` means. */
export function cliPaths(view: Pick<ProcessView, "env" | "cwd">, isDev: boolean): HomePaths {
  return resolvePaths({ env: view.env, osHome: osHome(), cwd: view.cwd, ...(isDev && { stateDir: devStateDir() }) });
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

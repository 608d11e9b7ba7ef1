import { join, resolve } from "node:path";
import type { Env } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";

/** Where things are. All paths are absolute. */
export interface HomePaths {
  readonly home: string;
  readonly stateDir: string;
  readonly configPath: string;
  readonly envFile: string;
  /** Set when `OPENCLAW_AGENT_DIR` or `PI_CODING_AGENT_DIR` names the agent folder outright. */
  readonly agentDirOverride: string | undefined;
  /** How a path is shown to people: `$OPENCLAW_HOME/...` or `~/...`. */
  display(path: string): string;
}

export interface ResolvePathsOptions {
  readonly env: Env;
  /** What `os.homedir()` says. */
  readonly osHome: string;
  readonly cwd: string;
  /** Takes the place of `OPENCLAW_STATE_DIR` and of `<home>/.openclaw`. */
  readonly stateDir?: string;
}

/** Finds the state folder the way OpenClaw does: `OPENCLAW_HOME`, `HOME`, `USERPROFILE`, then the system's word. */
export function resolvePaths(options: ResolvePathsOptions): HomePaths {
  const { env, cwd } = options;
  const userHome = present(env["HOME"]) ?? present(env["USERPROFILE"]) ?? options.osHome;
  const absolute = (path: string) => resolve(cwd, expandTilde(path, userHome));
  const override = present(env["OPENCLAW_HOME"]);
  const home = absolute(override ?? userHome);
  const stateDir = options.stateDir ?? absoluteOr(env["OPENCLAW_STATE_DIR"], absolute, join(home, ".openclaw"));
  const agentDir = present(env["OPENCLAW_AGENT_DIR"]) ?? present(env["PI_CODING_AGENT_DIR"]);
  const shownHome = override === undefined ? "~" : "$OPENCLAW_HOME";
  return {
    home,
    stateDir,
    configPath: options.stateDir
      ? join(stateDir, "openclaw.json")
      : absoluteOr(env["OPENCLAW_CONFIG_PATH"], absolute, join(stateDir, "openclaw.json")),
    envFile: join(stateDir, ".env"),
    agentDirOverride: agentDir === undefined ? undefined : absolute(agentDir),
    display: (path) => (path === home || path.startsWith(`${home}/`) ? `${shownHome}${path.slice(home.length)}` : path),
  };
}

/**
 * Folder of one agent's credentials.
 *
 * @throws {HomeError} `unknown-agent` for an id that is no plain folder name.
 */
export function agentDirOf(paths: HomePaths, agentId: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u.test(agentId)) {
    throw new HomeError("unknown-agent", `Agent id ${JSON.stringify(agentId)} is not a plain name`, {
      hint: "use letters, digits, - and _",
    });
  }
  return join(paths.stateDir, "agents", agentId, "agent");
}

function absoluteOr(value: string | undefined, absolute: (path: string) => string, fallback: string): string {
  const path = present(value);
  return path === undefined ? fallback : absolute(path);
}

function expandTilde(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

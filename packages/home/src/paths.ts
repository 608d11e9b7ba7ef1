import { join, resolve, sep } from "node:path";
import type { Env } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";

/** Where things are. All paths are absolute. */
export interface HomePaths {
  readonly home: string;
  readonly workingDirectory: string;
  readonly stateDir: string;
  readonly configPath: string;
  readonly envFile: string;
  /** Set when `OPENCLAW_AGENT_DIR` or `PI_CODING_AGENT_DIR` names the agent folder outright. */
  readonly agentDirOverride: string | undefined;
  /** A path of the configuration: `~` is the home, and what is relative starts in the state folder. */
  absolute(path: string): string;
  /** How a path is shown to people: `$OPENCLAW_HOME/...` or `~/...`. */
  display(path: string): string;
}

/** What paths are found with. */
export interface ResolvePathsOptions {
  readonly env: Env;
  /** What `os.homedir()` says. */
  readonly osHome: string;
  readonly cwd: string;
  /** The state folder, with everything in it, whatever the variables of the environment say. */
  readonly stateDir?: string;
}

/**
 * Finds the state folder the way OpenClaw does. The home is `OPENCLAW_HOME`, `HOME`, `USERPROFILE` or the
 * system's word; `~` in `OPENCLAW_HOME` is the home of the person, and in any other variable this home.
 */
export function resolvePaths(options: ResolvePathsOptions): HomePaths {
  const { env, osHome, cwd, stateDir: given } = options;
  const userHome = resolve(cwd, present(env["HOME"]) ?? present(env["USERPROFILE"]) ?? osHome);
  const override = present(env["OPENCLAW_HOME"]);
  const home = override === undefined ? userHome : resolve(cwd, expandTilde(override, userHome));

  const variables: Env = given === undefined ? env : { OPENCLAW_STATE_DIR: given };
  const named = (variable: string) => {
    const path = present(variables[variable]);
    return path === undefined ? undefined : resolve(cwd, expandTilde(path, home));
  };
  const stateDir = named("OPENCLAW_STATE_DIR") ?? join(home, ".openclaw");
  const shownHome = override === undefined ? "~" : "$OPENCLAW_HOME";
  return Object.freeze({
    home,
    workingDirectory: cwd,
    stateDir,
    configPath: named("OPENCLAW_CONFIG_PATH") ?? join(stateDir, "openclaw.json"),
    envFile: join(stateDir, ".env"),
    agentDirOverride: named("OPENCLAW_AGENT_DIR") ?? named("PI_CODING_AGENT_DIR"),
    absolute: (path) => resolve(stateDir, expandTilde(path, home)),
    display: (path) => (path === home || path.startsWith(home + sep) ? `${shownHome}${path.slice(home.length)}` : path),
  } satisfies HomePaths);
}

const AGENT_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/u;

/** Whether a text can name an agent, and with it a folder. */
export function isAgentId(text: string): boolean {
  return AGENT_ID.test(text);
}

/**
 * Folder of one agent's credentials.
 *
 * @throws {HomeError} `unknown-agent` for an id that is no plain folder name.
 */
export function agentDirOf(paths: Pick<HomePaths, "stateDir">, agentId: string): string {
  if (!isAgentId(agentId)) {
    throw new HomeError("unknown-agent", `Agent id ${JSON.stringify(agentId)} is not a plain name`, {
      hint: "use letters, digits, - and _",
    });
  }
  return join(paths.stateDir, "agents", agentId, "agent");
}

function expandTilde(path: string, home: string): string {
  return path === "~" || path.startsWith("~/") ? join(home, path.slice(1)) : path;
}

function present(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

import { join } from "node:path";
import { isCredentialVariable, type HomePaths, type HomeSnapshot } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";

/** What finds the files of a home. */
export interface ServicePlaces {
  readonly env: Env;
  readonly paths: Pick<HomePaths, "home" | "stateDir" | "configPath">;
  /** The home that a service manager gives. */
  readonly userHome: string;
}

/**
 * The variables by which a service finds the files that this shell's commands find: paths, and nothing else. The state
 * folder always, so that it is there for everybody to see.
 */
export function serviceEnvironment({ env, paths, userHome }: ServicePlaces): Readonly<Record<string, string>> {
  const { home, stateDir, configPath } = paths;
  return {
    ...((isSet(env["OPENCLAW_HOME"]) || home !== userHome) && { OPENCLAW_HOME: home }),
    OPENCLAW_STATE_DIR: stateDir,
    ...(configPath !== join(stateDir, "openclaw.json") && { OPENCLAW_CONFIG_PATH: configPath }),
  };
}

/** A variable of this shell that the service does without. */
export interface UnseenVariable {
  readonly name: string;
  /** `missing`: the service has none of that name. `differs`: it has another value, from there. */
  readonly fate: "missing" | "differs";
  readonly layer?: string;
}

/** The keys, and what references name, that are in the environment of this process and not, or otherwise, in what the service reads. */
export function unseenVariables({ env, secrets, providers }: HomeSnapshot, own: Env): readonly UnseenVariable[] {
  const named = new Set(secrets.paths.flatMap((path) => /^env:[^:]*:(.*)$/u.exec(secrets.stateOf(path)?.ref ?? "")?.[1] ?? []));
  const isWanted = (name: string) => named.has(name) || isCredentialVariable(name, providers.configured);
  return Object.keys(own)
    .filter((name) => isSet(own[name]) && isWanted(name))
    .toSorted()
    .flatMap((name): readonly UnseenVariable[] => {
      const [mine, other] = env.definitionsOf(name);
      if (mine?.layer !== "env") return [];
      if (other === undefined) return [{ name, fate: "missing" }];
      return other.secret.equals(mine.secret) ? [] : [{ name, fate: "differs", layer: other.layer }];
    });
}

/** Variables that choose where accounts are, which a service is not given. */
export function unseenPlaces(env: Env): readonly string[] {
  return ["OPENCLAW_AGENT_DIR", "PI_CODING_AGENT_DIR"].filter((name) => isSet(env[name]));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}

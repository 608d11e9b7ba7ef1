import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { readPrivateFile } from "@openclaw/secrets";
import { isCredentialVariable, isLiveKeyVariable } from "./credential-variable.ts";
import { parseEnvText } from "./env.ts";
import { isSteeringVariable } from "./steering-variable.ts";

/** Where to look, and for what. */
export interface WorkingDirectoryEnvOptions {
  readonly cwd: string;
  /** The `.env` that is read: in the state folder itself nothing is ignored. */
  readonly envFile: string;
  /** Ids of the providers that are configured beside the known ones. */
  readonly providers?: readonly string[];
}

const MAX_BYTES = 1_048_576;

/**
 * The names in the working directory's `.env` that would choose keys, endpoints or what runs, if a cloned
 * repository could: they are ignored, and a person should know. Names only, in the order of the alphabet, never a value. A file that is
 * missing, no regular file, too large or not readable has none.
 */
export async function ignoredWorkingDirectoryEnv(options: WorkingDirectoryEnvOptions): Promise<readonly string[]> {
  const path = join(options.cwd, ".env");
  if (await isSameFile(path, options.envFile)) return [];
  const content = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true }).catch(() => undefined);
  const found = Object.keys(parseEnvText(content?.toString("utf8") ?? ""));
  return found.filter((name) => isName(name) && isIgnored(name, options.providers)).toSorted();
}

/** The file was written by a stranger: what is no name of a variable may be a command to the terminal. */
function isName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,127}$/u.test(text);
}

function isIgnored(name: string, providers: readonly string[] | undefined): boolean {
  return isLiveKeyVariable(name) || isSteeringVariable(name) || isCredentialVariable(name, providers);
}

async function isSameFile(left: string, right: string): Promise<boolean> {
  const [leftPath, rightPath] = await Promise.all([left, right].map((path) => realpath(path).catch(() => path)));
  return leftPath === rightPath;
}

import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { LoginFile, LoginOwner } from "@openclaw/auth-profiles";
import { readPrivateFile, type Env } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { jsonPosition } from "../json-position.ts";

/** Where each tool keeps its login: a folder of the home, unless its variable names another. */
const places: Readonly<Record<LoginOwner, { readonly folder: string; readonly variable?: string; readonly file: string }>> = {
  codex: { folder: ".codex", variable: "CODEX_HOME", file: "auth.json" },
  claude: { folder: ".claude", variable: "CLAUDE_CONFIG_DIR", file: ".credentials.json" },
  gemini: { folder: ".gemini", file: "oauth_creds.json" },
};

const MAX_BYTES = 1024 * 1024;

/** The login file of a tool, as the tool itself would find it. `OPENCLAW_HOME` is not its home. */
export function loginPath(owner: LoginOwner, env: Env, osHome: () => string): string {
  const { folder, variable, file } = places[owner];
  const named = variable === undefined ? undefined : env[variable]?.trim();
  const home = env["HOME"]?.trim() || env["USERPROFILE"]?.trim() || osHome();
  return resolve(named || join(home, folder), file);
}

/** A login file, parsed, and whether others than its owner may read it. */
export async function readLoginFile(path: string, owner: LoginOwner): Promise<LoginFile & { readonly isShared: boolean }> {
  const bytes = await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
  if (bytes === undefined) {
    throw new CliError(
      `There is no login of ${owner}: ${path} does not exist`,
      `sign in with ${owner} first, or name its file with --from-file`,
    );
  }
  const { mode, mtimeMs } = await stat(path);
  return { path, json: parse(path, bytes), modifiedAt: Math.floor(mtimeMs), isShared: (mode & 0o044) !== 0 };
}

/** The parser's own error quotes the text, and the text holds tokens. */
function parse(path: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/u, ""));
  } catch (error) {
    throw new CliError(
      `${path} is not valid JSON${jsonPosition(error)}`,
      "sign in with that tool again, or name another file with --from-file",
    );
  }
}

import { resolve } from "node:path";
import { validateStore, type StoreFinding } from "@openclaw/auth-profiles";
import type { HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { readPrivateFile, SecretsError } from "@openclaw/secrets";
import { CliError } from "../exit.ts";

/** What is wrong with a store's file. */
export interface StoreValidation {
  /** As it is shown to people. */
  readonly file: string;
  /** Whether there is a file; an agent without accounts has none. */
  readonly exists: boolean;
  /** Whether nothing keeps an account from working. */
  readonly isValid: boolean;
  readonly findings: readonly StoreFinding[];
}

const MAX_BYTES = 64 * 1024 * 1024;

/** Reads a store's file, an agent's unless one is named, and says what is wrong with it. Writes nothing. */
export async function validateStoreFile(
  home: HomeSnapshot,
  query: { readonly file: string | undefined; readonly agentId: string | undefined; readonly now: number },
): Promise<StoreValidation> {
  const agent = home.agents.find(query.agentId);
  const path = query.file === undefined ? agent.storePath : resolve(query.file);
  const file = home.paths.display(path);
  const bytes = await read(path);
  if (bytes === undefined) {
    if (query.file !== undefined) throw new CliError(`There is no file ${path}`);
    return { file, exists: false, isValid: true, findings: [] };
  }
  const secretDefaults = home.config.secrets?.defaults;
  const findings = validateStore(bytes, {
    name: file,
    env: home.env.values,
    now: query.now,
    normalizeProvider: authProviderId,
    otherIds: agent.id === "main" ? [] : await mainIds(home),
    ...(secretDefaults && { secretDefaults }),
  });
  return { file, exists: true, isValid: findings.every(({ severity }) => severity !== "error"), findings };
}

async function read(path: string): Promise<Buffer | undefined> {
  try {
    return await readPrivateFile(path, { maxBytes: MAX_BYTES, followLink: true });
  } catch (error) {
    throw error instanceof SecretsError ? new CliError(error.message, error.hint) : error;
  }
}

/** A store of main's that is broken is another finding than this file's. */
async function mainIds(home: HomeSnapshot): Promise<readonly string[]> {
  return home.agents
    .find("main")
    .storage.read()
    .then(
      ({ profiles }) => [...profiles.keys()],
      () => [],
    );
}

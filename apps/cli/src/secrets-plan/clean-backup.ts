import { HomeError, parseConfig } from "@openclaw/home";
import { CliError } from "../exit.ts";
import { scrubEnv } from "./env-file.ts";
import type { HomeFiles } from "./home-files.ts";
import { parseStoreText } from "./json-tree.ts";
import type { MovedValues } from "./moved.ts";
import type { SecretsPlan } from "./plan.ts";
import { scrubBackup, type Scrubbed } from "./scrub.ts";

/** Takes moved values out of a copy of one of the files. What cannot be read, or keeps one in a comment, is named. */
export function cleanBackup(
  { path, of, text, problem }: HomeFiles["backups"][number],
  { plan, files, moved }: { readonly plan: SecretsPlan; readonly files: HomeFiles; readonly moved: MovedValues },
): Scrubbed {
  if (problem !== undefined) {
    return { text, warnings: [{ code: "file-skipped", file: path, message: `this copy may hold a value that was moved: ${problem}` }] };
  }
  if (of === files.env.path) {
    const scrubbed = scrubEnv(text, { isCredential: () => true, isMigrated: (value) => moved.has(value), isNeeded: () => false });
    return { text: scrubbed.text, warnings: keeps(path, scrubbed.text, moved) };
  }
  try {
    const parsed = of === files.config.path ? parseCopy(text, path) : parseStoreText(text, path);
    const ids = files.agents.filter(({ store }) => store.path === of).map(({ id }) => id);
    const places = {
      config: of === files.config.path ? plan.targets.filter((target) => target.kind === "config") : [],
      profiles: plan.targets.filter((target) => target.kind === "profile").filter(({ agentId }) => ids.includes(agentId)),
    };
    const clean = scrubBackup(path, text, parsed, moved, places);
    return { text: clean, warnings: keeps(path, clean, moved) };
  } catch (error) {
    if (!(error instanceof CliError || error instanceof HomeError)) throw error;
    return { text, warnings: keeps(path, text, moved) };
  }
}

/** A copy of the configuration may be older than today's rules: what is JSON can be searched all the same. */
function parseCopy(text: string, path: string): unknown {
  try {
    return parseConfig(text.replace(/^\uFEFF/u, "") || "{}", path);
  } catch (error) {
    if (error instanceof HomeError) return parseStoreText(text, path);
    throw error;
  }
}

function keeps(file: string, text: string, moved: MovedValues): Scrubbed["warnings"] {
  return moved.isIn(text) ? [{ code: "unscrubbed", file, message: "this copy still holds a value that was moved: remove it" }] : [];
}

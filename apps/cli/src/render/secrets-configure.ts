import type { WrittenPlan } from "../secrets-configure/draft.ts";
import type { PreflightRow } from "../secrets-configure/preflight.ts";

const words: Readonly<Record<PreflightRow["outcome"], string>> = {
  same: "the value in use now",
  different: "ANOTHER value than the one in use now",
  new: "resolves; nothing is in use there now",
  "not-compared": "resolves; not compared with what is there",
  "not-run": "not tried: commands are run with --allow-exec only",
  missing: "LEADS NOWHERE",
};

/** How the references of a plan fared, for people. One fact a line: terminals may be narrow. */
export function renderPreflight(rows: readonly PreflightRow[]): string {
  return rows
    .map(({ path, reference, outcome, reason, hint }) => {
      const why = [reason, hint].filter((text) => text !== undefined).map((text) => `\n    ${text}`);
      return `${path}\n  ${reference}\n  ${words[outcome]}${why.join("")}`;
    })
    .join("\n");
}

/** A plan for people: paths and references. */
export function renderPlan({ targets, providerUpserts = {}, providerDeletes = [] }: WrittenPlan): string {
  return [
    "The plan:",
    ...Object.entries(providerUpserts).map(([alias, config]) => `  set secrets.providers.${alias} (${sourceOf(config)})`),
    ...providerDeletes.map((alias) => `  remove secrets.providers.${alias}`),
    ...targets.map(({ path, ref, agentId, authProfileProvider }) => {
      const where =
        agentId === undefined ? "" : ` (agent ${agentId}${authProfileProvider === undefined ? "" : `, new for ${authProfileProvider}`})`;
      return `  ${path}${where}\n    -> ${nameOf(ref)}`;
    }),
    ...(targets.length > 0 ? ["  The stored values these references stand for are removed, also from .env and auth.json."] : []),
  ].join("\n");
}

function sourceOf(config: unknown): string {
  return textIn(config, "source");
}

function nameOf(ref: unknown): string {
  return ["source", "provider", "id"].map((name) => textIn(ref, name)).join(":");
}

function textIn(value: unknown, name: string): string {
  const found: unknown = typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
  return typeof found === "string" ? found : "?";
}

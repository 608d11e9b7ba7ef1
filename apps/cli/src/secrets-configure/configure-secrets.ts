import type { HomeSnapshot } from "@openclaw/home";
import { renderPlan, renderPreflight } from "../render/secrets-configure.ts";
import { readHomeFiles } from "../secrets-plan/home-files.ts";
import type { Prompt } from "../prompt.ts";
import { emptyDraft, isEmpty, planOf, type Draft, type WrittenPlan } from "./draft.ts";
import { mapAgain, mapPlaces } from "./mapping.ts";
import { preflight, type PreflightRow } from "./preflight.ts";
import { setUpProviders } from "./provider-setup.ts";

/** What a plan is made with. */
export interface ConfigureOptions {
  readonly prompt: Prompt;
  readonly home: HomeSnapshot;
  readonly agentId: string;
  /** What is asked about: places where secrets are kept, what is to refer to them, or one of the two. */
  readonly parts: "both" | "providers" | "mappings";
  /** Permits commands to be run. */
  readonly allowExec: boolean;
  readonly uid: number | undefined;
  readonly signal: AbortSignal;
}

/** A plan, and how its references fared. */
export interface ConfiguredPlan {
  readonly plan: WrittenPlan;
  readonly preflight: readonly PreflightRow[];
}

/** Asks a person for a plan; `undefined` where they chose nothing. Reads the home and changes nothing. */
export async function configureSecrets(options: ConfigureOptions): Promise<ConfiguredPlan | undefined> {
  const { prompt, home, agentId, parts, signal } = options;
  const places = { prompt, home, agentId, files: await readHomeFiles(home) };
  let draft = emptyDraft;
  if (parts !== "mappings") {
    const { config, env, paths } = home;
    draft = await setUpProviders(draft, { prompt, config, env: env.values, home: paths.home, uid: options.uid, signal });
  }
  if (parts !== "providers") draft = await mapPlaces(draft, places);
  for (;;) {
    if (isEmpty(draft)) return undefined;
    const rows = await preflight(draft, { ...places, allowExec: options.allowExec, signal });
    if (rows.length > 0) prompt.say(renderPreflight(rows));
    const next = await repair(draft, rows, places);
    if (next === draft) return shown({ plan: planOf(draft), preflight: rows }, prompt);
    draft = next;
  }
}

/** What leads nowhere is asked for again, left out or, by a person who knows better, kept. */
async function repair(draft: Draft, rows: readonly PreflightRow[], places: Parameters<typeof mapAgain>[2]): Promise<Draft> {
  const missing = rows.filter(({ outcome }) => outcome === "missing").map(({ path }) => path);
  if (missing.length === 0) return draft;
  const what = await places.prompt.select({
    message: `${missing.length} of the references lead nowhere. What now?`,
    choices: [
      { value: "again", label: "Enter them again" },
      { value: "drop", label: "Leave those places as they are" },
      { value: "keep", label: "Keep them in the plan", hint: "it cannot be applied until they resolve" },
    ],
  });
  if (what === "again") return mapAgain(draft, missing, places);
  return what === "keep" ? draft : { ...draft, mappings: draft.mappings.filter(({ target }) => !missing.includes(target.path)) };
}

function shown(configured: ConfiguredPlan, prompt: Prompt): ConfiguredPlan {
  prompt.say(renderPlan(configured.plan));
  return configured;
}

import { createSecretResolver, formatSecretRef, type SecretsError } from "@openclaw/secrets";
import { providersAfter, type Draft, type Mapping } from "./draft.ts";
import { standingOf, type PlacesInput } from "./places.ts";

/** How a reference of a plan fares. Holds no value. */
export interface PreflightRow {
  readonly path: string;
  /** `env:default:OPENAI_API_KEY` */
  readonly reference: string;
  /**
   * `same` as what is used now, `different` from it, `new` where nothing is used now, `not-compared` where
   * what is there cannot be compared, `not-run` for a command that may not be run, `missing` where it leads nowhere.
   */
  readonly outcome: "same" | "different" | "new" | "not-compared" | "not-run" | "missing";
  /** Of `missing`: why, and what to do. */
  readonly reason?: string;
  readonly hint?: string;
}

/** What a draft is tried with. */
export interface PreflightOptions extends PlacesInput {
  /** Permits commands to be run. */
  readonly allowExec: boolean;
  readonly signal: AbortSignal;
}

/** Resolves every reference of a draft with the secret providers as they will be, and compares it with what it replaces. */
export async function preflight(draft: Draft, options: PreflightOptions): Promise<readonly PreflightRow[]> {
  const { config, env, paths } = options.home;
  const resolver = createSecretResolver({
    env: env.values,
    providers: providersAfter(config, draft),
    limits: config.secrets?.resolution,
    home: paths.home,
  });
  const { allowExec, signal } = options;
  const outcomes = await resolver.resolveAll(
    draft.mappings.map(({ ref }) => ref),
    { allowExec, signal },
  );
  return draft.mappings.map((mapping) => {
    const reference = formatSecretRef(mapping.ref);
    const outcome = outcomes.get(reference);
    const row = { path: mapping.target.path, reference };
    if (outcome?.status === "skipped") return { ...row, outcome: "not-run" };
    if (outcome?.status !== "resolved") return { ...row, outcome: "missing", ...whyMissing(outcome?.error) };
    const { effective, isUnknown } = standing(mapping, options);
    if (effective === undefined) return { ...row, outcome: isUnknown ? "not-compared" : "new" };
    return { ...row, outcome: effective.equals(outcome.secret) ? "same" : "different" };
  });
}

function standing({ target, ref }: Mapping, options: PlacesInput) {
  return standingOf(target, ref, options);
}

function whyMissing(error: SecretsError | undefined): Pick<PreflightRow, "reason" | "hint"> {
  return { reason: error?.message ?? "it was not resolved", ...(error?.hint !== undefined && { hint: error.hint }) };
}

import {
  formatSecretRef,
  parseSecretRef,
  SecretsError,
  type ResolveOutcome,
  type SecretDefaults,
  type SecretRef,
  type SecretResolver,
} from "@openclaw/secrets";
import type { KnownSecret, ReferenceUse, SecretPlace } from "./audit-source.ts";
import type { AuditFinding } from "./audit-types.ts";

/** How the references of a home fared. */
export interface ResolvedReferences {
  /** Different references that were tried, those that break a rule of their form included. */
  readonly checked: number;
  /** Different references to commands, which were not run. */
  readonly skipped: number;
  readonly findings: readonly AuditFinding[];
  readonly secrets: readonly KnownSecret[];
}

/** What references are resolved with. */
export interface ResolveReferencesOptions {
  readonly resolver: Pick<SecretResolver, "resolveAll">;
  readonly allowExec: boolean;
  /** Where the value of a reference is at home. */
  placesOf(ref: SecretRef): readonly SecretPlace[];
}

/** A use, and what it refers to or which rule it breaks. */
type ParsedUse = { readonly use: ReferenceUse } & ({ readonly ref: SecretRef } | { readonly problem: string });

/** Reads references as they are written. */
export function parseReferences(uses: readonly ReferenceUse[], defaults: SecretDefaults): readonly ParsedUse[] {
  return uses.map((use) => {
    try {
      return { use, ref: parseSecretRef(typeof use.written === "string" ? use.written.trim() : use.written, defaults) };
    } catch (error) {
      if (error instanceof SecretsError) return { use, problem: error.message };
      throw error;
    }
  });
}

/** Resolves each reference once, and tells for each of its uses why it leads nowhere. */
export async function resolveReferences(uses: readonly ParsedUse[], options: ResolveReferencesOptions): Promise<ResolvedReferences> {
  const refs = new Map(uses.flatMap((parsed) => ("ref" in parsed ? [[formatSecretRef(parsed.ref), parsed.ref] as const] : [])));
  const outcomes = await options.resolver.resolveAll(refs.values(), { allowExec: options.allowExec });
  const skipped = [...outcomes.values()].filter(({ status }) => status === "skipped").length;
  // What a broken one meant to refer to is not known, so each form of it counts.
  const broken = new Set(uses.flatMap((parsed) => ("ref" in parsed ? [] : [JSON.stringify(parsed.use.written)])));
  return {
    checked: refs.size - skipped + broken.size,
    skipped,
    findings: uses.flatMap((parsed) => findingOf(parsed, outcomes)),
    secrets: [...refs].flatMap(([label, ref]) => {
      const outcome = outcomes.get(label);
      return outcome?.status === "resolved" ? [{ label, secret: outcome.secret, places: options.placesOf(ref) }] : [];
    }),
  };
}

function findingOf(parsed: ParsedUse, outcomes: ReadonlyMap<string, ResolveOutcome>): readonly AuditFinding[] {
  const { written: _written, ...at } = parsed.use;
  const unresolved = (message: string): readonly AuditFinding[] => [{ code: "REF_UNRESOLVED", severity: "error", ...at, message }];
  // Not what is written there: a key that was pasted in the wrong place may be part of it.
  if ("problem" in parsed) return unresolved(`${at.jsonPath}: ${parsed.problem}`);
  const name = formatSecretRef(parsed.ref);
  const outcome = outcomes.get(name);
  if (outcome?.status === "resolved" || outcome?.status === "skipped") return [];
  const reason = outcome?.error.message ?? "it was not resolved";
  return unresolved(reason.includes(name) ? reason : `${name}: ${reason}`);
}

import type { Config, JsonValue } from "@openclaw/home";
import type { SecretProviderConfig, SecretProviders, SecretRef } from "@openclaw/secrets";
import type { WrittenTarget } from "../secrets-plan/target.ts";

/** A place and the reference it is to hold. */
export interface Mapping {
  readonly target: Omit<WrittenTarget, "ref">;
  readonly ref: SecretRef;
}

/** What a person has chosen so far. */
export interface Draft {
  /** Entries of `secrets.providers` to set. */
  readonly upserts: SecretProviders;
  readonly deletes: readonly string[];
  readonly mappings: readonly Mapping[];
}

/** A plan as `secrets apply` reads it. It names places and references and holds no secret. */
export interface WrittenPlan {
  readonly version: 1;
  readonly protocolVersion: 1;
  readonly generatedBy: "openclaw secrets configure";
  readonly targets: readonly WrittenTarget[];
  readonly providerUpserts?: Readonly<Record<string, JsonValue>>;
  readonly providerDeletes?: readonly string[];
  readonly options: {
    readonly scrubEnv: true;
    readonly scrubAuthProfilesForProviderTargets: true;
    readonly scrubLegacyAuthJson: true;
  };
}

/** Nothing chosen yet. */
export const emptyDraft: Draft = Object.freeze({ upserts: {}, deletes: [], mappings: [] });

/** The secret providers as they will be. */
export function providersAfter(config: Config, { upserts, deletes }: Pick<Draft, "upserts" | "deletes">): SecretProviders {
  const kept = Object.entries(config.secrets?.providers ?? {}).filter(([alias]) => !deletes.includes(alias));
  return { ...Object.fromEntries(kept), ...upserts };
}

/** A draft in which a secret provider is set. */
export function withProvider(draft: Draft, alias: string, config: SecretProviderConfig): Draft {
  return { ...draft, upserts: { ...draft.upserts, [alias]: config }, deletes: draft.deletes.filter((other) => other !== alias) };
}

/** A draft in which a secret provider is gone. One that is only in the draft is forgotten. */
export function withoutProvider(draft: Draft, alias: string, isConfigured: boolean): Draft {
  const upserts = Object.fromEntries(Object.entries(draft.upserts).filter(([other]) => other !== alias));
  return { ...draft, upserts, deletes: isConfigured ? [...new Set([...draft.deletes, alias])] : draft.deletes };
}

/** Whether there is anything to do. */
export function isEmpty({ upserts, deletes, mappings }: Draft): boolean {
  return Object.keys(upserts).length === 0 && deletes.length === 0 && mappings.length === 0;
}

/** The plan of a draft. What is moved is cleaned away wherever it is, as plans say unless told otherwise. */
export function planOf({ upserts, deletes, mappings }: Draft): WrittenPlan {
  return {
    version: 1,
    protocolVersion: 1,
    generatedBy: "openclaw secrets configure",
    targets: mappings.map(({ target, ref: { source, provider, id } }) => ({ ...target, ref: { source, provider, id } })),
    ...(Object.keys(upserts).length > 0 && {
      providerUpserts: Object.fromEntries(Object.entries(upserts).map(([alias, config]) => [alias, written(config)])),
    }),
    ...(deletes.length > 0 && { providerDeletes: deletes }),
    options: { scrubEnv: true, scrubAuthProfilesForProviderTargets: true, scrubLegacyAuthJson: true },
  };
}

/** Without what is not set. */
function written(config: SecretProviderConfig): JsonValue {
  return Object.fromEntries(
    Object.entries(config).flatMap(([name, value]): [string, JsonValue][] => (isJson(value) ? [[name, value]] : [])),
  );
}

function isJson(value: unknown): value is JsonValue {
  if (value === undefined || typeof value === "function") return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isJson);
}

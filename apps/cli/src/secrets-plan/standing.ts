import { credentialFields, storedEntries, type StoredEntry } from "@openclaw/auth-profiles";
import { authProviderId } from "@openclaw/providers";
import { configSurfaces, isReference, readConfigKey, type Config, type ConfigSurface, type HomeSnapshot } from "@openclaw/home";
import { parseSecretRef, SecretsError, type Secret } from "@openclaw/secrets";
import { ownMember, secretOf, type JsonObject } from "./json-tree.ts";
import type { ConfigTarget, PlanTarget, ProfileTarget } from "./target.ts";

/** What stands where a reference is to go. */
export interface Standing {
  /** A secret that is written there, used or not. It is what the plan moves. */
  readonly plaintexts: readonly Secret[];
  /** What is used now, wherever it comes from. */
  readonly effective: Secret | undefined;
  /** Something is there that no reference can be compared with: an object, a reference that was not resolved. */
  readonly isUnknown: boolean;
  /** The name of a place that is a reference beside another, as `serviceAccountRef`. */
  readonly refName: string | undefined;
}

/** What tells the values of references that are there already. */
export type StandingView = Pick<HomeSnapshot, "env" | "lookUp"> & { readonly config: Config };

/** Looks at the place of a target, in the configuration or in the store of its agent. */
export function standingAt(target: PlanTarget, store: JsonObject, view: StandingView): Standing {
  return target.kind === "config" ? inConfig(target, view) : inStore(target, store, view);
}

/** The provider whose requests a target is for: `models.providers.<id>.apiKey` alone, in the spelling accounts use. */
export function keyProviderOf(target: PlanTarget): string | undefined {
  if (target.kind !== "config" || target.surface.id !== "models.providers.*.apiKey") return undefined;
  return authProviderId(target.segments[2] ?? "");
}

function inConfig({ path, segments, surface }: ConfigTarget, view: StandingView): Standing {
  const found = surfacesOf(view.config).get(JSON.stringify(segments));
  const name = segments.at(-1) ?? "";
  const hasRefBeside = surface.hasRefBeside;
  const refName = hasRefBeside ? `${name}Ref` : undefined;
  const { value, refBeside } = found ?? {};
  if (value === undefined && refBeside === undefined) return { ...nothing, refName };

  const written = isReference(value) ? undefined : plainText(value);
  if (refBeside !== undefined) return { ...byReference(refBeside, view), plaintexts: written ? [written] : [], refName };
  if (isReference(value)) return { ...byReference(value, view), refName };
  if (surface.id !== "models.providers.*.apiKey") {
    return { plaintexts: written ? [written] : [], effective: written, isUnknown: typeof value !== "string", refName };
  }
  // A placeholder, or the name of a variable, is no secret.
  const key = readConfigKey(segments[2] ?? "", value, view.env, view.lookUp, view.config.secrets?.defaults ?? {});
  if (key.kind !== "key") return { ...nothing, isUnknown: key.kind === "skipped" };
  return { ...nothing, plaintexts: key.origin === path && written ? [written] : [], effective: key.secret };
}

function inStore({ profileId, type }: ProfileTarget, store: JsonObject, view: StandingView): Standing {
  const entry = entriesOf(store).get(profileId)?.entry;
  const fields = credentialFields(type);
  const values = fields.values.map((name) => ownMember(entry, name));
  const plaintexts = values.filter((value) => !isReference(value)).flatMap((value) => secretOf(value) ?? []);
  const reference = [...fields.refs.map((name) => ownMember(entry, name)), ...values].find((value) => isReference(value));
  if (reference !== undefined) return { ...byReference(reference, view), plaintexts };
  return { ...nothing, plaintexts, effective: plaintexts[0] };
}

/** The places of a configuration by their segments. It is searched once, however many targets ask. */
function surfacesOf(config: Config): ReadonlyMap<string, ConfigSurface> {
  const known = surfaces.get(config);
  if (known !== undefined) return known;
  const found = new Map(configSurfaces(config).map((surface) => [JSON.stringify(surface.segments), surface]));
  surfaces.set(config, found);
  return found;
}

// A configuration that was read does not change.
const surfaces = new WeakMap<Config, ReadonlyMap<string, ConfigSurface>>();

/** The accounts of a store by id. It is gone through once, however many targets ask. */
function entriesOf(store: JsonObject): ReadonlyMap<string, StoredEntry> {
  const known = entries.get(store);
  if (known !== undefined) return known;
  const read = storedEntries(store).filter(({ isRead }) => isRead);
  const found = new Map(read.map((entry) => [entry.id, entry]));
  entries.set(store, found);
  return found;
}

// Nor does a store.
const entries = new WeakMap<JsonObject, ReadonlyMap<string, StoredEntry>>();

const nothing: Standing = { plaintexts: [], effective: undefined, isUnknown: false, refName: undefined };

function byReference(value: unknown, { lookUp, config }: StandingView): Standing {
  try {
    const outcome = lookUp.outcomeOf(parseSecretRef(typeof value === "string" ? value.trim() : value, config.secrets?.defaults ?? {}));
    return outcome?.status === "resolved"
      ? { ...nothing, effective: outcome.secret }
      : { ...nothing, isUnknown: outcome?.status === "skipped" };
  } catch (error) {
    if (error instanceof SecretsError) return nothing;
    throw error;
  }
}

/** Markers such as `secretref-managed` say that there is nothing. */
function plainText(value: unknown): Secret | undefined {
  return typeof value === "string" && value.startsWith("secretref-") ? undefined : secretOf(value);
}

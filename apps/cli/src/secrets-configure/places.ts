import { credentialFields, storedEntries, type StoredEntry } from "@openclaw/auth-profiles";
import { configSurfaces, isReference, type HomeSnapshot } from "@openclaw/home";
import { formatSecretRef, parseSecretRef, SecretsError, type SecretRef } from "@openclaw/secrets";
import type { HomeFiles } from "../secrets-plan/home-files.ts";
import { ownMember, parseStoreText, type JsonObject } from "../secrets-plan/json-tree.ts";
import { standingAt, type Standing } from "../secrets-plan/standing.ts";
import { readTarget, type PlanTarget, type Refuse, type WrittenTarget } from "../secrets-plan/target.ts";
import { CliError } from "../exit.ts";

/** A place that a reference can be put in. */
export interface Place {
  readonly target: Omit<WrittenTarget, "ref">;
  /** The provider whose requests use it, if it is known. */
  readonly provider: string | undefined;
  /** The reference that is there now. */
  readonly reference: string | undefined;
  /** `stored value`, or the reference. */
  readonly holds: string;
}

/** What places are found in. */
export interface PlacesInput {
  readonly home: HomeSnapshot;
  readonly files: HomeFiles;
  readonly agentId: string;
}

/** The places of the configuration and of an agent's own store that hold a secret or a reference to one. */
export function findPlaces(input: PlacesInput): readonly Place[] {
  return [...configPlaces(input.home), ...profilePlaces(input)];
}

/** The agent's own store, without what it reads from main. */
function storeOf({ files, agentId }: Pick<PlacesInput, "files" | "agentId">): JsonObject {
  const store = files.agents.find(({ id }) => id === agentId)?.store;
  return store ? parseStoreText(store.text, store.path) : {};
}

/** What stands now where a reference is to go. */
export function standingOf(target: Omit<WrittenTarget, "ref">, ref: SecretRef, input: PlacesInput): Standing {
  const read = planTarget(target, ref, input.home);
  return standingAt(read, read.kind === "profile" ? storeOf(input) : {}, input.home);
}

/** The target of a stored profile. */
export function profileTarget(agentId: string, profileId: string, type: "api_key" | "token"): Omit<WrittenTarget, "ref"> {
  const field = type === "api_key" ? "key" : "token";
  return {
    type: `auth-profiles.${type}.${field}`,
    path: `profiles.${profileId}.${field}`,
    pathSegments: ["profiles", profileId, field],
    agentId,
  };
}

function configPlaces(home: HomeSnapshot): readonly Place[] {
  return configSurfaces(home.config).flatMap(({ kind, path, segments, value, refBeside }): readonly Place[] => {
    const isOfProvider = kind.id.startsWith("models.providers.");
    const provider = isOfProvider ? segments[2] : undefined;
    const target = { type: kind.id, path, pathSegments: segments, ...(provider !== undefined && { providerId: provider }) };
    const written = refBeside ?? value;
    if (isReference(written)) return [{ target, provider, ...byReference(written, home) }];
    // A marker, or the name of a variable, is no secret.
    const { plaintexts, isUnknown } = standingAt(planTarget(target, anyRef, home), {}, home);
    return plaintexts.length > 0 || isUnknown ? [{ target, provider, reference: undefined, holds: STORED }] : [];
  });
}

function profilePlaces(input: PlacesInput): readonly Place[] {
  return readEntries(input).flatMap(({ id, entry }): readonly Place[] => {
    const type = ownMember(entry, "type") ?? ownMember(entry, "mode");
    if (type !== "api_key" && type !== "token") return [];
    const stored = ownMember(entry, "provider");
    const provider = typeof stored === "string" ? stored : undefined;
    const target = profileTarget(input.agentId, id, type);
    const { refs, values } = credentialFields(type);
    const reference = [...refs, ...values].map((name) => ownMember(entry, name)).find((value) => isReference(value));
    if (reference !== undefined) return [{ target, provider, ...byReference(reference, input.home) }];
    const { plaintexts } = standingOf(target, anyRef, input);
    return [{ target, provider, reference: undefined, holds: plaintexts.length > 0 ? STORED : "nothing" }];
  });
}

/** The accounts that requests see, wherever the file has them. */
function readEntries(input: PlacesInput): readonly StoredEntry[] {
  return storedEntries(storeOf(input)).filter(({ isRead }) => isRead);
}

/** Ids that are taken in the agent's own store. */
export function takenIds(input: PlacesInput): readonly string[] {
  return readEntries(input).map(({ id }) => id);
}

const STORED = "stored value";
const anyRef: SecretRef = { source: "env", provider: "default", id: "A" };
function byReference(value: unknown, { config }: HomeSnapshot): Pick<Place, "reference" | "holds"> {
  try {
    const reference = formatSecretRef(parseSecretRef(typeof value === "string" ? value.trim() : value, config.secrets?.defaults ?? {}));
    return { reference, holds: reference };
  } catch (error) {
    if (error instanceof SecretsError) return { reference: undefined, holds: "a broken reference" };
    throw error;
  }
}

function planTarget(target: Omit<WrittenTarget, "ref">, ref: SecretRef, { config }: HomeSnapshot): PlanTarget {
  return readTarget({ ...target, ref: { ...ref } }, config.secrets?.defaults ?? {}, refuse);
}

const refuse: Refuse = (reason) => {
  throw new CliError(reason);
};

import { findSurfaceKind, type SurfaceKind } from "@openclaw/home";
import { parseSecretRef, SecretsError, type SecretDefaults, type SecretRef } from "@openclaw/secrets";

/** A place of `openclaw.json` that is to hold a reference. */
export interface ConfigTarget {
  readonly kind: "config";
  /** `models.providers.openai.apiKey` */
  readonly path: string;
  readonly segments: readonly string[];
  readonly surface: SurfaceKind;
  readonly ref: SecretRef;
}

/** A stored profile that is to hold a reference. */
export interface ProfileTarget {
  readonly kind: "profile";
  /** `profiles.openai:default.key` */
  readonly path: string;
  readonly agentId: string;
  readonly profileId: string;
  readonly type: "api_key" | "token";
  readonly field: "key" | "token";
  /** The provider of a profile that is not there yet. */
  readonly provider: string | undefined;
  readonly ref: SecretRef;
}

/** One place that is to hold a reference. */
export type PlanTarget = ConfigTarget | ProfileTarget;

/** A target as a plan has it. */
export interface WrittenTarget {
  readonly type: string;
  readonly path: string;
  readonly pathSegments?: readonly string[] | undefined;
  readonly ref: unknown;
  readonly providerId?: string | undefined;
  readonly accountId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly authProfileProvider?: string | undefined;
}

/** Says why a plan is refused, and does not return. */
export type Refuse = (reason: string) => never;

/** Older plans call three kinds of places so. */
const aliases: ReadonlyMap<string, readonly string[]> = new Map([
  ["models.providers.apiKey", ["models.providers.*.apiKey"]],
  ["skills.entries.apiKey", ["skills.entries.*.apiKey"]],
  ["channels.googlechat.serviceAccount", ["channels.googlechat.serviceAccount", "channels.googlechat.accounts.*.serviceAccount"]],
]);

const profileTypes: ReadonlyMap<string, Pick<ProfileTarget, "type" | "field">> = new Map([
  ["auth-profiles.api_key.key", { type: "api_key", field: "key" }],
  ["auth-profiles.token.token", { type: "token", field: "token" }],
]);

/** Names that mean something else to JavaScript than a member. */
export const forbiddenNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Checks one target: its path must be one of its type, and say the same as everything else in it. */
export function readTarget(written: WrittenTarget, defaults: SecretDefaults, refuse: Refuse): PlanTarget {
  const { type, path } = written;
  const segments = written.pathSegments ?? path.split(".");
  if (segments.join(".") !== path) refuse(`${path}: pathSegments say ${segments.join(".")}`);
  if (segments.some((segment) => forbiddenNames.has(segment)))
    refuse(`${path}: a path cannot lead through ${[...forbiddenNames].join(", ")}`);
  if (segments.some((segment) => segment === "")) refuse(`${path || "an empty path"}: a segment is empty`);
  const ref = readRef(path, written.ref, defaults, refuse);
  const profile = profileTypes.get(type);
  return profile ? profileTarget(written, segments, profile, ref, refuse) : configTarget(written, segments, ref, refuse);
}

function profileTarget(
  { type: typeName, path, agentId, authProfileProvider }: WrittenTarget,
  segments: readonly string[],
  { type, field }: Pick<ProfileTarget, "type" | "field">,
  ref: SecretRef,
  refuse: Refuse,
): ProfileTarget {
  const [top, profileId, last] = segments;
  if (segments.length !== 3 || top !== "profiles" || profileId === undefined || last !== field) {
    return refuse(
      `${path} is no path of type ${typeName}: that is profiles.<profile id>.${field}, and pathSegments where the id has a dot`,
    );
  }
  if (agentId === undefined) return refuse(`${path}: agentId is missing`);
  return { kind: "profile", path, agentId, profileId, type, field, provider: authProfileProvider?.trim() || undefined, ref };
}

function configTarget(written: WrittenTarget, segments: readonly string[], ref: SecretRef, refuse: Refuse): ConfigTarget {
  const { type, path, providerId, accountId } = written;
  const surface = findSurfaceKind(segments);
  if (surface === undefined) return refuse(`${path} is no place for a secret`);
  if (!(aliases.get(type) ?? [type]).includes(surface.id)) return refuse(`${path} is not of type ${type}`);
  const named = (list: string) =>
    segments[surface.segments.findIndex((pattern, index) => pattern === "*" && surface.segments[index - 1] === list)];
  const [provider, account] = [named("providers"), named("accounts")];
  if (providerId !== undefined && provider !== undefined && providerId !== provider) refuse(`${path}: providerId is another provider's`);
  if (accountId !== undefined && accountId !== account) refuse(`${path}: accountId is not the account of the path`);
  return { kind: "config", path, segments, surface, ref };
}

function readRef(path: string, value: unknown, defaults: SecretDefaults, refuse: Refuse): SecretRef {
  if (typeof value !== "object" || value === null) return refuse(`${path}: ref is not an object of source, provider and id`);
  try {
    return parseSecretRef(value, defaults);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return refuse(`${path}: ${error.message}`);
  }
}

import { formatSecretRef, isSecretRefLike, parseSecretRef, SecretsError, type SecretRef, type Surface } from "@openclaw/secrets";
import { readableProfiles, type Agents } from "./agents.ts";
import { configSurfaces, type ConfigSurface } from "./config-surfaces.ts";
import type { Config } from "./config.ts";
import type { SurfaceKind } from "./surface-table.ts";

/**
 * What a home is opened for. `requests`: to use its accounts. `gateway`: that, and to be the gateway, whose own
 * token has to resolve. `probe`: to try each account out; a reference that leads nowhere stops nothing but its owner.
 * `inspect`: to look at it; that, and no command is run.
 */
export type HomeUse = "inspect" | "probe" | "requests" | "gateway";

/** A reference that breaks a rule of its form, so that nothing can be asked for it. */
export interface BrokenReference {
  readonly path: string;
  readonly error: SecretsError;
}

/** The references of a home. */
export interface HomeReferences {
  readonly surfaces: readonly Surface[];
  readonly broken: readonly BrokenReference[];
}

/** What decides which references are resolved. */
export interface ReferenceScope {
  readonly use: HomeUse;
  /** Places of the configuration that something else took the part of, and what: `{"gateway.auth.token": "--token-file is given"}`. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/** Finds every reference in the configuration and in the stores of the agents. */
export function findReferences(config: Config, agents: Agents, scope: ReferenceScope): HomeReferences {
  const surfaces: Surface[] = [];
  const broken: BrokenReference[] = [];
  for (const place of configSurfaces(config)) {
    const written = place.refBeside ?? place.value;
    if (!isReference(written) && !isBrokenReference(place)) continue;
    const reason = whyUnused(place, scope);
    const ref = parse(place.path, written, config, reason === undefined ? broken : []);
    if (ref === undefined) continue;
    surfaces.push({
      path: place.path,
      owner: place.segments.slice(0, ownerDepth(place.kind)).join("."),
      ref,
      hasPlaintext: place.refBeside !== undefined && typeof place.value === "string",
      isRequired: place.kind.id === "gateway.auth.token",
      ...(reason !== undefined && { isActive: false, inactiveReason: reason }),
    });
  }
  surfaces.push(...profileSurfaces(config, agents, broken));
  return { surfaces, broken };
}

/** `${NAME}`, or an object that says it is a reference; other objects are values of other parts of OpenClaw. */
export function isReference(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return "source" in value;
  return isSecretRefLike(typeof value === "string" ? value.trim() : value);
}

/**
 * Whether the key of a model provider is written like a reference and is none: `${name}`, `$NAME`, a template inside
 * other text, or an object, a list or a number. It is no key either, and was not meant as one.
 */
export function isBrokenReference({ kind, value }: ConfigSurface): boolean {
  if (kind.id !== "models.providers.*.apiKey" || isReference(value)) return false;
  return typeof value !== "string" || value.includes("${") || /^\s*\$[A-Z_][A-Z0-9_]*\s*$/u.test(value);
}

function parse(path: string, value: unknown, config: Config, broken: BrokenReference[]): SecretRef | undefined {
  try {
    return parseSecretRef(typeof value === "string" ? value.trim() : value, config.secrets?.defaults ?? {});
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    broken.push({ path, error });
    return undefined;
  }
}

/** A client of the gateway and a provider stand and fall alone. */
function ownerDepth({ id }: SurfaceKind): number {
  return id.startsWith("models.providers") || id.startsWith("gateway.clients") ? 3 : 1;
}

function whyUnused({ kind, path }: ConfigSurface, { use, replaced = {} }: ReferenceScope): string | undefined {
  if (Object.hasOwn(replaced, path)) return replaced[path];
  if (!kind.isOurs) return "another part of OpenClaw uses it";
  if (kind.id === "models.providers.*.apiKey" || kind.id === "models.providers.*.oauth.clientSecret") return undefined;
  if (kind.id === "gateway.auth.token" || kind.id === "gateway.clients.*.token")
    return use === "gateway" ? undefined : "only the gateway uses it";
  if (kind.id.startsWith("models.providers")) return "requests carry no headers from the configuration";
  return "the gateway is reached with gateway.auth.token alone";
}

/** The references of stored profiles, those of an agent that reads through to main's once. */
function profileSurfaces(config: Config, agents: Agents, broken: BrokenReference[]): readonly Surface[] {
  const surfaces = new Map<string, Surface>();
  const places = new Set<string>();
  const known = new Set<string>();
  for (const agent of agents.all) {
    const store = readableProfiles(agent)?.store;
    if (!store) continue;
    const overridden = new Set(
      store.diagnostics.filter(({ code }) => code === "SECRETS_REF_OVERRIDES_PLAINTEXT").map(({ profileId }) => profileId),
    );
    for (const [id, profile] of store.profiles) {
      if (profile.type === "oauth") continue;
      const written = profile.ref === undefined ? profile.refProblem : formatSecretRef(profile.ref);
      const name = `${id} ${written}`;
      if (written === undefined || known.has(name)) continue;
      known.add(name);
      const place = `profiles.${id}.${profile.type === "api_key" ? "key" : "token"}`;
      const path = places.has(place) ? `agents.${agent.id}.${place}` : place;
      places.add(path);
      if (profile.ref === undefined) {
        if (whyUnusable(id, config).isActive !== false) broken.push({ path, error: new SecretsError("invalid-reference", written) });
      } else surfaces.set(path, { path, owner: id, ref: profile.ref, hasPlaintext: overridden.has(id), ...whyUnusable(id, config) });
    }
  }
  return [...surfaces.values()];
}

/** A profile that the configuration calls a login may hold no reference: using it is an error of its own. */
function whyUnusable(id: string, config: Config): Pick<Surface, "isActive" | "inactiveReason"> {
  const profiles = config.auth?.profiles ?? {};
  const mode = Object.hasOwn(profiles, id) ? profiles[id]?.mode : undefined;
  if (mode !== "oauth") return {};
  return { isActive: false, inactiveReason: `auth.profiles.${id}.mode is oauth, and a login holds no reference` };
}

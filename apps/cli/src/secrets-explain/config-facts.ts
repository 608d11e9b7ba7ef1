import { configSurfaces, isReference, readConfigKey, type ConfigSurface, type HomeSnapshot } from "@openclaw/home";
import { parseSecretRef, readCredentialText, SecretsError, type SecretRef } from "@openclaw/secrets";
import { OVERRIDDEN, type SurfaceFact } from "./fact.ts";

/** What the configuration holds at the places that may hold a secret. */
export function configFacts(home: HomeSnapshot): readonly SurfaceFact[] {
  return configSurfaces(home.config).map((place) => factOf(place, home));
}

function factOf(place: ConfigSurface, home: HomeSnapshot): SurfaceFact {
  const { path, kind, segments } = place;
  const inactive = whyInactive(place, home);
  const base = {
    path,
    file: home.paths.configPath,
    ...(kind.id.startsWith("models.providers.") && { provider: segments[2] ?? "" }),
    ...(inactive !== undefined && { inactive }),
  };
  const written = place.refBeside ?? place.value;
  if (isReference(written)) {
    const isOverriding = place.refBeside !== undefined && typeof place.value === "string";
    return { ...base, holds: "reference", ...readReference(written, home), ...(isOverriding && { shadowed: OVERRIDDEN }) };
  }
  if (kind.id === "models.providers.*.apiKey") return { ...base, ...readKey(segments[2] ?? "", place.value, home) };
  const secret = typeof place.value === "string" ? readCredentialText(place.value) : undefined;
  return { ...base, holds: "value", ...(secret && { secret }) };
}

function readReference(written: unknown, { config }: HomeSnapshot): Pick<SurfaceFact, "ref" | "problem"> {
  try {
    return { ref: parse(written, config.secrets?.defaults ?? {}) };
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return { problem: { code: error.code, message: error.message, hint: error.hint ?? "correct the reference" } };
  }
}

function parse(written: unknown, defaults: Parameters<typeof parseSecretRef>[1]): SecretRef {
  return parseSecretRef(typeof written === "string" ? written.trim() : written, defaults);
}

/** A key that is no reference: text, the name of a variable, or a placeholder. */
function readKey(provider: string, value: unknown, home: HomeSnapshot): Pick<SurfaceFact, "holds" | "ref" | "secret" | "problem"> {
  const { env, lookUp, config } = home;
  const key = readConfigKey(provider, value, env, lookUp, config.secrets?.defaults ?? {});
  const named = typeof value === "string" ? value.trim() : "";
  const ref: SecretRef = { source: "env", provider: "default", id: named };
  const isName = (key.kind === "key" || key.kind === "unresolved") && key.origin.endsWith(`(${named})`);
  switch (key.kind) {
    case "absent":
      return { holds: "nothing" };
    case "marker":
      return { holds: "marker" };
    case "skipped":
      return { holds: "reference", ref: key.ref };
    case "key":
      return isName ? { holds: "variable-name", ref } : { holds: "value", secret: key.secret };
    case "unresolved":
      return { holds: "value", problem: { code: "unresolved_ref", message: key.message } };
  }
}

const usedAnyway: ReadonlySet<string> = new Set(["gateway.auth.token", "gateway.clients.*.token", "models.providers.*.apiKey"]);

/** The gateway's tokens are in use: what only looks has no need of them, and can say how they stand all the same. */
function whyInactive({ kind, path }: ConfigSurface, home: HomeSnapshot): string | undefined {
  if (usedAnyway.has(kind.id)) return undefined;
  const state = home.secrets.stateOf(path);
  if (state?.status === "inactive") return state.reason;
  return kind.isOurs ? undefined : "another part of OpenClaw uses it";
}

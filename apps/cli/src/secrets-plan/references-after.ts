import { configSurfaces, isReference, type Config } from "@openclaw/home";
import { parseAuthStore } from "@openclaw/auth-profiles";
import { parseSecretRef, SecretsError, type SecretRef } from "@openclaw/secrets";

/** Everything a home refers to. */
export interface HomeReferencesAfter {
  readonly refs: readonly { readonly path: string; readonly ref: SecretRef }[];
  /** Variables of the environment that a reference, a name in place of a key, or a secret provider reads. */
  readonly variables: ReadonlySet<string>;
}

/** Finds what a configuration and the stores beside it refer to; `stores` are parsed. */
export function referencesOf(config: Config, stores: readonly unknown[]): HomeReferencesAfter {
  const refs: { path: string; ref: SecretRef }[] = [];
  const variables = new Set<string>();
  for (const { path, value, refBeside } of configSurfaces(config)) {
    const written = refBeside ?? value;
    if (typeof written === "string" && /^[A-Z][A-Z0-9_]*$/u.test(written.trim())) variables.add(written.trim());
    const ref = isReference(written) ? parse(written, config) : undefined;
    if (ref) refs.push({ path, ref });
  }
  for (const store of stores) {
    const { profiles } = parseAuthStore(store, { secretDefaults: config.secrets?.defaults ?? {} });
    for (const [id, profile] of profiles) {
      if (profile.type !== "oauth" && profile.ref) refs.push({ path: `profiles.${id}`, ref: profile.ref });
    }
  }
  for (const { ref } of refs) if (ref.source === "env") variables.add(ref.id);
  for (const provider of Object.values(config.secrets?.providers ?? {})) {
    if (provider.source === "exec") for (const name of provider.passEnv ?? []) variables.add(name);
  }
  return { refs, variables };
}

/** The first place that refers to a secret provider that is not there. A provider of the environment always is. */
export function findOrphan(
  references: HomeReferencesAfter,
  config: Config,
  deleted: readonly string[],
): { readonly path: string; readonly alias: string } | undefined {
  const providers = config.secrets?.providers ?? {};
  const gone = deleted.filter((alias) => !Object.hasOwn(providers, alias));
  const orphan = references.refs.find(({ ref }) => gone.includes(ref.provider) && !(ref.source === "env" && ref.provider === "default"));
  return orphan && { path: orphan.path, alias: orphan.ref.provider };
}

function parse(value: unknown, config: Config): SecretRef | undefined {
  try {
    return parseSecretRef(typeof value === "string" ? value.trim() : value, config.secrets?.defaults ?? {});
  } catch (error) {
    if (error instanceof SecretsError) return undefined; // It cannot be resolved now either; secrets audit says so.
    throw error;
  }
}

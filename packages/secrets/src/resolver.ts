import type { BackendAnswer, SecretBackend } from "./backends/backend.ts";
import { createEnvBackend, readEnvSecret, type Env } from "./backends/env.ts";
import { createExecBackend } from "./backends/exec.ts";
import { createFileBackend } from "./backends/file.ts";
import { systemClock, type Clock } from "./clock.ts";
import { SecretsError } from "./errors.ts";
import { createLimiter } from "./limiter.ts";
import { ownUid } from "./own-process.ts";
import type { ResolutionLimits, SecretProviderConfig, SecretProviders } from "./provider-config.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import type { Secret } from "./secret.ts";

/** What became of one reference. An exec reference is `skipped` when commands may not be run. */
export type ResolveOutcome = BackendAnswer | { readonly status: "skipped" };

/** What a resolution may do, and until when. */
export interface ResolveOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface ResolveAllOptions extends ResolveOptions {
  /** `false` runs no command: exec references are skipped. */
  readonly allowExec?: boolean | undefined;
  /** Asks again for what has just failed. Otherwise a failed command stands for a few seconds. */
  readonly isRetry?: boolean | undefined;
}

/** Turns references into secrets. */
export interface SecretResolver {
  /** @throws {SecretsError} naming the reference and the rule, never a value; the signal's reason, as it came. */
  resolve(ref: SecretRef, options?: ResolveOptions): Promise<Secret>;
  /**
   * Resolves many at once: each provider is asked once, each reference at most once. A reference that cannot
   * be resolved is an outcome, not an exception.
   *
   * @returns by {@link formatSecretRef}.
   * @throws the signal's reason, as it came.
   */
  resolveAll(refs: Iterable<SecretRef>, options?: ResolveAllOptions): Promise<ReadonlyMap<string, ResolveOutcome>>;
  /**
   * What a reference stands for, without waiting: references to the environment are looked up, those to files and
   * commands are `skipped`.
   */
  outcomeOf(ref: SecretRef): ResolveOutcome;
}

/** What references are resolved against. */
export interface SecretResolverOptions {
  readonly env: Env;
  /** `secrets.providers`. Environment references to `default` need none. */
  readonly providers?: SecretProviders | undefined;
  /** `secrets.resolution`. */
  readonly limits?: ResolutionLimits | undefined;
  /** What `~` in the path of a file stands for. */
  readonly home?: string | undefined;
  readonly clock?: Clock;
  /** Whose files and commands are trusted, beside root's: the user this process runs as, unless given. */
  readonly uid?: number | undefined;
}

const ENV_DEFAULT = { source: "env" } as const;

/**
 * Resolves references to the environment, to files and to commands.
 *
 * @example
 * const resolver = createSecretResolver({ env, providers: { vault: { source: "exec", command: "/usr/local/bin/vault-resolver" } } });
 * const secret = await resolver.resolve({ source: "exec", provider: "vault", id: "openai" }, { signal });
 */
export function createSecretResolver(options: SecretResolverOptions): SecretResolver {
  const { env, home, clock = systemClock, uid = ownUid() } = options;
  const limits = {
    maxRefsPerProvider: options.limits?.maxRefsPerProvider ?? 512,
    maxBatchBytes: options.limits?.maxBatchBytes ?? 262_144,
  };
  const places = createLimiter(options.limits?.maxProviderConcurrency ?? 4);
  const backends = new Map<string, SecretBackend>();

  function backendFor(alias: string, config: SecretProviderConfig): SecretBackend {
    const known = backends.get(alias) ?? createBackend(alias, config);
    backends.set(alias, known);
    return known;
  }

  function createBackend(alias: string, config: SecretProviderConfig): SecretBackend {
    switch (config.source) {
      case "env":
        return createEnvBackend({ alias, config, env });
      case "file":
        return createFileBackend({ alias, config, env, home, uid, clock });
      case "exec":
        return createExecBackend({ alias, config, env, uid, clock, limits, places });
    }
  }

  async function resolveAll(refs: Iterable<SecretRef>, { signal, allowExec = true, isRetry = false }: ResolveAllOptions = {}) {
    signal?.throwIfAborted();
    const outcomes = new Map<string, ResolveOutcome>();
    const groups = new Map<string, { readonly config: SecretProviderConfig; readonly refs: SecretRef[] }>();
    for (const ref of new Map([...refs].map((ref) => [formatSecretRef(ref), ref])).values()) {
      const config = findProvider(options.providers, ref);
      if (config instanceof SecretsError) outcomes.set(formatSecretRef(ref), { status: "failed", error: config });
      else if (ref.source === "exec" && !allowExec) outcomes.set(formatSecretRef(ref), { status: "skipped" });
      else {
        const group = groups.get(ref.provider) ?? { config, refs: [] };
        group.refs.push(ref);
        groups.set(ref.provider, group);
      }
    }
    const resolving = [...groups].map(async ([alias, { config, refs }]) => {
      const backend = backendFor(alias, config);
      const ids = refs.map((ref) => ref.id);
      if (isRetry) backend.forget?.(ids);
      const answers = await backend.resolve(ids, signal);
      for (const ref of refs) {
        const answer = answers.get(ref.id);
        if (answer) outcomes.set(formatSecretRef(ref), answer);
      }
    });
    await Promise.all(resolving);
    return outcomes;
  }

  return {
    resolveAll,
    async resolve(ref, { signal } = {}) {
      const outcome = (await resolveAll([ref], { signal })).get(formatSecretRef(ref));
      if (outcome?.status === "resolved") return outcome.secret;
      throw outcome?.status === "failed"
        ? outcome.error
        : new SecretsError("reference-unresolved", `${formatSecretRef(ref)} was not resolved`);
    },
    outcomeOf(ref) {
      const config = findProvider(options.providers, ref);
      if (config instanceof SecretsError) return { status: "failed", error: config };
      if (config.source !== "env") return { status: "skipped" };
      try {
        return { status: "resolved", secret: readEnvSecret(ref.id, { alias: ref.provider, config, env }) };
      } catch (error) {
        if (error instanceof SecretsError) return { status: "failed", error };
        throw error;
      }
    },
  };
}

/** The provider a reference names, or why it is none for it. */
function findProvider(providers: SecretProviders = {}, ref: SecretRef): SecretProviderConfig | SecretsError {
  const isImplicit = ref.source === "env" && ref.provider === "default";
  const config = Object.hasOwn(providers, ref.provider) ? providers[ref.provider] : isImplicit ? ENV_DEFAULT : undefined;
  if (!config) {
    return new SecretsError("reference-unresolved", `Secret provider "${ref.provider}" is not configured (ref: ${formatSecretRef(ref)})`, {
      hint: `add secrets.providers.${ref.provider} to openclaw.json`,
    });
  }
  if (config.source === ref.source) return config;
  return new SecretsError(
    "reference-unresolved",
    `Secret provider "${ref.provider}" has source "${config.source}" but ref requests "${ref.source}" (ref: ${formatSecretRef(ref)})`,
  );
}

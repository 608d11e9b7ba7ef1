import type { ProfileSecrets } from "@openclaw/auth-profiles";
import {
  formatSecretRef,
  createSecretSnapshot,
  SecretsError,
  withStartBackoff,
  type ActiveSecrets,
  type BatchResolver,
  type Clock,
  type ReloadReport,
  type SecretRef,
  type SecretResolver,
  type SecretSnapshot,
  type StartBackoffOptions,
} from "@openclaw/secrets";
import { createReferenceRenewal } from "./renew-reference.ts";
import type { HomeReferences, HomeUse } from "./secret-surfaces.ts";

/** What is to take effect together: the references of one reading of the files, and what resolves them. */
interface ActivationInput extends HomeReferences {
  readonly resolver: SecretResolver;
  /** `secrets.onFailure`. */
  readonly onFailure: "strict" | "isolate";
}

/** The resolved references of a home, from one reading of its files to the next. */
export interface HomeSecrets {
  readonly current: ActiveSecrets;
  /**
   * Resolves everything. When the report says `kept`, what was there before is still current. `accept` is asked before
   * what is new takes its place.
   *
   * @throws {SecretsError} `activation-failed` when nothing was there before, or a reference breaks a rule of its form. What
   * `accept` throws, with everything as it was.
   */
  activate(input: ActivationInput, accept?: Accept): Promise<ReloadReport>;
  /**
   * Resolves again what is in use, and nothing that was read since. What fails keeps its last good value and
   * keeps nothing else from being new, whatever `secrets.onFailure` says.
   */
  renew(): Promise<ReloadReport>;
  /**
   * Asks for one reference again, at most once in 30 seconds, and gives its value to all that hold it. Does nothing where
   * what is in use was resolved by another `resolver`: a request that began before goes on with what it began with.
   *
   * @returns whether `current` is still of that resolver.
   */
  renewReference(ref: SecretRef, resolver: SecretResolver, signal?: AbortSignal): Promise<boolean>;
  close(): void;
}

/** Judges what is to take the place of what was there. */
type Accept = (next: ActiveSecrets) => Promise<void>;

/** How the secrets of a home are held. */
export interface HomeSecretsOptions {
  readonly use: HomeUse;
  readonly clock: Clock;
  /** Given, a provider that fails is asked again, and the next start spares it for a while. */
  readonly startBackoff?: Omit<StartBackoffOptions, "clock"> | undefined;
}

/** Holds the secrets of a home. Whoever only looks runs no command, and nothing stops them, nor who tries accounts out. */
export function createHomeSecrets({ use, clock, startBackoff }: HomeSecretsOptions): HomeSecrets {
  let input: ActivationInput | undefined;
  let adopted: ActivationInput | undefined;
  let isRenewing = false;
  let accepting: Accept | undefined;
  const isLenient = use === "inspect" || use === "probe";
  const latest: BatchResolver = { resolveAll: async (refs, options) => (await input?.resolver.resolveAll(refs, options)) ?? new Map() };
  const snapshot: SecretSnapshot = createSecretSnapshot({
    resolver: startBackoff ? withStartBackoff(latest, { ...startBackoff, clock }) : latest,
    surfaces: [],
    get onFailure() {
      return isLenient || isRenewing ? "isolate" : (input?.onFailure ?? "strict");
    },
    allowExec: use !== "inspect",
    clock,
    accept: async (next) => accepting?.(next),
  });
  const closing = new AbortController();
  const renewReference = createReferenceRenewal({
    clock,
    async ask(ref) {
      const resolver = adopted?.resolver;
      const outcome = (await resolver?.resolveAll([ref], { signal: closing.signal }))?.get(formatSecretRef(ref));
      if (outcome !== undefined && resolver === adopted?.resolver) snapshot.adopt(ref, outcome);
    },
  });
  return {
    get current() {
      return snapshot.current;
    },
    async renewReference(ref, resolver, signal) {
      if (use !== "inspect" && resolver === adopted?.resolver) await renewReference(ref, signal);
      return resolver === adopted?.resolver;
    },
    async activate(given, accept) {
      if (!isLenient && given.onFailure === "strict") requireWellFormed(given);
      const surfaces = isLenient ? given.surfaces.map((surface) => ({ ...surface, isRequired: false })) : given.surfaces;
      input = { ...given, surfaces };
      accepting = accept;
      try {
        const report = await snapshot.reload(surfaces);
        if (report.outcome === "swapped") adopted = input;
        return report;
      } finally {
        accepting = undefined;
      }
    },
    async renew() {
      input = adopted;
      isRenewing = true;
      try {
        return await snapshot.reload(adopted?.surfaces);
      } finally {
        isRenewing = false;
      }
    },
    close() {
      closing.abort();
      snapshot.close();
    },
  };
}

/** What references stand for: those that were activated, and any variable of the environment. */
export function lookUp(active: ActiveSecrets, resolver: SecretResolver): ProfileSecrets {
  return { outcomeOf: (ref) => active.outcomeOf(ref) ?? resolver.outcomeOf(ref) };
}

function requireWellFormed({ broken }: HomeReferences): void {
  if (broken.length === 0) return;
  const lines = broken.map(({ path, error }) => `${path}: ${error.message}`);
  throw new SecretsError("activation-failed", `Not every secret could be resolved: ${lines.join("; ")}`, {
    cause: new AggregateError(broken.map(({ error }) => error)),
    hint: "correct the named places; openclaw secrets audit lists them all",
  });
}

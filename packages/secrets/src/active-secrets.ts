import { SecretsError, type SecretsErrorCode } from "./errors.ts";
import type { ResolveOutcome } from "./resolver.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";
import type { Secret } from "./secret.ts";

/** A place of the configuration that holds a reference. */
export interface Surface {
  /** Where it stands: `models.providers.x.apiKey`. */
  readonly path: string;
  /** What is off without it: a provider, an account, `gateway`. */
  readonly owner: string;
  readonly ref: SecretRef;
  /** A value is written beside the reference. It is not used, also when the reference leads to nothing. */
  readonly hasPlaintext?: boolean;
  /** `false`: nothing in use needs it, so it is not resolved. */
  readonly isActive?: boolean;
  readonly inactiveReason?: string;
  /** Nothing may start or change without it, also where failures are isolated: the gateway's own auth. */
  readonly isRequired?: boolean;
}

/** How a surface stands. `stale`: the value of the last time, because this time there was none. `cold`: no value at all. */
export type SurfaceState =
  | { readonly status: "live"; readonly ref: string; readonly resolvedAt: number; readonly expiresAt?: number }
  | {
      readonly status: "stale";
      readonly ref: string;
      readonly resolvedAt: number;
      readonly expiresAt?: number;
      readonly error: SecretsError;
    }
  | { readonly status: "cold"; readonly ref: string; readonly error: SecretsError }
  | { readonly status: "inactive"; readonly ref: string; readonly reason: string };

/** One generation of resolved secrets. It never changes. */
export interface ActiveSecrets {
  /** 0: nothing was activated yet. */
  readonly generation: number;
  /** The value of a surface; `undefined` where there is none, and then nothing else may be used in its place. */
  get(path: string): Secret | undefined;
  stateOf(path: string): SurfaceState | undefined;
  readonly paths: readonly string[];
  /** Every value in it once, for a redactor. */
  readonly secrets: readonly Secret[];
}

/** A reference that did not resolve. Holds no value. */
export interface SurfaceFailure {
  readonly path: string;
  readonly owner: string;
  /** `source:provider:id` */
  readonly ref: string;
  readonly code: SecretsErrorCode;
  readonly isRequired: boolean;
  readonly error: SecretsError;
}

interface Entry {
  readonly state: SurfaceState;
  readonly secret?: Secret;
}

/** The frozen form of what was judged. */
export function freezeSecrets(generation: number, entries: ReadonlyMap<string, Entry>): ActiveSecrets {
  const secrets = new Set([...entries.values()].map((entry) => entry.secret).filter((secret) => secret !== undefined));
  return Object.freeze({
    generation,
    get: (path: string) => entries.get(path)?.secret,
    stateOf: (path: string) => entries.get(path)?.state,
    paths: Object.freeze([...entries.keys()]),
    secrets: Object.freeze([...secrets]),
  });
}

/**
 * What each surface becomes, given what its reference led to. A failed reference keeps its own value of
 * the generation before, unless that has expired; it never takes another's.
 */
export function judgeSurfaces(
  surfaces: readonly Surface[],
  outcomes: ReadonlyMap<string, ResolveOutcome>,
  previous: ActiveSecrets,
  now: number,
): { readonly entries: ReadonlyMap<string, Entry>; readonly failures: readonly SurfaceFailure[] } {
  const lastGood = valuesByRef(previous);
  const entries = new Map<string, Entry>();
  const failures: SurfaceFailure[] = [];
  for (const surface of surfaces) {
    const ref = formatSecretRef(surface.ref);
    if (surface.isActive === false) {
      entries.set(surface.path, entryOf({ status: "inactive", ref, reason: surface.inactiveReason ?? "not in use" }));
      continue;
    }
    const outcome = outcomes.get(ref);
    if (outcome?.status === "resolved") {
      const { secret, expiresAt } = outcome;
      entries.set(
        surface.path,
        entryOf({ status: "live", ref, resolvedAt: now, ...(expiresAt === undefined ? {} : { expiresAt }) }, secret),
      );
      continue;
    }
    const error = outcome?.status === "failed" ? outcome.error : notTried(ref);
    failures.push({ path: surface.path, owner: surface.owner, ref, code: error.code, isRequired: surface.isRequired ?? false, error });
    entries.set(surface.path, staleEntry(lastGood.get(ref), error, now) ?? entryOf({ status: "cold", ref, error }));
  }
  return { entries, failures };
}

/** Paths whose value is another, has come or has gone. */
export function changedPaths(before: ActiveSecrets, after: ActiveSecrets): readonly string[] {
  return [...new Set([...before.paths, ...after.paths])].filter((path) => {
    const [old, fresh] = [before.get(path), after.get(path)];
    return old === undefined || fresh === undefined ? old !== fresh : !old.equals(fresh);
  });
}

function valuesByRef(secrets: ActiveSecrets): ReadonlyMap<string, Entry> {
  const entries = secrets.paths.flatMap((path) => {
    const [state, secret] = [secrets.stateOf(path), secrets.get(path)];
    return state === undefined || secret === undefined ? [] : [{ state, secret }];
  });
  return new Map(entries.map((entry) => [entry.state.ref, entry]));
}

function staleEntry(entry: Entry | undefined, error: SecretsError, now: number): Entry | undefined {
  if (entry?.secret === undefined || (entry.state.status !== "live" && entry.state.status !== "stale")) return undefined;
  const { ref, resolvedAt, expiresAt } = entry.state;
  if (expiresAt === undefined) return entryOf({ status: "stale", ref, resolvedAt, error }, entry.secret);
  return expiresAt > now ? entryOf({ status: "stale", ref, resolvedAt, expiresAt, error }, entry.secret) : undefined;
}

function entryOf(state: SurfaceState, secret?: Secret): Entry {
  return Object.freeze({ state: Object.freeze(state), ...(secret === undefined ? {} : { secret }) });
}

function notTried(ref: string): SecretsError {
  return new SecretsError("reference-unresolved", `${ref} was not resolved`);
}

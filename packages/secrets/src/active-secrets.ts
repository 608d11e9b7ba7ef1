import type { Clock } from "./clock.ts";
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

/**
 * How a surface stands. `stale`: the value of the last time, because this time there was none. `cold`: no value at all.
 * `skipped`: nobody asked, because its reference is to a command and none may be run here; it may well be fine.
 */
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
  | { readonly status: "skipped"; readonly ref: string }
  | { readonly status: "inactive"; readonly ref: string; readonly reason: string };

/** What a reference stands for in one generation, wherever it is written. A stale value is a resolved one. */
export type ActiveOutcome =
  | { readonly status: "resolved"; readonly secret: Secret }
  | { readonly status: "failed"; readonly error: SecretsError }
  | { readonly status: "skipped" };

/** One generation of resolved secrets. It never changes, except that a value is gone, and its surface cold, from its expiry on. */
export interface ActiveSecrets {
  /** 0: nothing was activated yet. */
  readonly generation: number;
  /** The value of a surface; `undefined` where there is none, and then nothing else may be used in its place. */
  get(path: string): Secret | undefined;
  stateOf(path: string): SurfaceState | undefined;
  /** What a reference led to; `undefined` where no active surface holds it. */
  outcomeOf(ref: SecretRef): ActiveOutcome | undefined;
  readonly paths: readonly string[];
  /** Every value in it once, for a redactor, and those that expired too. */
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

/** A surface as it was judged: its expiry has not been looked at since. */
export interface SurfaceEntry {
  readonly state: SurfaceState;
  readonly secret?: Secret;
}

/** The frozen form of what was judged. */
export function freezeSecrets(generation: number, entries: ReadonlyMap<string, SurfaceEntry>, clock: Pick<Clock, "now">): ActiveSecrets {
  const secrets = new Set([...entries.values()].map((entry) => entry.secret).filter((secret) => secret !== undefined));
  const byRef = entriesByRef(entries);
  const at = (path: string) => asOf(entries.get(path), clock.now());
  return Object.freeze({
    generation,
    get: (path: string) => at(path)?.secret,
    stateOf: (path: string) => at(path)?.state,
    outcomeOf: (ref: SecretRef) => outcomeOf(asOf(byRef.get(formatSecretRef(ref)), clock.now())),
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
  previous: ReadonlyMap<string, SurfaceEntry>,
  now: number,
): { readonly entries: ReadonlyMap<string, SurfaceEntry>; readonly failures: readonly SurfaceFailure[] } {
  const lastGood = entriesByRef(previous);
  const entries = new Map<string, SurfaceEntry>();
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
    if (outcome?.status === "skipped") {
      entries.set(surface.path, entryOf({ status: "skipped", ref }));
      continue;
    }
    const error = outcome?.status === "failed" ? outcome.error : notTried(ref);
    failures.push({ path: surface.path, owner: surface.owner, ref, code: error.code, isRequired: surface.isRequired ?? false, error });
    entries.set(surface.path, staleEntry(lastGood.get(ref), error, now) ?? entryOf({ status: "cold", ref, error }));
  }
  return { entries, failures };
}

/** Paths whose value is another, has come or has gone. */
export function changedPaths(before: ReadonlyMap<string, SurfaceEntry>, after: ReadonlyMap<string, SurfaceEntry>): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [old, fresh] = [before.get(path)?.secret, after.get(path)?.secret];
    return old === undefined || fresh === undefined ? old !== fresh : !old.equals(fresh);
  });
}

/** Of those that are in use. Surfaces of one reference stand alike. */
function entriesByRef(entries: ReadonlyMap<string, SurfaceEntry>): ReadonlyMap<string, SurfaceEntry> {
  const inUse = [...entries.values()].filter(({ state }) => state.status !== "inactive");
  return new Map(inUse.map((entry) => [entry.state.ref, entry]));
}

/** The entry as it stands now: a value that has expired is none. */
function asOf(entry: SurfaceEntry | undefined, now: number): SurfaceEntry | undefined {
  if (entry?.state.status !== "live" && entry?.state.status !== "stale") return entry;
  const { ref, expiresAt } = entry.state;
  return expiresAt === undefined || expiresAt > now ? entry : entryOf({ status: "cold", ref, error: expired(ref) });
}

function outcomeOf(entry: SurfaceEntry | undefined): ActiveOutcome | undefined {
  if (entry === undefined) return undefined;
  const { state, secret } = entry;
  if (secret !== undefined) return { status: "resolved", secret };
  if (state.status === "skipped") return { status: "skipped" };
  return state.status === "cold" ? { status: "failed", error: state.error } : undefined;
}

function staleEntry(entry: SurfaceEntry | undefined, error: SecretsError, now: number): SurfaceEntry | undefined {
  if (entry?.secret === undefined || (entry.state.status !== "live" && entry.state.status !== "stale")) return undefined;
  const { ref, resolvedAt, expiresAt } = entry.state;
  if (expiresAt === undefined) return entryOf({ status: "stale", ref, resolvedAt, error }, entry.secret);
  return expiresAt > now ? entryOf({ status: "stale", ref, resolvedAt, expiresAt, error }, entry.secret) : undefined;
}

function entryOf(state: SurfaceState, secret?: Secret): SurfaceEntry {
  return Object.freeze({ state: Object.freeze(state), ...(secret === undefined ? {} : { secret }) });
}

function notTried(ref: string): SecretsError {
  return new SecretsError("reference-unresolved", `${ref} was not resolved`);
}

function expired(ref: string): SecretsError {
  return new SecretsError("value-expired", `${ref}: the value has expired and there is no newer one`, {
    hint: "openclaw secrets reload",
  });
}

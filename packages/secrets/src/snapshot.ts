import { abortable } from "./abortable.ts";
import {
  changedPaths,
  freezeSecrets,
  judgeSurfaces,
  type ActiveSecrets,
  type Surface,
  type SurfaceEntry,
  type SurfaceFailure,
} from "./active-secrets.ts";
import { systemClock, type Clock } from "./clock.ts";
import { SecretsError } from "./errors.ts";
import type { ResolveOutcome } from "./resolver.ts";
import { formatSecretRef, type SecretRef } from "./secret-ref.ts";

/** Resolves many references at once; every outcome is keyed by {@link formatSecretRef}. */
export interface BatchResolver {
  resolveAll(refs: readonly SecretRef[], options: BatchOptions): Promise<ReadonlyMap<string, ResolveOutcome>>;
}

/** What a snapshot tells its resolver. */
export interface BatchOptions {
  readonly signal: AbortSignal;
  readonly allowExec: boolean;
  /** Nothing was activated yet, and this is to be. */
  readonly isStart: boolean;
}

/** What {@link createSecretSnapshot} takes. */
export interface SecretSnapshotOptions {
  readonly resolver: BatchResolver;
  readonly surfaces: readonly Surface[];
  /** `strict`: one broken reference stops the start or the reload. `isolate`: it only turns its owner off, unless it is required. Read at every turn. */
  readonly onFailure: "strict" | "isolate";
  /** `false` runs no command, for what only reads: such references are neither resolved nor failed, but `skipped`. */
  readonly allowExec?: boolean;
  readonly clock?: Clock;
  /** Asked before `next` takes the place of what was there, by a reload only. What it throws the reload throws, with everything as it was. */
  readonly accept?: (next: ActiveSecrets) => Promise<void>;
  /** Called right before `next` takes the place of `previous`: time for a redactor to learn the new values and keep the old ones until drained. */
  readonly onSwap?: (next: ActiveSecrets, previous: ActiveSecrets) => void;
}

/** The documented codes. */
export type SecretsDiagnosticCode =
  | "SECRETS_RELOADER_DEGRADED"
  | "SECRETS_RELOADER_RECOVERED"
  | "SECRETS_REF_OVERRIDES_PLAINTEXT"
  | "SECRETS_REF_IGNORED_INACTIVE_SURFACE";

/** Something to log. Holds no value. */
export interface SecretsDiagnostic {
  readonly code: SecretsDiagnosticCode;
  readonly path?: string;
  readonly message: string;
}

/** What an activation or a reload did. Holds no value. */
export interface ReloadReport {
  /** `kept`: something did not resolve and the last known good is still the current one. */
  readonly outcome: "swapped" | "kept";
  /** Of what is current now. */
  readonly generation: number;
  /** Paths whose value is another, has come or has gone. */
  readonly changed: readonly string[];
  readonly failures: readonly SurfaceFailure[];
  readonly diagnostics: readonly SecretsDiagnostic[];
}

/** The secrets of a running program, swapped whole. */
export interface SecretSnapshot {
  /** Take it once per request and read all of the request from it. Empty until activated. */
  readonly current: ActiveSecrets;
  /** @throws {SecretsError} `activation-failed`, naming every reference that did not resolve; `snapshot-closed`. */
  activate(): Promise<ReloadReport>;
  /**
   * Resolves again, given surfaces or the last ones given. It waits for the one that runs; those who ask
   * meanwhile share the next one, with the surfaces given last.
   *
   * @throws {SecretsError} `snapshot-closed`; before anything was activated also as {@link SecretSnapshot.activate}.
   */
  reload(surfaces?: readonly Surface[]): Promise<ReloadReport>;
  /**
   * Takes over what one reference led to when it was asked for out of turn. A failure keeps the value there is. What a
   * surface that is required holds changes by a reload only, together with all that depends on it.
   */
  adopt(ref: SecretRef, outcome: ResolveOutcome): ReloadReport;
  /** Resolves surfaces as a reload would and says which fail. Nothing is swapped, reported as degraded or remembered. */
  check(surfaces: readonly Surface[]): Promise<readonly SurfaceFailure[]>;
  /** Ends what is under way. Nothing is swapped from here on; `current` stays. */
  close(): void;
}

/**
 * Holds the secrets of a configuration: each reference is resolved once, all of them take effect together,
 * and a reload that fails leaves what was there.
 *
 * @example
 * const snapshot = createSecretSnapshot({ resolver, surfaces, onFailure: "strict" });
 * await snapshot.activate();
 * const key = snapshot.current.get("models.providers.x.apiKey");
 */
export function createSecretSnapshot(options: SecretSnapshotOptions): SecretSnapshot {
  const { resolver, onSwap, allowExec = true, clock = systemClock } = options;
  const closing = new AbortController();
  let wanted = options.surfaces;
  /** Those that `held` was judged for. */
  let heldFor: readonly Surface[] = [];
  let held: ReadonlyMap<string, SurfaceEntry> = new Map();
  let current = freezeSecrets(0, held, clock);
  let isDegraded = false;
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<ReloadReport> | undefined;

  async function judge(surfaces: readonly Surface[], isStart: boolean): Promise<ReturnType<typeof judgeSurfaces>> {
    const { signal } = closing;
    signal.throwIfAborted();
    const outcomes = await resolveOnce(resolver, surfaces, { signal, allowExec, isStart });
    signal.throwIfAborted();
    return judgeSurfaces(surfaces, outcomes, held, clock.now());
  }

  function hold(entries: ReadonlyMap<string, SurfaceEntry>): void {
    const fresh = freezeSecrets(current.generation + 1, entries, clock);
    onSwap?.(fresh, current);
    current = fresh;
    held = entries;
  }

  function adopt(ref: SecretRef, outcome: ResolveOutcome): ReloadReport {
    const name = formatSecretRef(ref);
    const surfaces = heldFor.filter(
      (surface) => surface.isActive !== false && surface.isRequired !== true && formatSecretRef(surface.ref) === name,
    );
    const before = held;
    const { entries, failures } = judgeSurfaces(surfaces, new Map([[name, outcome]]), held, clock.now());
    if (surfaces.length > 0) hold(new Map([...held, ...entries]));
    const diagnostics = failures.length === 0 ? [] : healthDiagnostics(isDegraded, failures);
    isDegraded ||= failures.length > 0;
    return Object.freeze({
      outcome: "swapped",
      generation: current.generation,
      changed: changedPaths(before, held),
      failures,
      diagnostics,
    });
  }

  async function swap(): Promise<ReloadReport> {
    const surfaces = wanted;
    const { entries, failures } = await judge(surfaces, current.generation === 0);
    const isKept = failures.some((failure) => options.onFailure === "strict" || failure.isRequired);
    if (isKept && current.generation === 0) throw activationError(failures);
    if (!isKept && options.accept) {
      await options.accept(freezeSecrets(current.generation + 1, entries, clock));
      closing.signal.throwIfAborted();
    }
    const before = held;
    if (!isKept) {
      hold(entries);
      heldFor = surfaces;
    }
    const diagnostics = [...surfaceDiagnostics(surfaces), ...healthDiagnostics(isDegraded, failures)];
    isDegraded = failures.length > 0;
    return Object.freeze({
      outcome: isKept ? "kept" : "swapped",
      generation: current.generation,
      changed: changedPaths(before, held),
      failures,
      diagnostics,
    });
  }

  function enqueue(): Promise<ReloadReport> {
    if (next !== undefined) return next;
    const begin = () => {
      next = undefined;
      return swap();
    };
    const queued = running.then(begin, begin);
    next = queued;
    running = queued;
    return queued;
  }

  return {
    get current() {
      return current;
    },
    activate: async () => enqueue(),
    async reload(surfaces) {
      closing.signal.throwIfAborted();
      wanted = surfaces ?? wanted;
      return enqueue();
    },
    adopt,
    check: async (surfaces) => (await judge(surfaces, false)).failures,
    close() {
      closing.abort(new SecretsError("snapshot-closed", "The secrets are no longer reloaded: the program is ending"));
    },
  };
}

/** Asks for each active reference once. A resolver that refuses the whole request has refused each of them. */
async function resolveOnce(
  resolver: BatchResolver,
  surfaces: readonly Surface[],
  options: BatchOptions,
): Promise<ReadonlyMap<string, ResolveOutcome>> {
  const { signal } = options;
  const active = surfaces.filter((surface) => surface.isActive !== false);
  const refs = new Map(active.map((surface) => [formatSecretRef(surface.ref), surface.ref]));
  if (refs.size === 0) return new Map();
  try {
    return await abortable(resolver.resolveAll([...refs.values()], options), signal);
  } catch (error) {
    if (signal.aborted || !(error instanceof SecretsError)) throw error;
    return new Map([...refs.keys()].map((ref) => [ref, { status: "failed", error }]));
  }
}

function activationError(failures: readonly SurfaceFailure[]): SecretsError {
  const lines = failures.map(({ path, ref, code }) => `${path} (${ref}): ${code}`);
  return new SecretsError("activation-failed", `Not every secret could be resolved: ${lines.join("; ")}`, {
    cause: new AggregateError(failures.map((failure) => failure.error)),
  });
}

function surfaceDiagnostics(surfaces: readonly Surface[]): readonly SecretsDiagnostic[] {
  return surfaces.flatMap(({ path, ref, hasPlaintext, isActive, inactiveReason }): SecretsDiagnostic[] => {
    const name = formatSecretRef(ref);
    if (isActive === false) {
      const message = `${path}: ${name} is not resolved: ${inactiveReason ?? "not in use"}`;
      return [{ code: "SECRETS_REF_IGNORED_INACTIVE_SURFACE", path, message }];
    }
    if (!hasPlaintext) return [];
    return [{ code: "SECRETS_REF_OVERRIDES_PLAINTEXT", path, message: `${path}: ${name} is used, the value written beside it is not` }];
  });
}

function healthDiagnostics(wasDegraded: boolean, failures: readonly SurfaceFailure[]): readonly SecretsDiagnostic[] {
  if (failures.length === 0) {
    return wasDegraded ? [{ code: "SECRETS_RELOADER_RECOVERED", message: "Every secret is resolved again" }] : [];
  }
  if (wasDegraded) return [];
  const names = failures.map(({ path, code }) => `${path} (${code})`).join(", ");
  return [{ code: "SECRETS_RELOADER_DEGRADED", message: `Not every secret could be resolved: ${names}` }];
}

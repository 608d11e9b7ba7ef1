import type { ExcludedCandidate } from "./plan.ts";

/** Why nothing was tried, or what became of kept health. Adding a code is a minor change, removing one a major. */
export type RotationErrorCode = "no-credentials" | "all-cooling" | "state-unreadable" | "state-newer" | "state-unwritable";

/** A credential that could not be tried, and until when (epoch milliseconds). */
export interface CoolingCandidate {
  readonly id: string;
  /** Where it is kept, if it is. */
  readonly store?: string;
  readonly origin: string;
  /** End of its window. In the past or now: another request tries it at this moment. */
  readonly until: number;
  /** `rate_limit`, `billing` or `auth_permanent`; `busy` where as many requests are under way with it as may be. */
  readonly reason: string;
}

/** What a {@link RotationError} may carry beside its message. */
export interface RotationErrorOptions extends ErrorOptions {
  readonly hint?: string;
  readonly cooling?: readonly CoolingCandidate[];
  readonly excluded?: readonly ExcludedCandidate[];
}

/**
 * There was nothing to try: no credential, or none outside its cooldown window. Or the file that health is kept in cannot be
 * read or written. The message names no credential, because ids are often e-mail addresses; `cooling` and `excluded` do.
 */
export class RotationError extends Error {
  override readonly name = "RotationError";
  readonly code: RotationErrorCode;
  readonly hint: string | undefined;
  /** With `all-cooling`: each credential with the end of its window, soonest first. */
  readonly cooling: readonly CoolingCandidate[];
  /** Credentials the plan had left out, and why. */
  readonly excluded: readonly ExcludedCandidate[];

  constructor(code: RotationErrorCode, message: string, options: RotationErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.cooling = options.cooling ?? [];
    this.excluded = options.excluded ?? [];
  }
}

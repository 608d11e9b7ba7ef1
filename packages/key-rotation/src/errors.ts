export type RotationErrorCode = "no-credentials" | "all-cooling";

/** A credential that could not be tried, and until when (epoch milliseconds). */
export interface CoolingCandidate {
  readonly id: string;
  readonly origin: string;
  readonly until: number;
  readonly reason: string;
}

export interface RotationErrorOptions extends ErrorOptions {
  readonly hint?: string;
  readonly cooling?: readonly CoolingCandidate[];
}

/** There was nothing to try: no credential, or none outside its cooldown window. */
export class RotationError extends Error {
  override readonly name = "RotationError";
  readonly code: RotationErrorCode;
  readonly hint: string | undefined;
  /** With `all-cooling`: each credential with the end of its window, soonest first. */
  readonly cooling: readonly CoolingCandidate[];

  constructor(code: RotationErrorCode, message: string, options: RotationErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.cooling = options.cooling ?? [];
  }
}

import type { SecretsError } from "../errors.ts";
import type { Secret } from "../secret.ts";

/** What became of one reference. */
export type BackendAnswer =
  | { readonly status: "resolved"; readonly secret: Secret; readonly expiresAt?: number }
  | { readonly status: "failed"; readonly error: SecretsError };

/** A configured secret provider. */
export interface SecretBackend {
  /**
   * Answers every id that is asked, each once. What cannot be resolved is an answer, not an exception.
   *
   * @throws the signal's reason, as it came.
   */
  resolve(ids: readonly string[], signal?: AbortSignal): Promise<ReadonlyMap<string, BackendAnswer>>;
  /** Asks anew for these ids next time, where failures are remembered. */
  forget?(ids: readonly string[]): void;
}

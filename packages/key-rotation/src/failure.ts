/** What went wrong, as far as rotation cares. */
export type FailureClass =
  | "rate_limit"
  | "billing"
  | "auth"
  | "auth_permanent"
  | "overloaded"
  | "timeout"
  | "format"
  | "model_not_found"
  | "context_overflow"
  | "session_expired"
  | "server"
  | "unknown";

/** What the failure speaks of: this credential for this model, the whole credential, its quota bucket, or the provider. */
export type FailureScope = "model" | "credential" | "bucket" | "provider";

/** A judged failure: what it is, what it speaks of, and why it was judged so. */
export interface Failure {
  readonly class: FailureClass;
  readonly scope: FailureScope;
  /** Which cooldown window it opens, where that differs from its class (a 429 that says the quota is unpaid). */
  readonly window?: "rate_limit" | "billing";
  /** When the provider says to come back, epoch milliseconds. */
  readonly retryAt?: number;
  readonly status?: number;
  /** The provider's own error code, such as `insufficient_quota`. */
  readonly providerCode?: string;
  /** Name of the classification rule that decided. */
  readonly rule: string;
}

/** How one attempt ended, before it is judged. */
export type Settled<T> = { readonly status: "fulfilled"; readonly value: T } | { readonly status: "rejected"; readonly reason: unknown };

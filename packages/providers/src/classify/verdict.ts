import type { FailureClass, FailureScope } from "@openclaw/key-rotation";

/** What one rule concludes. `scope` and `window` where they differ from what the class implies. */
export interface Verdict {
  readonly class: FailureClass;
  /** Stable name of the rule. */
  readonly rule: string;
  readonly scope?: FailureScope;
  readonly window?: "billing";
  /** The code that decided, as the provider spelt it. */
  readonly code?: string;
}

/**
 * What a failure of each class speaks of. A rate limit is one model's unless something says that it
 * is the account's: two models that fail must not take a third one down.
 */
export const scopeOf: Readonly<Record<FailureClass, FailureScope>> = {
  rate_limit: "model",
  billing: "credential",
  auth: "credential",
  auth_permanent: "credential",
  session_expired: "credential",
  overloaded: "provider",
  server: "provider",
  timeout: "provider",
  model_not_found: "model",
  format: "model",
  context_overflow: "model",
  unknown: "model",
};

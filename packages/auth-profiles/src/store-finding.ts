/** What can be wrong with a store that a person or another program wrote. */
export type StoreFindingCode =
  | "not-readable"
  | "not-writable"
  | "newer-version"
  | "version-invalid"
  | "flat-store"
  | "beside-profiles"
  | "not-an-entry"
  | "type-missing"
  | "type-unknown"
  | "provider-missing"
  | "id-without-provider"
  | "field-misnamed"
  | "field-not-read"
  | "credential-missing"
  | "value-refused"
  | "value-doubtful"
  | "reference-invalid"
  | "reference-as-text"
  | "reference-in-login"
  | "reference-unset"
  | "reference-beside-value"
  | "expires-invalid"
  | "expires-in-seconds"
  | "expired"
  | "order-invalid"
  | "order-unknown-id"
  | "order-other-provider"
  | "part-invalid";

/** One mistake. Names fields and rules, never a value. */
export interface StoreFinding {
  readonly code: StoreFindingCode;
  /** An `error` keeps something from working; a `warning` is read as it was meant, or will matter later. */
  readonly severity: "error" | "warning";
  /** Where, such as `profiles.anthropic:work.expires`; `$` is the whole file. */
  readonly path: string;
  readonly message: string;
  readonly profileId?: string;
  /** The name or the word that was meant. */
  readonly didYouMean?: string;
  /** What to type. */
  readonly fix?: string;
}

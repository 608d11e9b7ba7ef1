/** What a person should know about a plan that is carried out all the same. Holds no value. */
export interface ApplyWarning {
  readonly code:
    | "value-differs"
    | "value-not-compared"
    | "unscrubbed"
    | "profile-emptied"
    | "environment-only"
    | "reference-broken"
    | "file-skipped"
    | "provider-created";
  readonly message: string;
  readonly file?: string;
  /** The place in the file. */
  readonly path?: string;
}

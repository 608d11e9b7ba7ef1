/** What went wrong. Adding a code is a minor change, removing one a major. */
export type SecretsErrorCode =
  | "invalid-reference"
  | "reference-unresolved"
  | "value-refused"
  | "value-expired"
  | "file-refused"
  | "file-unreadable"
  | "command-refused"
  | "command-failed"
  | "command-bad-output"
  | "timed-out"
  | "provider-backing-off"
  | "file-exists"
  | "file-is-link"
  | "file-write-failed"
  | "folder-refused"
  | "lock-timeout"
  | "lock-reentered"
  | "lock-failed"
  | "seal-key-invalid"
  | "seal-broken"
  | "activation-failed"
  | "snapshot-closed";

/** What an error may carry beside its message. */
export interface SecretsErrorOptions extends ErrorOptions {
  /** What to type or change. */
  readonly hint?: string;
}

/** Names a reference, a rule or a path. Never holds a value. */
export class SecretsError extends Error {
  override readonly name = "SecretsError";
  readonly code: SecretsErrorCode;
  readonly hint: string | undefined;

  constructor(code: SecretsErrorCode, message: string, options: SecretsErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

/** What went wrong. Adding a code is a minor change, removing one a major. */
export type HomeErrorCode =
  | "config-unreadable"
  | "config-invalid"
  | "env-unreadable"
  | "unknown-agent"
  | "unknown-model"
  | "unknown-credential"
  | "oauth-unconfigured"
  | "salt-unreadable"
  | "json-invalid"
  | "json-path-refused"
  | "file-changed"
  | "file-refused"
  | "files-unstable"
  | "journal-refused"
  | "transaction-conflict"
  | "transaction-unfinished";

/** What an error may carry beside its message. */
export interface HomeErrorOptions extends ErrorOptions {
  /** What to type or change. */
  readonly hint?: string;
}

/** Something in the state folder is broken, or is not there. Names the file and the place in it, never what stands there. */
export class HomeError extends Error {
  override readonly name = "HomeError";
  readonly code: HomeErrorCode;
  readonly hint: string | undefined;

  constructor(code: HomeErrorCode, message: string, options: HomeErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

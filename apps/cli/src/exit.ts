/** 0 fine; 1 failure or usage (`status --check`: expired or missing); 2 `--check`: expiring; 70 a bug; 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 70 | 130;

/** A failure with a message for a person and, where there is one, what to type. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

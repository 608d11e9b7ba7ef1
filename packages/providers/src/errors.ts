export type ProviderErrorCode =
  | "base-url-refused"
  | "foreign-host"
  | "redirect-refused"
  | "request-too-large"
  | "secret-unsendable"
  | "unsupported-auth";

export interface ProviderErrorOptions extends ErrorOptions {
  /** What to type or change. */
  readonly hint?: string;
}

/** Names a rule, a provider or a credential's origin. Never holds a secret, nor the text of a URL. */
export class ProviderError extends Error {
  override readonly name = "ProviderError";
  readonly code: ProviderErrorCode;
  readonly hint: string | undefined;

  constructor(code: ProviderErrorCode, message: string, options: ProviderErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}

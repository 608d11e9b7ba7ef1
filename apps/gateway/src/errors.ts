export type GatewayErrorCode =
  | "token-missing"
  | "token-weak"
  | "token-duplicate"
  | "client-invalid"
  | "token-unreadable"
  | "address-in-use"
  | "listen-failed"
  | "unauthorized"
  | "too-many-wrong-tokens"
  | "overloaded"
  | "upgrade-refused"
  | "headers-too-large"
  | "forbidden"
  | "not-found"
  | "method-not-allowed"
  | "unsupported-media-type"
  | "body-too-large"
  | "invalid-request"
  | "model-not-found"
  | "model-not-allowed"
  | "agent-not-found"
  | "profile-not-found"
  | "profile-not-allowed"
  | "agent-not-allowed"
  | "dialect-mismatch"
  | "provider-unusable"
  | "no-credentials"
  | "ref-unresolved"
  | "address-refused"
  | "reload-failed"
  | "sessions-unreadable"
  | "sessions-unwritable"
  | "too-many-listeners"
  | "upstream-redirect"
  | "upstream-unreachable"
  | "upstream-timeout"
  | "upstream-empty"
  | "upstream-web-page";

export interface GatewayErrorOptions extends ErrorOptions {
  readonly hint?: string;
  /** When it is worth another try. */
  readonly retryAfterSeconds?: number;
}

/** Why the gateway did not start, or what it answers a client itself. The message is safe to show. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: GatewayErrorCode;
  readonly hint: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: GatewayErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

const statuses: Partial<Readonly<Record<GatewayErrorCode, number>>> = {
  // Of a reload: what was there stays.
  "token-missing": 503,
  "token-weak": 503,
  "token-duplicate": 503,
  "token-unreadable": 503,
  "client-invalid": 503,
  unauthorized: 401,
  "too-many-wrong-tokens": 429,
  overloaded: 503,
  "upgrade-refused": 426,
  "headers-too-large": 431,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "unsupported-media-type": 415,
  "body-too-large": 413,
  "invalid-request": 400,
  "model-not-found": 404,
  "model-not-allowed": 403,
  "agent-not-found": 404,
  "profile-not-found": 404,
  "profile-not-allowed": 403,
  "agent-not-allowed": 403,
  "dialect-mismatch": 400,
  "provider-unusable": 503,
  "no-credentials": 503,
  "ref-unresolved": 503,
  "address-refused": 502,
  "reload-failed": 503,
  "sessions-unreadable": 503,
  "sessions-unwritable": 503,
  "too-many-listeners": 503,
  "upstream-redirect": 502,
  "upstream-unreachable": 502,
  "upstream-timeout": 504,
  "upstream-empty": 502,
  "upstream-web-page": 502,
};

/** HTTP status of the answer that tells a client of the error. */
export function statusOf(code: GatewayErrorCode): number {
  return statuses[code] ?? 500;
}

const ownErrors: ReadonlySet<string> = new Set(["HomeError", "AuthProfileError", "SecretsError"]);

/** Whether an error is one of the account packages. Such name files, places and references, never a value, and may be shown. */
export function isOwnError(error: unknown): error is Error & { readonly code: string; readonly hint?: string } {
  return error instanceof Error && ownErrors.has(error.name) && "code" in error && typeof error.code === "string";
}

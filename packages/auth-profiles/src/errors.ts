import type { ReasonCode } from "./eligibility.ts";

export type AuthProfileErrorCode =
  | "store-malformed"
  | "store-unreadable"
  | "store-newer"
  | "store-unwritable"
  | "legacy-read-only"
  | "credential-refused"
  | "profile-not-found"
  | "profile-unusable"
  | "oauth-expired"
  | "oauth-refresh-rejected"
  | "oauth-denied"
  | "oauth-unavailable"
  | "refresh-indeterminate"
  | "oauth-bad-answer"
  | "oauth-endpoint-refused"
  | "refresh-busy"
  | "account-mismatch"
  | "login-timeout"
  | "login-refused"
  | "login-file-invalid"
  | "ref-unresolved"
  | "ref-policy";

export interface AuthProfileErrorOptions extends ErrorOptions {
  /** What to type or change. */
  readonly hint?: string;
  readonly profileId?: string;
  /** With `profile-unusable`: what is wrong with the profile. */
  readonly reason?: ReasonCode;
  /** With `oauth-unavailable`, and `oauth-denied` of a refresh: when the provider is asked again, epoch milliseconds. */
  readonly retryAt?: number;
}

/** Names a profile, a rule, a path or a position. Never holds a value of the store. */
export class AuthProfileError extends Error {
  override readonly name = "AuthProfileError";
  readonly code: AuthProfileErrorCode;
  readonly hint: string | undefined;
  readonly profileId: string | undefined;
  readonly reason: ReasonCode | undefined;
  readonly retryAt: number | undefined;

  constructor(code: AuthProfileErrorCode, message: string, options: AuthProfileErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.profileId = options.profileId;
    this.reason = options.reason;
    this.retryAt = options.retryAt;
  }
}

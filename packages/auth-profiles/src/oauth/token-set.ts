import type { Secret } from "@openclaw/secrets";

/** What a token endpoint gave. Safe to print. */
export interface TokenSet {
  readonly access: Secret;
  /** Absent where the answer held none: the one that was sent stays good (RFC 6749 section 6). */
  readonly refresh?: Secret;
  /** When `access` ends, epoch milliseconds. Absent where the provider does not say. */
  readonly expiresAt?: number;
  /** Read from a token nobody verified: fit to tell accounts apart, not to trust one. */
  readonly accountId?: string;
  /** Read from a token nobody verified. */
  readonly email?: string;
  readonly scopes?: readonly string[];
}

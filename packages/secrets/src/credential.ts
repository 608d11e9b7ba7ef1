import type { Secret } from "./secret.ts";

/**
 * Who pays for a request: `metered` per token, `subscription` a flat plan (OAuth logins, setup-tokens),
 * `local` nobody. Moving from a subscription to a metered credential costs money nobody agreed to.
 */
export type BillingClass = "metered" | "subscription" | "local";

/** What is known of a credential without touching its secret. Safe to print. */
export interface CredentialInfo {
  /** Stable between runs: the profile id, or the fingerprint of a key without one. */
  readonly id: string;
  /** Canonical provider id, such as `anthropic`. */
  readonly provider: string;
  /** Where it came from, in words: `profile anthropic:work`, `ANTHROPIC_API_KEYS[1]`. */
  readonly origin: string;
  readonly billing: BillingClass;
  /** Origins (`https://api.anthropic.com`) the secret may be sent to. It is sent nowhere else. */
  readonly hosts: readonly string[];
  /** Names a quota that several credentials share, such as one cloud project. */
  readonly bucket?: string;
  /** How many requests may be under way with it at once. No limit unless given. */
  readonly maxConcurrent?: number;
  readonly profileId?: string;
  /** Where it is kept, such as the path of a store: two stores may hold different credentials under one id. */
  readonly store?: string;
}

/** A resolved credential, ready for one attempt. */
export type Credential = CredentialInfo & {
  /** Grows when the stored credential changes, so that an old outcome is not charged to a new secret. */
  readonly generation: number;
  /** Public facts a provider needs beside the secret, such as an account id. */
  readonly attributes?: Readonly<Record<string, string>>;
} & ({ readonly kind: "api-key" | "bearer"; readonly secret: Secret; readonly expiresAt?: number } | { readonly kind: "none" | "aws" });

/** What a candidate is told when its secret is needed. */
export interface ResolveRequest {
  /** Ends a refresh or a command that is under way. */
  readonly signal?: AbortSignal;
  /** The credential the provider just refused: forces one refresh instead of the cached value. */
  readonly rejected?: Credential;
}

/** A credential that could be tried. Its secret is not there until `resolve` is called. */
export interface Candidate extends CredentialInfo {
  /** Stored profiles fail over on more than rate limits; bare keys do not. */
  readonly via: "profile" | "key";
  /** Whether `rejected` may lead to another secret. What is written down as it is stays what it is. */
  readonly isRenewable?: boolean;
  /** Synchronous while the credential is at hand; a promise when a refresh or a command must run. */
  resolve(request: ResolveRequest): Credential | Promise<Credential>;
}

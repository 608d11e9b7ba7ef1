import type { NormalizeProvider } from "../normalize-provider.ts";
import { plainProvider } from "../normalize-provider.ts";
import type { AuthProfile } from "../profile.ts";
import type { ImportedLogin } from "./imported-login.ts";

/** Which part of a login moves over. */
export interface PlaceLoginOptions {
  /** With the refresh token, which the other tool then must not use any more. */
  readonly takesOver: boolean;
  /** In place of whatever is stored. */
  readonly replaces: boolean;
  readonly normalizeProvider?: NormalizeProvider;
}

/** What an import does with the profile that is stored under its id. */
export type Placement =
  | { readonly outcome: "added" | "updated" | "replaced"; readonly profile: AuthProfile }
  | { readonly outcome: "unchanged" }
  /** The stored login is as fresh, or can be renewed, which the imported one cannot. */
  | { readonly outcome: "kept"; readonly why: "fresher" | "renewable" }
  /** It is no earlier import and no login of that account. */
  | { readonly outcome: "refused"; readonly why: "other-type" | "other-account" | "other-provider" };

/**
 * Decides about an import. A login of ours is never exchanged for one that is older or that cannot be
 * renewed, and an account never for another, unless `replaces` says so.
 */
export function placeLogin(login: ImportedLogin, stored: AuthProfile | undefined, options: PlaceLoginOptions): Placement {
  const profile = profileOf(login, options, stored);
  if (stored === undefined) return { outcome: "added", profile };
  if (isSame(profile, stored)) return { outcome: "unchanged" };
  if (options.replaces) return { outcome: "replaced", profile };
  const normalize = options.normalizeProvider ?? plainProvider;
  if (normalize(stored.provider) !== normalize(profile.provider)) return { outcome: "refused", why: "other-provider" };
  if (stored.type !== profile.type) return { outcome: "refused", why: "other-type" };
  if (stored.type === "api_key") return { outcome: "refused", why: "other-type" };
  if (stored.type === "token" && stored.metadata?.["importedFrom"] !== login.owner) return { outcome: "refused", why: "other-account" };
  if (isOtherAccount(stored, profile)) return { outcome: "refused", why: "other-account" };
  const isFresher = typeof stored.expires === "number" && stored.expires > login.expiresAt;
  if (isFresher) return { outcome: "kept", why: "fresher" };
  const losesRefresh =
    stored.type === "oauth" && stored.refresh !== undefined && (profile.type !== "oauth" || profile.refresh === undefined);
  return losesRefresh ? { outcome: "kept", why: "renewable" } : { outcome: "updated", profile };
}

function profileOf(login: ImportedLogin, { takesOver }: PlaceLoginOptions, stored: AuthProfile | undefined): AuthProfile {
  const { owner, provider, access, refresh, expiresAt, accountId, email } = login;
  const metadata = { ...stored?.metadata, importedFrom: owner };
  const base = { provider, metadata, ...(email !== undefined && { email }) };
  const labels = stored?.displayName === undefined ? {} : { displayName: stored.displayName };
  // Claude Code's session is its own: what is used of it is a bearer token with an end.
  if (owner === "claude") return { type: "token", ...base, ...labels, secret: access, expires: expiresAt };
  return {
    type: "oauth",
    ...base,
    ...labels,
    access,
    expires: expiresAt,
    ...(takesOver && refresh && { refresh }),
    ...(accountId !== undefined && { accountId }),
  };
}

/** A workspace can be an account of several people, so either name tells them apart. What one does not say tells nothing. */
function isOtherAccount(stored: AuthProfile, imported: AuthProfile): boolean {
  const [was, is] = [stored, imported].map((profile) => (profile.type === "oauth" ? profile.accountId : undefined));
  const isOther = was !== undefined && is !== undefined && was !== is;
  return (
    isOther || (stored.email !== undefined && imported.email !== undefined && stored.email.toLowerCase() !== imported.email.toLowerCase())
  );
}

function isSame(one: AuthProfile, other: AuthProfile): boolean {
  if (one.metadata?.["importedFrom"] !== other.metadata?.["importedFrom"] || one.email !== other.email) return false;
  if (one.type === "token" && other.type === "token") return isEqual(one.secret, other.secret) && one.expires === other.expires;
  if (one.type !== "oauth" || other.type !== "oauth") return false;
  return (
    isEqual(one.access, other.access) &&
    isEqual(one.refresh, other.refresh) &&
    one.expires === other.expires &&
    one.accountId === other.accountId
  );
}

function isEqual<S extends { equals(other: S): boolean }>(one: S | undefined, other: S | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

import type { Secret, SecretDefaults, SecretRef } from "@openclaw/secrets";
import { parseExpiry, type Expiry } from "./expiry.ts";
import { otherNamesIn, withDocumentedNames, type OtherName } from "./field-names.ts";
import { frozenRecord, isRecord, readText, type UnknownRecord } from "./record.ts";
import { holdsRef, readStoredSecret, type StoredSecretProblem } from "./stored-secret.ts";

export type ProfileType = "api_key" | "token" | "oauth";

interface ProfileBase {
  /** As stored; compare it through a `NormalizeProvider`. */
  readonly provider: string;
  readonly email?: string;
  readonly displayName?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface StaticProfile extends ProfileBase {
  /** Absent where a reference is stored: the reference wins. */
  readonly secret?: Secret;
  readonly ref?: SecretRef;
  /** The stored reference breaks this rule, so it cannot be resolved. */
  readonly refProblem?: string;
}

/** A key that is paid per token. */
export interface ApiKeyProfile extends StaticProfile {
  readonly type: "api_key";
}

/** A pasted bearer token, such as a setup-token. It cannot be refreshed. */
export interface TokenProfile extends StaticProfile {
  readonly type: "token";
  readonly expires?: Expiry;
}

/** A login. `access` ends at `expires`; `refresh` gets another. */
export interface OAuthProfile extends ProfileBase {
  readonly type: "oauth";
  readonly access?: Secret;
  readonly refresh?: Secret;
  readonly expires?: Expiry;
  readonly accountId?: string;
  readonly projectId?: string;
  readonly enterpriseUrl?: string;
  readonly clientId?: string;
  /** Fields that hold a SecretRef, which a login must not: a refresh could not be written back. */
  readonly forbiddenRefs?: readonly string[];
}

/** One stored account. Safe to print: its secrets are `Secret`s. */
export type AuthProfile = ApiKeyProfile | TokenProfile | OAuthProfile;

/** Why an entry of the store is no profile. */
export type DropReason = "non_object" | "invalid_type" | "missing_provider";

interface ProfileProblem {
  readonly code: StoredSecretProblem | "FIELD_MISNAMED";
  readonly message: string;
}

export type ParsedProfile =
  | { readonly profile: AuthProfile; readonly problems: readonly ProfileProblem[] }
  | { readonly dropped: DropReason };

/**
 * Reads one entry of `profiles`, leniently: `mode` for `type`, `apiKey` for `key` and other names that are
 * known to be used, and a reference in the place of a value. Never throws and never names a value.
 */
export function parseProfile(id: string, written: unknown, defaults?: SecretDefaults): ParsedProfile {
  if (!isRecord(written)) return { dropped: "non_object" };
  const type = readType(written["type"] ?? written["mode"]);
  if (type === undefined) return { dropped: "invalid_type" };
  const others = otherNamesIn(type, written);
  const entry = withDocumentedNames(written, others);
  const provider = readText(entry["provider"]);
  if (provider === undefined) return { dropped: "missing_provider" };

  const base: ProfileBase = { provider, ...readTexts(entry, ["email", "displayName"]), ...readMetadata(entry["metadata"]) };
  const names = isMode(written) ? [{ written: "mode", documented: "type" }, ...others] : others;
  const misnamed = names.map((name) => describeName(id, name));
  if (type === "oauth") return parseOAuth(id, entry, base, misnamed);

  const [field, value, ref] = type === "api_key" ? ["key", entry["key"], entry["keyRef"]] : ["token", entry["token"], entry["tokenRef"]];
  const { problems, ...stored } = readStoredSecret(value, ref, defaults);
  const profile: AuthProfile =
    type === "api_key" ? { type, ...base, ...stored } : { type, ...base, ...stored, ...readExpires(entry["expires"]) };
  return { profile: Object.freeze(profile), problems: [...misnamed, ...describe(problems, `profiles.${id}.${field}`)] };
}

function parseOAuth(id: string, entry: UnknownRecord, base: ProfileBase, misnamed: readonly ProfileProblem[]): ParsedProfile {
  const access = readStoredSecret(entry["access"], undefined);
  const refresh = readStoredSecret(entry["refresh"], undefined);
  const forbiddenRefs = ["access", "refresh", "token", "tokenRef", "key", "keyRef"].filter((field) => holdsRef(entry[field]));
  const profile: OAuthProfile = {
    type: "oauth",
    ...base,
    ...(access.secret && { access: access.secret }),
    ...(refresh.secret && { refresh: refresh.secret }),
    ...readExpires(entry["expires"]),
    ...readTexts(entry, ["accountId", "projectId", "enterpriseUrl", "clientId"]),
    ...(forbiddenRefs.length > 0 && { forbiddenRefs }),
  };
  const problems = [...describe(access.problems, `profiles.${id}.access`), ...describe(refresh.problems, `profiles.${id}.refresh`)];
  return { profile: Object.freeze(profile), problems: [...misnamed, ...problems] };
}

function isMode(stored: UnknownRecord): boolean {
  return stored["type"] === undefined || stored["type"] === null;
}

function describeName(id: string, { written, documented }: OtherName): ProfileProblem {
  return { code: "FIELD_MISNAMED", message: `profiles.${id}.${written} is read as ${documented}, which is its documented name` };
}

function readType(value: unknown): ProfileType | undefined {
  return value === "api_key" || value === "token" || value === "oauth" ? value : undefined;
}

function readExpires(value: unknown): { readonly expires?: Expiry } {
  const expires = parseExpiry(value);
  return expires === undefined ? {} : { expires };
}

function readTexts<F extends string>(entry: UnknownRecord, fields: readonly F[]): Partial<Readonly<Record<F, string>>> {
  const texts: Partial<Record<F, string>> = {};
  for (const field of fields) {
    const text = readText(entry[field]);
    if (text !== undefined) texts[field] = text;
  }
  return texts;
}

function readMetadata(value: unknown): Pick<ProfileBase, "metadata"> {
  if (!isRecord(value)) return {};
  return {
    metadata: frozenRecord(Object.entries(value).flatMap(([key, text]) => (typeof text === "string" ? [[key, text] as const] : []))),
  };
}

function describe(
  problems: readonly { readonly code: StoredSecretProblem; readonly detail: string }[],
  path: string,
): readonly ProfileProblem[] {
  return problems.map(({ code, detail }) => ({ code, message: `${path}: ${detail}` }));
}

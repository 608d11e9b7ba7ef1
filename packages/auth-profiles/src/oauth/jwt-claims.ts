import { isRecord, ownValue, readText, type UnknownRecord } from "../record.ts";

const LARGEST_PAYLOAD = 64 * 1024;
const LARGEST_CLAIM = 256;

/**
 * The claims of a JWT, without verifying it: what it says may be shown and compared, never trusted.
 * `undefined` for anything that is no JWT.
 */
export function readJwtClaims(token: string | undefined): UnknownRecord | undefined {
  const parts = token?.split(".", 4) ?? [];
  const payload = parts[1] ?? "";
  if (parts.length !== 3 || payload.length > LARGEST_PAYLOAD || !/^[A-Za-z0-9_-]+$/.test(payload)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The text at `path`, of own properties only, if it can be stored and shown: one line of at most 256 characters. */
export function readClaim(claims: UnknownRecord | undefined, path: readonly string[]): string | undefined {
  let value: unknown = claims;
  for (const key of path) value = isRecord(value) ? ownValue(value, key) : undefined;
  const text = readText(value);
  return text === undefined || text.length > LARGEST_CLAIM || /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? undefined : text;
}

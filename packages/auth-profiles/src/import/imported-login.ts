import { readSecretValue, SecretsError, type Secret } from "@openclaw/secrets";
import { AuthProfileError } from "../errors.ts";
import { parseExpiry } from "../expiry.ts";
import { isRecord } from "../record.ts";

/** A tool whose login can be imported. */
export type LoginOwner = "codex" | "claude" | "gemini";

/** What another tool's login file holds. Safe to print. */
export interface ImportedLogin {
  readonly owner: LoginOwner;
  readonly provider: string;
  /** The id it is stored under, unless another is given. */
  readonly profileId: string;
  readonly access: Secret;
  /** Whoever spends it may end the session of the tool it was taken from. */
  readonly refresh?: Secret;
  /** When `access` ends, epoch milliseconds. */
  readonly expiresAt: number;
  /** Read from a token nobody verified: fit to tell accounts apart. */
  readonly accountId?: string;
  readonly email?: string;
}

/** A file of another tool, parsed. */
export interface LoginFile {
  readonly path: string;
  readonly json: unknown;
  /** When it was written, epoch milliseconds. A token that does not say when it ends is taken to end an hour later. */
  readonly modifiedAt: number;
}

/** Where no token and no field says when the access ends. */
export const UNSTATED_LIFE_MS: number = 60 * 60 * 1000;

/** The object at a place of the file. */
export function objectAt(file: LoginFile, at: readonly string[]): Readonly<Record<string, unknown>> {
  const value = valueAt(file, at);
  if (isRecord(value)) return value;
  throw invalid(file, at, value === undefined ? "is missing" : "is not an object");
}

/** The token at a place of the file, if there is one. @throws {AuthProfileError} `login-file-invalid` for anything that is no token. */
export function tokenAt(file: LoginFile, at: readonly string[]): { readonly secret: Secret; readonly text: string } | undefined {
  const value = valueAt(file, at);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw invalid(file, at, "is not a text");
  const text = value.trim();
  if (/\s/u.test(text)) throw invalid(file, at, "holds a space or a line break, which a token does not");
  try {
    return { secret: readSecretValue(text, pathText(at)), text };
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw invalid(file, at, error.message.replace(/^.*?: the value /u, ""));
  }
}

/** The token a login cannot do without. */
export function requiredTokenAt(file: LoginFile, at: readonly string[]): { readonly secret: Secret; readonly text: string } {
  const token = tokenAt(file, at);
  if (token === undefined) throw invalid(file, at, "is missing");
  return token;
}

/** A short text at a place of the file: a name, never a token. */
export function nameAt(file: LoginFile, at: readonly string[]): string | undefined {
  const value = valueAt(file, at);
  const text = typeof value === "string" ? value.trim() : "";
  return text === "" || text.length > 256 || /[\p{C}\p{Zl}\p{Zp}]/u.test(text) ? undefined : text;
}

/** A time in milliseconds at a place of the file. Programs write fractions of them. */
export function timeAt(file: LoginFile, at: readonly string[]): number | undefined {
  const value = valueAt(file, at);
  if (value === undefined || value === null) return undefined;
  const time = typeof value === "number" ? parseExpiry(Math.floor(value)) : "invalid";
  if (typeof time === "number") return time;
  throw invalid(file, at, "is not a Unix time in milliseconds");
}

/** The error that names file and place. */
export function invalid({ path }: LoginFile, at: readonly string[], what: string, hint?: string): AuthProfileError {
  return new AuthProfileError("login-file-invalid", `${path}: ${pathText(at)} ${what}`, {
    hint: hint ?? "sign in with that tool again, or name another file with --from-file",
  });
}

function valueAt({ json, path }: LoginFile, at: readonly string[]): unknown {
  let value: unknown = json;
  for (const [depth, name] of at.entries()) {
    if (!isRecord(value)) {
      if (value === undefined || value === null) return undefined;
      throw new AuthProfileError("login-file-invalid", `${path}: ${depth === 0 ? "it" : pathText(at.slice(0, depth))} is not an object`, {
        hint: "sign in with that tool again, or name another file with --from-file",
      });
    }
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function pathText(at: readonly string[]): string {
  return at.join(".");
}

import { readSecretValue, type Secret } from "@openclaw/secrets";
import { isRecord, readText, type UnknownRecord } from "../record.ts";
import { readClaim, readJwtClaims } from "./jwt-claims.ts";
import type { Answer } from "./read-answer.ts";
import { readRetryAfter } from "./retry-after.ts";
import type { TokenSet } from "./token-set.ts";

/** What an answer of a token endpoint means, whatever was asked for. */
export type TokenVerdict =
  | { readonly kind: "tokens"; readonly tokens: TokenSet }
  /** The provider said no and named an error. Nothing was spent. `error` is as it came: show it only through `showableErrorCode`. */
  | { readonly kind: "refused"; readonly error: string; readonly status: number; readonly intervalSeconds: number | undefined }
  /** Nothing was spent, and later it may work. */
  | { readonly kind: "unavailable"; readonly why: string; readonly retryAt: number | undefined }
  /** It may have been acted on, and the answer did not come back. */
  | { readonly kind: "lost"; readonly why: string }
  /** It may have been acted on, and the answer cannot be used. */
  | { readonly kind: "bad"; readonly why: string };

export interface JudgeOptions {
  /** When the request was made: a token's life is counted from there, on the safe side. */
  readonly askedAt: number;
  readonly now: number;
  readonly accountClaim?: readonly string[] | undefined;
}

/** The longest life that is believed. */
const LONGEST_LIFE_SECONDS = 365 * 24 * 3600;

/**
 * Judges an answer (RFC 6749 sections 5.1 and 5.2). It is on the side of doubt: only what proves that the
 * request was not acted on is `refused` or `unavailable`.
 */
export function judgeTokenAnswer(answer: Answer, options: JudgeOptions): TokenVerdict {
  if (answer.kind === "unsent") {
    return { kind: "unavailable", why: `could not be reached (${answer.failure})`, retryAt: undefined };
  }
  if (answer.kind === "lost") return { kind: "lost", why: `gave no answer (${answer.failure})` };

  const { status, body } = answer;
  const retryAt = readRetryAfter(answer.retryAfter, options.now);
  const read = readJsonObject(answer);
  const json = typeof read === "string" ? undefined : read;
  const error = json && readErrorCode(json);

  if (status === 429) return { kind: "unavailable", why: "is limiting requests (HTTP 429)", retryAt };
  if (status >= 500) {
    // A proxy says 502 and 504, also with Retry-After, of a server that may have done its work.
    const isOwnWord = error !== undefined || (retryAt !== undefined && status !== 502 && status !== 504);
    const why = `failed with HTTP ${status}`;
    return isOwnWord ? { kind: "unavailable", why, retryAt } : { kind: "lost", why: `${why} and did not say what it had done` };
  }
  if (status >= 400) {
    if (error !== undefined) return { kind: "refused", error, status, intervalSeconds: readSeconds(json?.["interval"]) };
    // 408 and 499 tell of a request that somebody gave up, not of one that was refused.
    if (status === 408 || status === 499) return { kind: "lost", why: `gave up the request (HTTP ${status})` };
    return { kind: "unavailable", why: `answered HTTP ${status} without an OAuth error`, retryAt };
  }
  if (status >= 300) return { kind: "bad", why: `answered with a redirect (HTTP ${status}), which is not followed` };
  // Some providers report errors with 200.
  if (json && error !== undefined && json["access_token"] === undefined) {
    return { kind: "refused", error, status, intervalSeconds: readSeconds(json["interval"]) };
  }
  if (json === undefined) {
    const isLost = "failure" in body && body.isCut;
    return { kind: isLost ? "lost" : "bad", why: `answered HTTP ${status}, but ${typeof read === "string" ? read : "not with JSON"}` };
  }
  const tokens = readTokens(json, options);
  return typeof tokens === "string" ? { kind: "bad", why: `answered HTTP ${status}, but ${tokens}` } : { kind: "tokens", tokens };
}

/** The JSON object an answer holds, or what is wrong with it. */
export function readJsonObject(answer: Extract<Answer, { kind: "answered" }>): UnknownRecord | string {
  const { body, contentType } = answer;
  if ("failure" in body) return body.failure;
  if (!/^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(contentType.trim())) return "the answer is not application/json";
  try {
    const json: unknown = JSON.parse(body.text);
    return isRecord(json) ? json : "the answer is not a JSON object";
  } catch {
    return "the answer is not valid JSON";
  }
}

/** `error` of the standard, or the code inside an error object, as OpenAI nests it. */
function readErrorCode(json: UnknownRecord): string | undefined {
  const { error, code } = json;
  if (isRecord(error)) return readText(error["code"]) ?? readText(error["type"]) ?? "";
  if (error !== undefined && error !== null) return readText(error) ?? "";
  return readText(code);
}

/** A positive number of seconds, also as text. */
export function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === "string" && /^\s*\d{1,15}(?:\.\d+)?\s*$/.test(value) ? Number(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

function readTokens(json: UnknownRecord, { askedAt, accountClaim }: JudgeOptions): TokenSet | string {
  const access = readToken(json["access_token"]);
  if (access === undefined) return "it holds no access token that could be sent";
  if (readText(json["token_type"])?.toLowerCase() !== "bearer") return "its token_type is not bearer";
  const refresh = readToken(json["refresh_token"]);
  if (refresh === undefined && isGiven(json["refresh_token"])) return "its refresh token cannot be a credential";
  const life = readSeconds(json["expires_in"]);
  if (life === undefined && json["expires_in"] !== undefined && json["expires_in"] !== null)
    return "its expires_in is not a positive number";

  const claims = [json["id_token"], json["access_token"]].map((token) => readJwtClaims(readText(token)));
  const claim = (path: readonly string[]) => claims.map((own) => readClaim(own, path)).find((text) => text !== undefined);
  const accountId = accountClaim && claim(accountClaim);
  const email = claim(["email"]);
  const scopes = readText(json["scope"])?.split(/[\s,]+/);
  return {
    access,
    ...(refresh && { refresh }),
    ...(life !== undefined && { expiresAt: askedAt + Math.floor(Math.min(life, LONGEST_LIFE_SECONDS) * 1000) }),
    ...(accountId !== undefined && { accountId }),
    ...(email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email) && { email }),
    ...(scopes && { scopes }),
  };
}

function readToken(value: unknown): Secret | undefined {
  if (typeof value !== "string") return undefined;
  try {
    return readSecretValue(value, "the token");
  } catch {
    // Its error says what a person should change about a stored value; here only the provider could.
    return undefined;
  }
}

/** Whether a field says anything. Absent, null and empty mean the same: none. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

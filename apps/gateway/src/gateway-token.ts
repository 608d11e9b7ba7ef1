import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { HomeSnapshot } from "@openclaw/home";
import {
  ensurePrivateFile,
  isSecretRefLike,
  parseSecretRef,
  readCredentialText,
  readPrivateFile,
  readSecretValue,
  type Secret,
  SecretsError,
} from "@openclaw/secrets";
import { GatewayError } from "./errors.ts";

/** The secret clients of the gateway show, and where it came from. */
export interface GatewayToken {
  readonly secret: Secret;
  /** `--token-file PATH`, `gateway.auth.token`, or the path of the generated file. */
  readonly origin: string;
  /** Whether a client's token is this one, in time that depends on neither. */
  matches(candidate: string | undefined): boolean;
}

/** Bytes of a generated token; it has twice as many hex digits. */
const TOKEN_BYTES = 24;
const LARGEST_TOKEN_FILE = 64 * 1024;
/** Shortest token accepted where others than this machine can reach the gateway. */
const STRONG_LENGTH = 32;

export interface GatewayTokenOptions {
  readonly snapshot: HomeSnapshot;
  readonly tokenFile?: string;
  /** Whether a missing `<state>/gateway-token` is made. */
  readonly generate: boolean;
}

/**
 * Finds the gateway's token: the file of `--token-file`, then `gateway.auth.token`, then
 * `<state>/gateway-token`. A source that is named and does not work is an error, never skipped.
 *
 * @throws {GatewayError} `token-unreadable` or `token-missing`.
 */
export async function loadGatewayToken(options: GatewayTokenOptions): Promise<GatewayToken> {
  const { snapshot, tokenFile } = options;
  if (tokenFile !== undefined) return gatewayToken(await readTokenFile(tokenFile), `--token-file ${tokenFile}`);
  const configured = snapshot.config.gateway?.auth?.token;
  if (configured !== undefined) return gatewayToken(await configuredToken(configured, snapshot), "gateway.auth.token");
  const path = join(snapshot.paths.stateDir, "gateway-token");
  if (options.generate) await ensurePrivateFile(path, `${randomBytes(TOKEN_BYTES).toString("hex")}\n`);
  else if (!(await exists(path))) {
    throw new GatewayError("token-missing", `There is no gateway token yet (${path})`, {
      hint: "start the gateway once: openclaw gateway",
    });
  }
  return gatewayToken(await readTokenFile(path), path);
}

/** A token from its secret. */
export function gatewayToken(secret: Secret, origin: string): GatewayToken {
  const expected = sha256(secret.reveal());
  return { secret, origin, matches: (candidate) => candidate !== undefined && timingSafeEqual(sha256(candidate), expected) };
}

/**
 * Refuses a token that could be guessed, for a gateway that others than this machine can reach.
 *
 * @throws {GatewayError} `token-weak`.
 */
export function requireStrongToken(token: GatewayToken): void {
  const text = token.secret.reveal();
  if (text.length >= STRONG_LENGTH && new Set(text).size >= 8) return;
  throw new GatewayError("token-weak", `The gateway token (${token.origin}) is too weak for an address others can reach`, {
    hint: "remove it and let the gateway generate one, or use at least 32 random characters",
  });
}

async function configuredToken(value: unknown, snapshot: HomeSnapshot): Promise<Secret> {
  try {
    if (isSecretRefLike(value)) {
      // A home that was opened for the gateway has it already.
      const active = snapshot.secrets.get("gateway.auth.token");
      return active ?? (await snapshot.resolver.resolve(parseSecretRef(value, snapshot.config.secrets?.defaults ?? {})));
    }
  } catch (error) {
    throw new GatewayError(
      "token-unreadable",
      `gateway.auth.token cannot be resolved: ${error instanceof Error ? error.message : "unknown"}`,
      {
        hint: "the gateway does not start without its own token; correct the reference or remove gateway.auth.token",
      },
    );
  }
  const secret = typeof value === "string" ? readTokenText(value, "gateway.auth.token") : undefined;
  if (secret === undefined)
    throw new GatewayError("token-unreadable", "gateway.auth.token is empty or no text", {
      hint: "remove it and let the gateway generate one",
    });
  return secret;
}

async function readTokenFile(path: string): Promise<Secret> {
  const secret = readTokenText((await readTokenBytes(path)).toString("utf8"), path);
  if (secret === undefined)
    throw new GatewayError("token-unreadable", `${path} holds no token`, {
      hint: `remove it and let the gateway generate one: rm ${path}`,
    });
  return secret;
}

async function readTokenBytes(path: string): Promise<Buffer> {
  const unreadable = (reason: string, cause?: unknown) =>
    new GatewayError("token-unreadable", `The gateway token cannot be read from ${path} (${reason})`, {
      ...(cause !== undefined && { cause }),
      hint: "name a file that holds the token alone",
    });
  let bytes: Buffer | undefined;
  try {
    bytes = await readPrivateFile(path, { maxBytes: LARGEST_TOKEN_FILE, followLink: true, mustBePrivate: true });
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    if (error.hint !== undefined)
      throw new GatewayError("token-unreadable", `${path} can be read by others`, { cause: error, hint: error.hint });
    const { cause } = error;
    throw unreadable(cause instanceof Error && "code" in cause ? String(cause.code) : error.message, error);
  }
  if (bytes === undefined) throw unreadable("ENOENT");
  return bytes;
}

/** What a redacted output or a template shows is known to everybody, and was meant to be replaced. */
function readTokenText(text: string, origin: string): Secret | undefined {
  const secret = readCredentialText(text);
  if (secret === undefined) return undefined;
  try {
    // A mask keeps its ellipsis, to be known by it.
    readSecretValue(text.replaceAll(/[\r\n]|[^\u0000-\u00FF\u2026]/gu, "").trim(), origin);
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    throw new GatewayError("token-unreadable", error.message, { hint: error.hint ?? "remove it and let the gateway generate one" });
  }
  if (!text.includes("${") && !/^\s*\$[A-Z_][A-Z0-9_]*\s*$/u.test(text)) return secret;
  throw new GatewayError("token-unreadable", `${origin}: the token is a placeholder that nothing has filled in`, {
    hint: "a reference in text form is exactly ${NAME}; or remove it and let the gateway generate a token",
  });
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

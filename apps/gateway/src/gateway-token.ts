import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isReference, type HomeSnapshot } from "@openclaw/home";
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
import { digestOf } from "./token-digest.ts";
import { weaknessOf, type TokenWeakness } from "./token-strength.ts";

/** The secret clients of the gateway show, and where it came from. */
export interface GatewayToken {
  readonly secret: Secret;
  /** `--token-file PATH`, `gateway.auth.token`, or the path of the generated file. */
  readonly origin: string;
  /** The file it was read from, where there is one. */
  readonly path: string | undefined;
  /** What a token that is shown is compared by. */
  readonly digest: string;
  readonly weakness: TokenWeakness;
}

/** Bytes of a generated token; it has twice as many hex digits. */
const TOKEN_BYTES = 24;
const LARGEST_TOKEN_FILE = 64 * 1024;

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
  if (tokenFile !== undefined) return gatewayToken(await readTokenFile(tokenFile), `--token-file ${tokenFile}`, tokenFile);
  const configured = snapshot.config.gateway?.auth?.token;
  if (configured !== undefined) return gatewayToken(await configuredToken(configured, snapshot), "gateway.auth.token");
  const path = generatedTokenPath(snapshot);
  if (options.generate) await makeToken(path);
  else if (!(await exists(path))) {
    throw new GatewayError("token-missing", `There is no gateway token yet (${path})`, {
      hint: "a gateway makes one as it starts: openclaw gateway, or openclaw gateway restart",
    });
  }
  return gatewayToken(await readTokenFile(path), path, path);
}

async function makeToken(path: string): Promise<void> {
  try {
    await ensurePrivateFile(path, `${randomBytes(TOKEN_BYTES).toString("hex")}\n`);
  } catch (error) {
    if (!(error instanceof SecretsError && error.code === "file-write-failed")) throw error;
    throw new GatewayError("token-missing", `There is no gateway token, and none can be made: ${error.message}`, {
      cause: error,
      hint: `let this user write to ${dirname(path)}, or set gateway.auth.token`,
    });
  }
}

/** Where the token is kept that is made on the first run. */
export function generatedTokenPath({ paths }: Pick<HomeSnapshot, "paths">): string {
  return join(paths.stateDir, "gateway-token");
}

/** A token from its secret. */
export function gatewayToken(secret: Secret, origin: string, path?: string): GatewayToken {
  const text = secret.reveal();
  return { secret, origin, path, digest: digestOf(text), weakness: weaknessOf(text) };
}

/** The tokens of `gateway.clients` by name. One whose reference leads nowhere has none: nobody can be that client. */
export function clientTokens({ config, secrets }: HomeSnapshot): ReadonlyMap<string, GatewayToken> {
  const tokens = new Map<string, GatewayToken>();
  for (const [name, { token }] of Object.entries(config.gateway?.clients ?? {})) {
    const place = `gateway.clients.${name}.token`;
    const secret = isReference(token) ? secrets.get(place) : readPlainToken(token, place);
    if (secret) tokens.set(name, gatewayToken(secret, place));
  }
  return tokens;
}

/**
 * Refuses a token that everybody knows, and, for a gateway that others than this machine can reach, one that could be guessed.
 *
 * @throws {GatewayError} `token-weak`.
 */
export function requireStrongToken({ weakness, origin }: Pick<GatewayToken, "weakness" | "origin">, bind: "loopback" | "lan"): void {
  if (weakness === undefined || (weakness === "guessable" && bind === "loopback")) return;
  const what = weakness === "sample" ? "is a placeholder that everybody knows" : "is too weak for an address others can reach";
  const hint = origin.startsWith("gateway.clients.")
    ? "give it at least 32 random characters: openssl rand -hex 24"
    : "remove it and let the gateway generate one, or use at least 32 random characters";
  throw new GatewayError("token-weak", `The token of ${origin} ${what}`, { hint });
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
  return readPlainToken(value, "gateway.auth.token");
}

function readPlainToken(value: unknown, place: string): Secret {
  const secret = typeof value === "string" ? readTokenText(value, place) : undefined;
  if (secret !== undefined) return secret;
  const hint = place === "gateway.auth.token" ? "remove it and let the gateway generate one" : "give it text, ${NAME} or a reference";
  throw new GatewayError("token-unreadable", `${place} is empty or no text`, { hint });
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

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { SecretsError } from "./errors.ts";
import { Secret } from "./secret.ts";

/** Under which key a value is sealed, and which record it belongs to. */
export interface SealOptions {
  /** 32 random bytes as 64 hex digits or 43 base64url characters. */
  readonly key: Secret;
  /** What the store puts before its names, such as `openclaw:`: tells one installation from another. */
  readonly prefix: string;
  /** Name of the record. A value moved to another record cannot be opened. */
  readonly name: string;
  /** Version of the record. A value put back into a newer record cannot be opened. */
  readonly version: number;
}

const FORMAT = "sealed:v1:";
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a secret for storage elsewhere: `sealed:v1:` and base64url(nonce, ciphertext, tag), by
 * AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D) and, as additional data, the JSON array of
 * `sealed:v1:`, prefix, name and version. One key may seal 2^32 values.
 *
 * @throws {SecretsError} `seal-key-invalid`.
 */
export function seal(secret: Secret, options: SealOptions): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyBytes(options.key), nonce, { authTagLength: TAG_BYTES }).setAAD(additionalData(options));
  const sealed = Buffer.concat([nonce, cipher.update(secret.reveal(), "utf8"), cipher.final(), cipher.getAuthTag()]);
  return FORMAT + sealed.toString("base64url");
}

/**
 * Decrypts what {@link seal} made, under the same key and for the same record.
 *
 * @throws {SecretsError} `seal-broken`, naming the record, when the key is another or the text was changed, cut
 * short or moved; `seal-key-invalid`. There is no answer but the value that was sealed.
 */
export function unseal(text: string, options: SealOptions): Secret {
  const key = keyBytes(options.key);
  const encoded = text.startsWith(FORMAT) ? text.slice(FORMAT.length) : "";
  const sealed = Buffer.from(encoded, "base64url");
  // Decoding passes over what is not base64url, so that many texts would stand for one record.
  if (sealed.length < NONCE_BYTES + TAG_BYTES || sealed.toString("base64url") !== encoded) throw broken(options);
  const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(options)).setAuthTag(sealed.subarray(-TAG_BYTES));
  const opened = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Secret.of(Buffer.concat([opened, decipher.final()]).toString("utf8"));
  } catch (error) {
    throw broken(options, error);
  }
}

/** An array, so that no part can pass for the end of the one before. */
function additionalData({ prefix, name, version }: SealOptions): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, prefix, name, version]), "utf8");
}

function keyBytes(key: Secret): Buffer {
  const text = key.reveal();
  if (/^[0-9a-fA-F]{64}$/.test(text)) return Buffer.from(text, "hex");
  if (/^[A-Za-z0-9_-]{43}=?$/.test(text)) return Buffer.from(text, "base64url");
  throw new SecretsError("seal-key-invalid", "A sealing key is 32 bytes: 64 hex digits or 43 base64url characters", {
    hint: "openssl rand -hex 32",
  });
}

function broken({ name, version }: SealOptions, cause?: unknown): SecretsError {
  return new SecretsError(
    "seal-broken",
    `The sealed record ${name} (version ${version}) cannot be opened: another key, or it was changed, cut short or moved`,
    { cause },
  );
}

import { createHash, randomBytes } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createPrivateFile, SecretsError } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";

const SALT_BYTES = 32;

/**
 * The salt fingerprints are made with: `<state>/fingerprint-salt`. While no such file exists one is
 * derived from the identity of the folder (device, inode, birth time), because reading commands create
 * nothing; a gateway makes the file when it starts.
 */
export async function readFingerprintSalt(stateDir: string): Promise<Uint8Array> {
  const path = saltPath(stateDir);
  try {
    const salt = Buffer.from((await readFile(path, "utf8")).trim(), "hex");
    if (salt.length !== SALT_BYTES)
      throw new HomeError("salt-unreadable", `${path} does not hold ${SALT_BYTES * 2} hex digits`, { hint: `remove it: ${path}` });
    return salt;
  } catch (error) {
    if (error instanceof HomeError) throw error;
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" || code === "ENOTDIR") return derivedSalt(stateDir);
    throw new HomeError("salt-unreadable", `${path} cannot be read (${code})`, { hint: "make it a file you own" });
  }
}

/** Makes the salt file where there is none. Safe to call from several processes at once. */
export async function ensureFingerprintSalt(stateDir: string): Promise<void> {
  try {
    await createPrivateFile(saltPath(stateDir), `${randomBytes(SALT_BYTES).toString("hex")}\n`);
  } catch (error) {
    if (!(error instanceof SecretsError && error.code === "file-exists")) throw error;
  }
}

function saltPath(stateDir: string): string {
  return join(stateDir, "fingerprint-salt");
}

async function derivedSalt(stateDir: string): Promise<Uint8Array> {
  const identity = await stat(stateDir, { bigint: true }).then(
    (folder) => `${folder.dev}:${folder.ino}:${folder.birthtimeNs}`,
    () => "absent",
  );
  return createHash("sha256").update(`${stateDir}\n${identity}`).digest();
}

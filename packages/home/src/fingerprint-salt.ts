import { createHash, randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ensurePrivateFile } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";
import { readTextFile } from "./read-text-file.ts";

const SALT_BYTES = 32;
const SALT_TEXT = new RegExp(`^[0-9a-f]{${SALT_BYTES * 2}}$`, "iu");

/**
 * The salt fingerprints are made with: `<state>/fingerprint-salt`. While no such file exists one is
 * derived from the identity of the folder (device, inode, birth time), because reading commands create
 * nothing; a gateway makes the file when it starts.
 *
 * @throws {HomeError} `salt-unreadable` when the file is there and is no salt.
 */
export async function readFingerprintSalt(stateDir: string): Promise<Uint8Array> {
  const path = saltPath(stateDir);
  const text = (await readTextFile(path, "salt-unreadable"))?.trim();
  if (text === undefined) return derivedSalt(stateDir);
  if (SALT_TEXT.test(text)) return Buffer.from(text, "hex");
  throw new HomeError("salt-unreadable", `${path} does not hold ${SALT_BYTES * 2} hex digits`, {
    hint: `remove it, and the gateway makes another: rm ${path}`,
  });
}

/** Makes the salt file where there is none. Safe to call from several processes at once. */
export async function ensureFingerprintSalt(stateDir: string): Promise<void> {
  await ensurePrivateFile(saltPath(stateDir), `${randomBytes(SALT_BYTES).toString("hex")}\n`);
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

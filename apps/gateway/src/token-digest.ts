import { hash, randomBytes } from "node:crypto";

/** Of this process alone. */
const key = randomBytes(32).toString("hex");

/**
 * A digest by which tokens are compared. Looking it up in a table takes a time that depends on the digest, and tells
 * nothing: without the key of this process nobody can choose a token by its digest, nor learn from one where a token begins
 * to differ. All take the same time whatever they are like, and any length of text is one length of digest.
 */
export function digestOf(token: string): string {
  return hash("sha256", key + token, "base64");
}

import { createHash } from "node:crypto";

/**
 * The name under which writers of a store lock it, in the lock folder: part of the protocol other tools
 * join by (README).
 *
 * @param realPath The store's absolute path with all links followed.
 */
export function storeLockName(realPath: string): string {
  return `store-${createHash("sha256").update(realPath).digest("hex")}`;
}

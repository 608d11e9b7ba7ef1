import { chown } from "node:fs/promises";
import { geteuid } from "node:process";
import { NOBODY_UID } from "./as-nobody.ts";

/** Gives files and folders to the user without rights where the tests run as root, and leaves them as they are elsewhere. */
export async function giveToNobody(...paths: readonly string[]): Promise<void> {
  if (geteuid?.() === 0) await Promise.all(paths.map((path) => chown(path, NOBODY_UID, NOBODY_UID)));
}

import { createHash, randomBytes } from "node:crypto";
import { lstat, readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isMarkAlive, ownMark, ownUid } from "./own-process.ts";

/** When the writer cannot be asked for: no write of a private file takes so long. */
const ORPHAN_AGE_MS = 3_600_000;

/** What follows the target's name: writer (pid, start, machine; older versions left it out) and random digits. */
const SUFFIX = /^(?:(\d+)-(\d+)-([0-9a-f]{8})\.)?[0-9a-f]{12}\.tmp$/;

/** A name, in the target's own folder, that tells whose work it is: `.<target>.<pid>-<start>-<machine>.<random>.tmp`. */
export function temporaryName(target: string): string {
  const { pid, startedAt, machine } = ownMark();
  return `${stem(target)}${pid}-${startedAt}-${machine}.${randomBytes(6).toString("hex")}.tmp`;
}

/**
 * Removes the temporary files of a target whose writer has ended, or which are over an hour old at
 * `now` and whose writer nobody here can know. Those of a living writer stay, however old. It is
 * tidying: what cannot be removed stays and is no error.
 */
export async function sweepOrphans(target: string, now: number): Promise<void> {
  const folder = dirname(target);
  const prefix = stem(basename(target));
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(prefix))) {
    const parts = SUFFIX.exec(name.slice(prefix.length));
    if (parts === null) continue;
    const path = join(folder, name);
    if (await isOrphan(path, parts, now)) await unlink(path).catch(() => undefined);
  }
}

async function isOrphan(path: string, [, pid, startedAt, machine]: RegExpExecArray, now: number): Promise<boolean> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined || !stats.isFile()) return false;
  if (stats.uid !== (ownUid() ?? stats.uid)) return false;
  const isAlive = pid === undefined ? undefined : isMarkAlive({ pid: Number(pid), startedAt: Number(startedAt), machine: machine ?? "" });
  return isAlive === undefined ? now - stats.mtimeMs > ORPHAN_AGE_MS : !isAlive;
}

/** A name that is too long to be continued is told by its digest. */
function stem(target: string): string {
  const isLong = Buffer.byteLength(target) > 150;
  return `.${isLong ? createHash("sha256").update(target).digest("hex").slice(0, 32) : target}.`;
}

import { constants, type Stats } from "node:fs";
import { access, lstat, open, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SecretsError } from "./errors.ts";
import { checkOwner, followTrustedFolder } from "./trusted-path.ts";

/** Which commands may be run. */
export interface CommandRules {
  readonly uid: number | undefined;
  readonly allowSymlinkCommand?: boolean | undefined;
  /** Folders below one of which the file must be. All, where there is no list. */
  readonly trustedDirs?: readonly string[] | undefined;
  /** Leaves owner, permissions and folders unchecked. */
  readonly allowInsecurePath?: boolean | undefined;
}

/** A command that was checked, and what to know it by when it is run. */
export interface CommandFile {
  /** As configured. The program sees it as its name. */
  readonly name: string;
  /** The file that is run: no link, and no link on the way. */
  readonly path: string;
  readonly identity: string;
}

/** What the system can run without a shell's help: scripts that name their interpreter, ELF, Mach-O. */
const MAGIC = ["2321", "7f454c46", "feedface", "feedfacf", "cefaedfe", "cffaedfe", "cafebabe"];

/**
 * Looks at a command before it is run: an absolute path to a program that nobody but us and root can have
 * put there or changed.
 *
 * @throws {SecretsError} `command-refused`, naming the path and the rule.
 */
export async function checkCommand(command: string, rules: CommandRules): Promise<CommandFile> {
  if (!command.startsWith("/")) throw refused(`${command} is not an absolute path`, "commands are not searched for in PATH");
  const path = await realPathOf(command, rules);
  await checkTrustedDirs(path, rules.trustedDirs);
  const stats = await look(path);
  if (!stats.isFile()) throw refused(`${path} is not a regular file`);
  if (!rules.allowInsecurePath) checkPermissions(path, stats, rules);
  await checkRunnable(path);
  return { name: command, path, identity: identityOf(stats) };
}

/** Whether the file is still the one that was checked. */
export async function isSameCommand(file: CommandFile): Promise<boolean> {
  return file.identity === (await lstat(file.path).then(identityOf, () => undefined));
}

/** Putting another file in its place changes the inode; writing to it or moving it away and back the other times. */
function identityOf(stats: Stats): string {
  return [stats.dev, stats.ino, stats.size, stats.mtimeMs, stats.ctimeMs].join(":");
}

async function realPathOf(command: string, rules: CommandRules): Promise<string> {
  const isLink = (await look(command)).isSymbolicLink();
  if (isLink && !rules.allowSymlinkCommand) {
    throw refused(`${command} is a link`, "name the file it leads to, or set allowSymlinkCommand: true and trustedDirs");
  }
  const target = isLink ? await realpath(command).catch(() => command) : command;
  if (rules.allowInsecurePath) return target;
  const ask = { uid: rules.uid, code: "command-refused" } as const;
  // The way to the link too: who can change it chooses what is run.
  if (isLink) await followTrustedFolder(dirname(command), ask);
  return join(await followTrustedFolder(dirname(target), ask), basename(target));
}

async function checkTrustedDirs(path: string, trustedDirs: readonly string[] | undefined): Promise<void> {
  if (!trustedDirs) return;
  for (const folder of trustedDirs) {
    const real = await realpath(folder).catch(() => folder);
    if (path.startsWith(real.endsWith("/") ? real : `${real}/`)) return;
  }
  throw refused(`${path} is in none of trustedDirs`, `add ${dirname(path)} to trustedDirs`);
}

function checkPermissions(path: string, stats: Stats, rules: CommandRules): void {
  checkOwner(path, stats, { uid: rules.uid, code: "command-refused" });
  if ((stats.mode & 0o022) !== 0) throw refused(`${path} is writable by others`, `chmod go-w ${path}`);
  if ((stats.mode & 0o6000) !== 0) throw refused(`${path} runs with the rights of its owner (setuid or setgid)`);
}

async function checkRunnable(path: string): Promise<void> {
  try {
    await access(path, constants.X_OK);
  } catch {
    throw refused(`${path} is not executable`, `chmod u+x ${path}`);
  }
  const magic = await firstBytes(path);
  // A program we may run but not read cannot be a script, and is left to the system.
  if (magic === undefined || MAGIC.some((known) => magic.startsWith(known))) return;
  throw refused(`${path} is neither a program nor a script with a #! line`, "begin the script with #! and its interpreter");
}

async function firstBytes(path: string): Promise<string | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(4));
      return buffer.subarray(0, bytesRead).toString("hex");
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

async function look(path: string): Promise<Stats> {
  try {
    return await lstat(path);
  } catch (cause) {
    throw new SecretsError("command-refused", `${path} cannot be found or read`, { cause });
  }
}

function refused(why: string, hint?: string): SecretsError {
  return new SecretsError("command-refused", why, hint === undefined ? {} : { hint });
}

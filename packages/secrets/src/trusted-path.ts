import type { Stats } from "node:fs";
import { lstat } from "node:fs/promises";
import { SecretsError, type SecretsErrorCode } from "./errors.ts";
import { walkFolder, type FolderRule } from "./folder-walk.ts";

/** Whose files count as ours, and the code of what is thrown when a path is not safe. */
export interface TrustedPathOptions {
  /** User id. Without one (Windows) ownership cannot be checked, and every path is refused. */
  readonly uid: number | undefined;
  readonly code: SecretsErrorCode;
}

/**
 * The folder of something to read or run, as {@link walkFolder} finds it: nobody but us and root can have put
 * anything on the way. No group may write to it either, not even the owner's own: what is read is trusted
 * more than what is written.
 *
 * @throws {SecretsError} `options.code`, naming the first part of the path that breaks this.
 */
export async function followTrustedFolder(folder: string, options: TrustedPathOptions): Promise<string> {
  return (await walkFolder(folder, readRule(options))) ?? folder;
}

/** @throws {SecretsError} `options.code` unless the file is owned by us or root. */
export function checkOwner(path: string, stats: Pick<Stats, "uid">, options: TrustedPathOptions): void {
  if (!isTrusted(stats.uid, options)) throw foreign(path, stats, options);
}

/**
 * What may be on the way to what is read or run.
 *
 * @internal
 */
export function readRule(options: TrustedPathOptions): FolderRule {
  return {
    async look(path) {
      try {
        return await lstat(path);
      } catch (cause) {
        throw new SecretsError(options.code, `${path} cannot be found or read`, { cause });
      }
    },
    trusts: (owner) => isTrusted(owner, options),
    forbiddenBits: () => 0o022,
    refuse(problem, path, stats) {
      switch (problem) {
        case "is-no-folder":
          return new SecretsError(options.code, `${path} is not a folder`);
        case "belongs-to-another":
          return foreign(path, stats, options);
        case "goes-through-too-many-links":
          return new SecretsError(options.code, `${path} leads through too many links`);
        case "is-writable-by-others":
          return writable(path, stats, options);
      }
    },
  };
}

function isTrusted(owner: number, { uid }: TrustedPathOptions): boolean {
  return uid !== undefined && (owner === uid || owner === 0);
}

function foreign(path: string, { uid }: Pick<Stats, "uid">, options: TrustedPathOptions): SecretsError {
  if (options.uid === undefined) {
    return new SecretsError(options.code, `the owner of ${path} cannot be checked on this system`, {
      hint: "set allowInsecurePath: true on the provider if the path is protected otherwise",
    });
  }
  return new SecretsError(options.code, `${path} belongs to another user (uid ${uid})`, { hint: `chown ${options.uid} ${path}` });
}

function writable(path: string, { mode, uid }: Pick<Stats, "mode" | "uid">, { code }: TrustedPathOptions): SecretsError {
  // A shared folder such as /tmp is not to be made private: the file has to go elsewhere.
  const isShared = (mode & 0o1000) !== 0 && uid === 0;
  if (!isShared) return new SecretsError(code, `the folder ${path} is writable by others`, { hint: `chmod go-w ${path}` });
  return new SecretsError(code, `the folder ${path} is open to everybody`, {
    hint: "move the file into a folder of its own that only you can write to",
  });
}

import { constants, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SecretsError } from "../errors.ts";
import { checkOwner, followTrustedFolder } from "../trusted-path.ts";

/** How a file of secrets is read. */
export interface TrustedFileOptions {
  readonly uid: number | undefined;
  readonly maxBytes: number;
  /** Leaves owner, permissions and folders unchecked. */
  readonly allowInsecurePath: boolean;
  /** Folder of the credentials systemd hands to a service. Its files are root's. */
  readonly credentialsFolder: string | undefined;
}

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a file that nobody else can have written or read. What is checked is the opened file, so that
 * putting another in its place in between changes nothing.
 *
 * @throws {SecretsError} `file-refused` when others could, `file-unreadable` when it cannot be read whole.
 */
export async function readTrustedFile(path: string, options: TrustedFileOptions): Promise<Buffer> {
  const name = basename(path);
  if (path.endsWith("/") || name === ".." || name === ".") throw new SecretsError("file-refused", `${path} is not the path of a file`);
  const realPath = options.allowInsecurePath ? path : join(await follow(dirname(path), options), name);
  const rules = { ...options, isCredential: await isCredential(path, realPath, options) };
  return (await readOnce(realPath, rules)) ?? (await readOnce(realPath, rules)) ?? changing(realPath);
}

interface Rules extends TrustedFileOptions {
  readonly isCredential: boolean;
}

function follow(folder: string, { uid }: TrustedFileOptions): Promise<string> {
  return followTrustedFolder(folder, { uid, code: "file-refused" });
}

async function isCredential(path: string, realPath: string, options: TrustedFileOptions): Promise<boolean> {
  const folder = options.credentialsFolder;
  if (options.allowInsecurePath || !folder?.startsWith("/") || !path.startsWith(`${folder}/`)) return false;
  return realPath.startsWith(`${await follow(folder, options)}/`);
}

/** Its content, or `undefined` when it was written to meanwhile. */
async function readOnce(path: string, options: Rules): Promise<Buffer | undefined> {
  const file = await openFile(path);
  try {
    const before = await file.stat();
    checkFile(path, before, options);
    const content = await readUpTo(file, options.maxBytes);
    if (content.length > options.maxBytes) throw new SecretsError("file-unreadable", `${path} is larger than ${options.maxBytes} bytes`);
    const after = await file.stat();
    const isSame = before.mtimeMs === after.mtimeMs && after.size === before.size;
    return isSame ? content : undefined;
  } finally {
    await file.close();
  }
}

/** Neither follows a link nor waits for the other end of a FIFO. */
async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ELOOP") throw new SecretsError("file-refused", `${path} is a link`, { hint: "name the file itself", cause });
    if (code === "ENXIO") throw new SecretsError("file-refused", `${path} is not a regular file`, { cause });
    throw new SecretsError("file-unreadable", code === "ENOENT" ? `${path} does not exist` : `${path} cannot be opened`, { cause });
  }
}

function checkFile(path: string, stats: Stats, options: Rules): void {
  const refuse = (why: string, hint?: string) => {
    throw new SecretsError("file-refused", why, hint === undefined ? {} : { hint });
  };
  if (!stats.isFile()) refuse(`${path} is not a regular file`);
  if (stats.nlink !== 1) refuse(`${path} has ${stats.nlink} names (hard links)`, `cp ${path} ${path}.new && mv ${path}.new ${path}`);
  if (options.allowInsecurePath) return;
  checkOwner(path, stats, { uid: options.uid, code: "file-refused" });
  if (stats.uid !== options.uid && !options.isCredential) refuse(`${path} belongs to root, not to you`, `chown ${options.uid} ${path}`);
  // systemd lets the service read by an access control list, whose mask shows as the read bit of root's group.
  const shared = options.isCredential && stats.uid === 0 && stats.gid === 0 ? 0o037 : 0o077;
  if ((stats.mode & shared) === 0) return;
  refuse(`permissions are too open on ${path} (mode ${(stats.mode & 0o777).toString(8).padStart(3, "0")})`, `chmod 600 ${path}`);
}

/** Reads to the end, or to one byte more than is allowed: what `stat` says of the size is not relied on. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let left = maxBytes + 1; left > 0;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(left, CHUNK_BYTES)));
    if (bytesRead === 0) break;
    chunks.push(buffer.subarray(0, bytesRead));
    left -= bytesRead;
  }
  return Buffer.concat(chunks);
}

function changing(path: string): never {
  throw new SecretsError("file-unreadable", `${path} changes while it is read`, { hint: "write it to another name and rename it" });
}

import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { createSecretSearch, type SecretHit, type SecretSearch } from "@openclaw/secrets";
import type { KnownSecret, SecretPlace } from "./audit-source.ts";
import type { UnsearchedFile, ValueFinding } from "./audit-types.ts";
import { errnoOf, findFiles, identityOf } from "./find-files.ts";
import { homeRanges } from "./home-ranges.ts";
import type { SearchRoot } from "./search-roots.ts";
import { isGzip, unpackGzip, whyOpaque } from "./unpack.ts";

/** Where known values were found, and where they were looked for. */
export interface SearchedValues {
  readonly valueFindings: readonly ValueFinding[];
  /** Sorted. */
  readonly filesSearched: readonly string[];
  readonly filesNotSearched: readonly UnsearchedFile[];
}

/** What is searched for, and where. */
export interface SearchValuesOptions {
  readonly secrets: readonly KnownSecret[];
  readonly roots: readonly SearchRoot[];
  /** Files that were read as what they are: searched also where a link leads to them. */
  readonly files: readonly string[];
  /** Folders that are never entered. The lock files of a process go when any descriptor of them is closed. */
  readonly skip: readonly string[];
  /** Of the fingerprints; without it there are none. */
  readonly salt: Uint8Array | undefined;
  readonly limits?: SearchLimits;
}

/** How much is read. */
interface SearchLimits {
  readonly fileBytes: number;
  readonly totalBytes: number;
  /** Of one value in one file, how many places are listed. */
  readonly hitsPerFile: number;
}

const MIB = 1024 ** 2;
const DEFAULT_LIMITS: SearchLimits = { fileBytes: 16 * MIB, totalBytes: 512 * MIB, hitsPerFile: 20 };

/**
 * Searches files for known values, in every form of {@link createSecretSearch} and within gzip. Where a
 * value is at home it is not found. A file is searched once, whatever paths lead to it.
 */
export async function searchValues(options: SearchValuesOptions): Promise<SearchedValues> {
  const { secrets, roots, limits = DEFAULT_LIMITS } = options;
  const search = createSecretSearch(secrets);
  const fingerprints = new Map(secrets.map(({ label, secret }) => [label, options.salt && secret.fingerprint(options.salt)]));
  const places = await placesByFile(secrets);
  const skip = new Set((await Promise.all(options.skip.map(identityOf))).filter((identity) => identity !== undefined));
  const known = new Set<string>();
  const valueFindings: ValueFinding[] = [];
  const filesSearched: string[] = [];
  const filesNotSearched: UnsearchedFile[] = [];
  let left = limits.totalBytes;

  async function searchFile(path: string, file: string): Promise<void> {
    const read = await readRegularFile(path, Math.min(limits.fileBytes, left), known);
    if ("isKnown" in read) return;
    if ("reason" in read) {
      const reason =
        left < limits.fileBytes && read.isTooLarge ? `${limits.totalBytes / MIB} MiB had been searched before it` : read.reason;
      filesNotSearched.push({ file, reason });
      return;
    }
    const { bytes } = read;
    left -= bytes.length;
    filesSearched.push(file);
    const ranges = homeRangesOf(bytes, places.get(read.identity) ?? [], search);
    const hits = ranges.hits.filter((hit) => !ranges.home.some(({ start, end }) => start <= hit.offset && hit.offset + hit.length <= end));
    const packed = isGzip(bytes) ? await unpackGzip(bytes, Math.min(limits.fileBytes * 4, left)) : undefined;
    left -= packed?.bytes.length ?? 0;
    const opaque = packed?.problem ?? whyOpaque(bytes);
    if (opaque !== undefined) filesNotSearched.push({ file, reason: opaque });
    const found = [...describeHits(bytes, hits, ""), ...(packed ? describeHits(packed.bytes, search.search(packed.bytes), "gzip+") : [])];
    const counts = new Map<string, number>();
    for (const { label, ...finding } of found) {
      const count = (counts.get(label) ?? 0) + 1;
      counts.set(label, count);
      if (count > limits.hitsPerFile) continue;
      const fingerprint = fingerprints.get(label);
      valueFindings.push({ file, ...finding, secret: label, ...(fingerprint !== undefined && { fingerprint }) });
    }
    for (const [label, count] of counts) {
      if (count > limits.hitsPerFile)
        filesNotSearched.push({ file, reason: `${label} stands there ${count} times, of which ${limits.hitsPerFile} are listed` });
    }
  }

  for (const file of options.files) {
    const path = await realpath(file).catch(() => undefined);
    if (path !== undefined) await searchFile(path, file);
  }
  for (const root of roots) {
    for await (const found of findFiles(root, skip)) {
      if ("reason" in found) filesNotSearched.push(found);
      else await searchFile(found.file, found.file);
    }
  }
  return { valueFindings, filesSearched: filesSearched.toSorted(), filesNotSearched };
}

/** By the identity of the file, so that links to a file do not matter. */
async function placesByFile(secrets: readonly KnownSecret[]): Promise<ReadonlyMap<string, readonly SecretPlace[]>> {
  const byPath = Map.groupBy(
    secrets.flatMap(({ places }) => places),
    ({ file }) => file,
  );
  const byFile = new Map<string, readonly SecretPlace[]>();
  for (const [path, places] of byPath) {
    const identity = await identityOf(path);
    if (identity !== undefined) byFile.set(identity, [...(byFile.get(identity) ?? []), ...places]);
  }
  return byFile;
}

/** Files without a hit are not parsed. */
function homeRangesOf(bytes: Buffer, places: readonly SecretPlace[], search: SecretSearch) {
  const hits = search.search(bytes);
  return { hits, home: hits.length === 0 || places.length === 0 ? [] : homeRanges(bytes, places) };
}

function describeHits<P extends "" | "gzip+">(bytes: Buffer, hits: readonly SecretHit[], prefix: P) {
  let [line, at] = [1, 0];
  const isText = prefix === "" && !bytes.subarray(0, 8_192).includes(0);
  return hits.map(({ label, form, offset }) => {
    for (let next = bytes.indexOf(0x0a, at); next !== -1 && next < offset; next = bytes.indexOf(0x0a, at)) {
      line += 1;
      at = next + 1;
    }
    return { ...(isText && { line }), offset, form: `${prefix}${form}` as const, label };
  });
}

type ReadFile =
  | { readonly bytes: Buffer; readonly identity: string }
  | { readonly isKnown: true }
  | { readonly reason: string; readonly isTooLarge: boolean };

/** What is checked is what was opened: nothing can be swapped in between. */
async function readRegularFile(path: string, maxBytes: number, known: Set<string>): Promise<ReadFile> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      const stats = await file.stat({ bigint: true });
      const identity = `${stats.dev}:${stats.ino}`;
      if (!stats.isFile() || known.has(identity)) return { isKnown: true };
      known.add(identity);
      if (stats.size > maxBytes) return { reason: `it is larger than ${maxBytes / MIB} MiB`, isTooLarge: true };
      const bytes = Buffer.alloc(Number(stats.size));
      let length = 0;
      while (length < bytes.length) {
        const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return { bytes: bytes.subarray(0, length), identity };
    } finally {
      await file.close();
    }
  } catch (error) {
    // What went away meanwhile, or has become a link, is no file to search.
    const errno = errnoOf(error);
    if (errno === "ENOENT" || errno === "ELOOP") return { isKnown: true };
    return { reason: `it cannot be read (${errno})`, isTooLarge: false };
  }
}

import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** How a canary was written where it was found. */
export type CanaryForm = "plain" | "json" | "percent" | "base64" | "base64url" | "hex" | "piece";

/** A place a canary got to. */
export interface CanaryFinding {
  /** Name of the text, or path of the file. */
  readonly where: string;
  readonly form: CanaryForm;
}

/** Where to look. */
export interface CanaryHaystacks {
  readonly texts?: Readonly<Record<string, string | Uint8Array>>;
  /** Every file below these is searched, and its name. Links are not followed. */
  readonly folders?: readonly string[];
}

/** How closely to look. */
export interface CanarySearchOptions {
  /** A piece of so many characters counts as found too: 8 unless given, `Infinity` for whole values only. */
  readonly minPiece?: number;
}

interface Needle {
  readonly form: CanaryForm;
  readonly text: string;
  readonly ignoresCase?: boolean;
}

const CANARY = /^test-canary-.*-([0-9a-z]+)$/;
const TAIL_LENGTH = 30;

/** A fake secret that occurs nowhere else: `test-canary-<label>-<30 random letters and digits>`. */
export function createCanary(label: string): string {
  const tail = BigInt(`0x${randomBytes(24).toString("hex")}`)
    .toString(36)
    .padStart(TAIL_LENGTH, "0")
    .slice(-TAIL_LENGTH);
  return `test-canary-${label}-${tail}`;
}

/**
 * Lists where a secret got to: as it is, JSON-escaped, percent-encoded, in base64 at any of its three
 * alignments, in base64url, in hex, or a piece of it. Of a value from {@link createCanary} only pieces
 * of the random tail count, so that neither another canary nor the label is taken for this one. One
 * finding per place, the most complete form.
 *
 * @example
 * expect(await findCanary(canary, { texts: { stdout, stderr }, folders: [home.path] })).toEqual([]);
 */
export async function findCanary(
  canary: string,
  haystacks: CanaryHaystacks,
  options: CanarySearchOptions = {},
): Promise<readonly CanaryFinding[]> {
  const needles = needlesFor(canary, options.minPiece ?? 8);
  const texts = Object.entries(haystacks.texts ?? {}).map(([where, content]) => search(where, content, needles));
  const files: (CanaryFinding | undefined)[] = [];
  for (const folder of haystacks.folders ?? []) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      files.push(search(path, entry.name, needles) ?? (entry.isFile() ? search(path, await readFile(path), needles) : undefined));
    }
  }
  return [...texts, ...files].filter((finding) => finding !== undefined);
}

function search(where: string, content: string | Uint8Array, needles: readonly Needle[]): CanaryFinding | undefined {
  // One character per byte, so that what is not valid UTF-8 is searched too.
  const text = Buffer.from(content).toString("latin1");
  const lowerCase = text.toLowerCase();
  const found = needles.find((needle) => (needle.ignoresCase ? lowerCase : text).includes(needle.text));
  return found && { where, form: found.form };
}

function needlesFor(canary: string, minPiece: number): readonly Needle[] {
  const bytes = Buffer.from(canary, "utf8");
  const hex = bytes.toString("hex");
  const needle = (form: CanaryForm, text: string): Needle => ({ form, text: Buffer.from(text).toString("latin1") });
  return [
    needle("plain", canary),
    needle("json", JSON.stringify(canary).slice(1, -1)),
    needle("percent", encodeURIComponent(canary)),
    { form: "percent", text: hex.replaceAll(/../g, "%$&"), ignoresCase: true },
    ...[0, 1, 2].flatMap((shift) => [
      needle("base64", alignedBase64(bytes, shift, "base64")),
      needle("base64url", alignedBase64(bytes, shift, "base64url")),
    ]),
    { form: "hex", text: hex, ignoresCase: true },
    ...pieces(CANARY.exec(canary)?.[1] ?? canary, minPiece).map((piece) => needle("piece", piece)),
  ];
}

/** The base64 characters that depend on `bytes` alone when `shift` other bytes stand before them. */
function alignedBase64(bytes: Buffer, shift: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding);
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
}

function pieces(text: string, length: number): readonly string[] {
  if (length > text.length) return [];
  return Array.from({ length: text.length - length + 1 }, (_, start) => text.slice(start, start + length));
}

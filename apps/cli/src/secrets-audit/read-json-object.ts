import { readPrivateFile, SecretsError } from "@openclaw/secrets";
import { jsonPosition } from "../json-position.ts";

/** A JSON object of which nothing is known. It may hold secrets. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What became of reading a file. The problem names the file and the place in it, never what stands there. */
export type ReadObject =
  | { readonly kind: "absent" }
  | { readonly kind: "broken"; readonly problem: string }
  | { readonly kind: "read"; readonly json: JsonRecord };

/** What to read, and how to name it. */
export interface ReadObjectOptions {
  /** Where its content is. */
  readonly from: string;
  /** How problems call it. */
  readonly file: string;
  readonly maxBytes: number;
}

/** Reads a JSON object from a regular file. A file that is broken is an answer, not an exception. */
export async function readJsonObject({ from, file, maxBytes }: ReadObjectOptions): Promise<ReadObject> {
  let bytes: Buffer | undefined;
  try {
    bytes = await readPrivateFile(from, { maxBytes, followLink: true });
  } catch (error) {
    if (!(error instanceof SecretsError)) throw error;
    return { kind: "broken", problem: error.message.replaceAll(from, file) };
  }
  if (bytes === undefined) return { kind: "absent" };
  try {
    const json: unknown = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/u, ""));
    return isRecord(json) ? { kind: "read", json } : { kind: "broken", problem: `${file} is not a JSON object` };
  } catch (error) {
    return { kind: "broken", problem: `${file} is not valid JSON${jsonPosition(error)}` };
  }
}

/** A JSON object: neither a list nor null. */
export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Text that is not blank, as it stands. */
export function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

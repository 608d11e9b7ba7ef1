import { homedir } from "node:os";
import { join } from "node:path";
import { readPrivateFile, SecretsError, type FileProviderConfig } from "@openclaw/secrets";

const MAX_BYTES = 1024 * 1024;
const MOST = 200;
const DEEPEST = 8;

/** The JSON pointers of the texts in a file that only its owner can read; none where it is not such a file. Names, no values. */
export async function pointersIn({ path, mode, maxBytes }: FileProviderConfig, home: string): Promise<readonly string[]> {
  if (mode === "singleValue") return [];
  const place = path.startsWith("~/") ? join(home === "" ? homedir() : home, path.slice(2)) : path;
  try {
    const bytes = await readPrivateFile(place, { maxBytes: maxBytes ?? MAX_BYTES, mustBeOwned: true, mustBePrivate: true });
    if (bytes === undefined) return [];
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return [...pointers(value, "")].slice(0, MOST);
  } catch (error) {
    // What is wrong with the file is said where it is resolved. The parser's error quotes the text.
    if (error instanceof SecretsError || error instanceof SyntaxError) return [];
    throw error;
  }
}

function* pointers(value: unknown, at: string): Iterable<string> {
  if (typeof value === "string" && at !== "") yield at;
  if (typeof value !== "object" || value === null || at.split("/").length > DEEPEST) return;
  for (const [name, inner] of Object.entries(value)) yield* pointers(inner, `${at}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
}

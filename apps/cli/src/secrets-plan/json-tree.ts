import { readCredentialText, Secret } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { jsonPosition } from "../json-position.ts";

/** An object of a parsed file. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value has named members. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object holds under a name of its own. */
export function ownMember(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Every text in a value, with its path. */
export function* textsIn(
  value: unknown,
  at: readonly string[] = [],
): Iterable<{ readonly path: readonly string[]; readonly text: string }> {
  if (typeof value === "string") yield { path: at, text: value };
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, [...at, name]);
}

/**
 * Parses the text of a store; a missing one is an empty object.
 *
 * @throws {CliError} naming the file and never what it holds.
 */
export function parseStoreText(text: string, path: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text.trim() === "" ? "{}" : text.replace(/^\uFEFF/u, ""));
  } catch (error) {
    throw new CliError(`${path} is not valid JSON${jsonPosition(error)}`, "correct it, or move it away; it is left as it is");
  }
  if (isObject(json)) return json;
  throw new CliError(`${path} is not a JSON object`, "correct it, or move it away; it is left as it is");
}

/** Text of a file as a key of it would be read; `undefined` where nothing is written. */
export function secretOf(text: unknown): Secret | undefined {
  if (typeof text !== "string" || text.trim() === "") return undefined;
  return readCredentialText(text) ?? Secret.of(text);
}

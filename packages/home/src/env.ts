import { stat } from "node:fs/promises";
import { platform } from "node:os";
import { parseEnv } from "node:util";
import { readCredentialText, Secret, type Env } from "@openclaw/secrets";
import { holdAsBytes } from "./held-as-bytes.ts";
import { readTextFile } from "./read-text-file.ts";
import { unprinted } from "./unprinted.ts";

/** Which layer a variable came from, the strongest first. `sandbox`: the demo keys of a trial home. */
export type EnvLayer = "env" | ".env" | "config env" | "shell env" | "sandbox";

/** The environment requests see, and where each variable came from. */
export interface EnvLayers {
  /**
   * Gives keys as plain text, and so does not print. A value becomes text when it is read, and is held as
   * bytes until then, so that a heap snapshot does not list it among strings.
   */
  readonly values: Env;
  /** The layer whose value is used. */
  layerOf(name: string): EnvLayer | undefined;
  /** What every layer that defines a name says of it, the one that is used first. */
  definitionsOf(name: string): readonly EnvDefinition[];
  /** The names that layers define with different values, in the order in which they first occur. */
  differing(): readonly EnvConflict[];
}

/** A name with different values in different layers. */
export interface EnvConflict {
  readonly name: string;
  /** Every layer that defines it. The value of the first is used. */
  readonly definitions: readonly EnvDefinition[];
}

/** What one layer says of a name. */
export interface EnvDefinition {
  readonly layer: EnvLayer;
  /** The value as a key of it would be read, so that its fingerprint is the one shown elsewhere. */
  readonly secret: Secret;
  /** Set, to nothing. It still hides the value of every layer below. */
  readonly isBlank: boolean;
}

/**
 * Lays environments over each other, the strongest first. A name that a stronger layer defines, even as
 * empty, is never overridden.
 */
export function mergeEnv(layers: readonly (readonly [EnvLayer, Env])[]): EnvLayers {
  const found = new Map<string, Definition[]>();
  for (const [layer, env] of layers) {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined) continue;
      const definition = { layer, bytes: Buffer.from(value, "utf8") };
      const definitions = found.get(name);
      if (definitions) definitions.push(definition);
      else found.set(name, [definition]);
    }
  }
  return Object.freeze({
    values: valuesOf(found),
    layerOf: (name: string) => found.get(name)?.[0]?.layer,
    definitionsOf: (name: string) => (found.get(name) ?? []).map((definition) => definitionOf(definition)),
    differing: () => [...found].flatMap(([name, definitions]) => conflictOf(name, definitions)),
  });
}

/**
 * Reads a `.env` file (dotenv syntax, no expansion). A missing file is an empty layer.
 *
 * @throws {HomeError} `env-unreadable` when it is there and cannot be read.
 */
export async function readEnvFile(path: string): Promise<Env> {
  return parseEnvText((await readTextFile(path, "env-unreadable")) ?? "");
}

/** What the text of a `.env` file defines. */
export function parseEnvText(text: string): Env {
  // Node takes a tab after `export`, and the # of an indented comment, for a part of the name.
  const named = Object.entries(parseEnv(text)).map(([name, value]) => [name.replace(/^export\s+/u, ""), value] as const);
  return Object.fromEntries(named.filter(([name]) => !name.startsWith("#")));
}

/** That other users may open a `.env` file, in one sentence that says what to type. The file is used all the same. */
export async function envFileProblem(path: string): Promise<string | undefined> {
  if (platform() === "win32") return undefined; // Its modes say nothing about who may read.
  const stats = await stat(path).catch(() => undefined); // What cannot be read at all is told by readEnvFile.
  if (!stats?.isFile() || (stats.mode & 0o077) === 0) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(3, "0");
  return `${path} may hold keys and is open to other users (mode ${mode}): chmod 600 ${path}`;
}

interface Definition {
  readonly layer: EnvLayer;
  readonly bytes: Buffer;
}

function valuesOf(found: ReadonlyMap<string, readonly Definition[]>): Env {
  const values: Record<string, string | undefined> = Object.create(null);
  // What is defined here is frozen below; until then it can be redefined, for a variable that is called toJSON.
  for (const [name, [definition]] of found) if (definition) holdAsBytes(values, name, definition.bytes.toString("utf8"));
  return Object.freeze(unprinted(values, "environment"));
}

function conflictOf(name: string, definitions: readonly Definition[]): readonly EnvConflict[] {
  if (definitions.length < 2) return [];
  const read = definitions.map((definition) => definitionOf(definition));
  const [first] = read;
  return first && read.some(({ secret }) => !secret.equals(first.secret)) ? [{ name, definitions: read }] : [];
}

function definitionOf({ layer, bytes }: Definition): EnvDefinition {
  const text = bytes.toString("utf8");
  const isBlank = text.trim() === "";
  return { layer, secret: readCredentialText(text) ?? Secret.of(isBlank ? "" : text), isBlank };
}

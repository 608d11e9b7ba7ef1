import { parseEnv } from "node:util";
import type { Env } from "@openclaw/secrets";
import { readTextFile } from "./read-text-file.ts";
import { unprinted } from "./unprinted.ts";

/** Which layer a variable came from. `sandbox`: the demo keys of a trial home. */
export type EnvLayer = "env" | ".env" | "config env" | "sandbox";

/** The environment requests see, and where each variable came from. */
export interface EnvLayers {
  /** Holds keys as plain text, and so does not print. */
  readonly values: Env;
  layerOf(name: string): EnvLayer | undefined;
}

/**
 * Lays environments over each other, the strongest first. A name that a stronger layer defines, even as
 * empty, is never overridden.
 */
export function mergeEnv(layers: readonly (readonly [EnvLayer, Env])[]): EnvLayers {
  const values: Record<string, string | undefined> = Object.create(null);
  const origins = new Map<string, EnvLayer>();
  for (const [layer, env] of layers) {
    for (const [name, value] of Object.entries(env)) {
      if (value === undefined || origins.has(name)) continue;
      values[name] = value;
      origins.set(name, layer);
    }
  }
  return Object.freeze({ values: Object.freeze(unprinted(values, "environment")), layerOf: (name: string) => origins.get(name) });
}

/**
 * Reads a `.env` file (dotenv syntax). A missing file is an empty layer.
 *
 * @throws {HomeError} `env-unreadable` when it is there and cannot be read.
 */
export async function readEnvFile(path: string): Promise<Env> {
  const parsed = parseEnv((await readTextFile(path, "env-unreadable")) ?? "");
  // Node takes a tab after `export`, and the # of an indented comment, for a part of the name.
  const named = Object.entries(parsed).map(([name, value]) => [name.replace(/^export\s+/u, ""), value] as const);
  return Object.fromEntries(named.filter(([name]) => !name.startsWith("#")));
}

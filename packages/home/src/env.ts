import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import type { Env } from "@openclaw/secrets";
import { HomeError } from "./errors.ts";

/** Which layer a variable came from. `sandbox`: the demo keys of a trial home. */
export type EnvLayer = "env" | ".env" | "config env" | "sandbox";

/** The environment requests see, and where each variable came from. */
export interface EnvLayers {
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
  return { values: Object.freeze(values), layerOf: (name) => origins.get(name) };
}

/**
 * Reads a `.env` file (dotenv syntax). A missing file is an empty layer.
 *
 * @throws {HomeError} `env-unreadable` when it is there and cannot be read.
 */
export async function readEnvFile(path: string): Promise<Env> {
  try {
    const text = await readFile(path, "utf8");
    return parseEnv(text.startsWith("\uFEFF") ? text.slice(1) : text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    throw new HomeError("env-unreadable", `${path} cannot be read (${code})`, { hint: `make it a file you own: chmod 600 ${path}` });
  }
}

import type { Config } from "./config.ts";

/** A variable that the configuration sets. */
export interface ConfigVariable {
  readonly name: string;
  /** It may be a key. */
  readonly value: string;
  readonly path: readonly string[];
}

/** `env.vars.<NAME>` and `env.<NAME>` of the configuration, where they are text. Of two of a name the last counts. */
export function configVariables(config: Config): readonly ConfigVariable[] {
  const { vars, ...direct } = config.env ?? {};
  const nested = typeof vars === "object" && vars !== null ? Object.entries(vars) : [];
  const all = [
    ...nested.map(([name, value]) => ({ name, value, path: ["env", "vars", name] })),
    ...Object.entries(direct).map(([name, value]) => ({ name, value, path: ["env", name] })),
  ];
  return all.flatMap(({ name, value, path }) => (typeof value === "string" ? [{ name, value, path }] : []));
}

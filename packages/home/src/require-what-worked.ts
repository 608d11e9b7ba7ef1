import { readableProfiles, type Agents } from "./agents.ts";
import { HomeError } from "./errors.ts";
import type { HomePaths } from "./paths.ts";

interface HasConfig {
  readonly hasConfig: boolean;
}

/**
 * Refuses a reading without a configuration after one that had one: to go by the defaults would take every client,
 * address and model away because of a file that is gone for a moment, or by mistake.
 *
 * @throws {HomeError} `config-unreadable`.
 */
export function requireConfig(before: HasConfig, after: HasConfig, paths: Pick<HomePaths, "configPath">): void {
  if (!before.hasConfig || after.hasConfig) return;
  throw new HomeError("config-unreadable", `${paths.configPath} was there and is gone`, {
    hint: "put it back, or restart to go on without one",
  });
}

/** Throws the error of the first agent that could be read before and no longer can. */
export function requireStores(before: Agents, after: Agents): void {
  for (const id of [undefined, ...after.ids]) {
    const known = id === undefined || before.ids.includes(id) ? before.find(id) : undefined;
    if (known && readableProfiles(known)) after.find(id).profiles();
  }
}

import { join } from "node:path";
import { healthPlaces, type HomeSnapshot } from "@openclaw/home";
import { createFileHealthStore, type HealthStore } from "@openclaw/key-rotation";
import { createLockFolder } from "@openclaw/secrets";

/** A file that keeps cooldowns. */
export interface CooldownFile {
  readonly path: string;
  /** The store beside it. */
  readonly storePath: string;
  readonly at: HealthStore;
}

/** Where the cooldowns of the accounts an agent sees are kept, and those of keys; each file once. */
export function cooldownFiles(home: HomeSnapshot, agentId: string | undefined): readonly CooldownFile[] {
  const agent = home.agents.find(agentId);
  const { store, storeOf } = agent.profiles();
  const keysStore = home.agents.find().storePath;
  const stores = new Set([agent.storePath, keysStore, ...[...store.profiles.keys()].map((id) => storeOf(id))]);
  const locks = createLockFolder(join(home.paths.stateDir, "locks"));
  const files = new Map<string, CooldownFile>();
  for (const { store: storePath, statePath } of healthPlaces(home)) {
    if (storePath === undefined || !stores.has(storePath)) continue;
    files.set(statePath, { path: statePath, storePath, at: createFileHealthStore({ path: statePath, locks }) });
  }
  return [...files.values()];
}

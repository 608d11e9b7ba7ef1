import { dirname, join } from "node:path";
import type { AgentAccounts } from "./agents.ts";
import type { HomeSnapshot } from "./snapshot.ts";

/** A file that keeps the health of credentials, and of which. */
export interface HomeHealthPlace {
  /** The store that holds them (`Candidate.store`); `undefined` for keys that no store holds, and quotas that several share. */
  readonly store: string | undefined;
  readonly statePath: string;
  /** Which ids are of these, where two share one file. All of them unless given. */
  readonly owns?: (id: string) => boolean;
}

/**
 * Where the health of a home is kept: for each store in `auth-state.json` beside it. What has no store is kept beside that
 * of the default agent.
 */
export function healthPlaces({ agents }: Pick<HomeSnapshot, "agents">): readonly HomeHealthPlace[] {
  const ofDefault = agents.find().storePath;
  const stores = [...new Set(agents.all.map(({ storePath }) => storePath))];
  return stores.flatMap((store): readonly HomeHealthPlace[] => {
    const statePath = stateFileOf({ storePath: store });
    if (store !== ofDefault) return [{ store, statePath }];
    return [
      { store, statePath, owns: (id) => !isOfNoStore(id) },
      { store: undefined, statePath, owns: isOfNoStore },
    ];
  });
}

/** Cooldowns and usage of an agent's accounts. */
export function stateFileOf({ storePath }: Pick<AgentAccounts, "storePath">): string {
  return join(dirname(storePath), "auth-state.json");
}

/** Whether an id is that of a key (its fingerprint), of no key at all, or of a quota: no profile is called so. */
export function isOfNoStore(id: string): boolean {
  return id.startsWith("#") || id.startsWith("bucket:") || id.endsWith(":none");
}

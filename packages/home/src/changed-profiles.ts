import type { AuthProfile, Refresher } from "@openclaw/auth-profiles";
import { formatSecretRef, type Secret } from "@openclaw/secrets";
import { readableProfiles, type Agents } from "./agents.ts";

/** What became of the stored profiles between two readings, by id, in whichever agent's store. */
export interface ProfileChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** They hold another credential: what is remembered of the old one says nothing of it. */
  readonly replaced: readonly string[];
}

/** Compares two readings of the stores. What this refresher made of a login is the same login. */
export function changedProfiles(
  before: { readonly agents: Agents },
  after: { readonly agents: Agents },
  refresher: Pick<Refresher, "latest">,
): ProfileChanges {
  const old = profilesOf(before.agents);
  const present = profilesOf(after.agents);
  const idsOf = (profiles: Stored) => new Set([...profiles.values()].flatMap((own) => [...own.keys()]));
  const [oldIds, ids] = [idsOf(old), idsOf(present)];
  const replaced = [...present].flatMap(([agentId, own]) =>
    [...own].flatMap(([id, profile]) => {
      const known = old.get(agentId)?.get(id);
      return known === undefined || known === profile || holdSame(latest(known, refresher), profile) ? [] : [id];
    }),
  );
  return {
    added: [...ids].filter((id) => !oldIds.has(id)),
    removed: [...oldIds].filter((id) => !ids.has(id)),
    replaced: [...new Set(replaced)],
  };
}

type Stored = ReadonlyMap<string, ReadonlyMap<string, AuthProfile>>;

function profilesOf(agents: Agents): Stored {
  return new Map(agents.ids.map((id) => [id, readableProfiles(agents.find(id))?.store.profiles ?? new Map<string, AuthProfile>()]));
}

function latest(profile: AuthProfile, refresher: Pick<Refresher, "latest">): AuthProfile {
  return profile.type === "oauth" ? refresher.latest(profile) : profile;
}

function holdSame(left: AuthProfile, right: AuthProfile): boolean {
  if (left.type === "oauth" || right.type === "oauth") {
    return left.type === "oauth" && right.type === "oauth" && areEqual(left.access, right.access) && areEqual(left.refresh, right.refresh);
  }
  if (left.ref === undefined || right.ref === undefined) return left.ref === right.ref && areEqual(left.secret, right.secret);
  return formatSecretRef(left.ref) === formatSecretRef(right.ref);
}

function areEqual(left: Secret | undefined, right: Secret | undefined): boolean {
  return left === undefined || right === undefined ? left === right : left.equals(right);
}

import type { AuthProfile, Refresher } from "@openclaw/auth-profiles";
import { formatSecretRef, type Secret } from "@openclaw/secrets";
import { readableProfiles, type Agents } from "./agents.ts";

/** What became of the stored profiles between two readings, by id, in whichever agent's store. */
export interface ProfileChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** They hold another credential: what is remembered of the old one says nothing of it. */
  readonly replaced: readonly string[];
  /** Logins of the same account with other tokens, by a refresh elsewhere or a person: its quota is the same. */
  readonly renewed: readonly string[];
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
  const renewed = new Set<string>();
  const replaced = new Set<string>();
  for (const [place, own] of present) {
    for (const [id, profile] of own) {
      const known = old.get(place)?.get(id);
      if (known === undefined || known === profile || holdSame(latest(known, refresher), profile)) continue;
      (isSameAccount(known, profile) ? renewed : replaced).add(id);
    }
  }
  return {
    added: [...ids].filter((id) => !oldIds.has(id)),
    removed: [...oldIds].filter((id) => !ids.has(id)),
    replaced: [...replaced],
    renewed: [...renewed],
  };
}

type Stored = ReadonlyMap<string, ReadonlyMap<string, AuthProfile>>;

function profilesOf(agents: Agents): Stored {
  return new Map(agents.all.map((agent) => [agent.storePath, readableProfiles(agent)?.store.profiles ?? new Map<string, AuthProfile>()]));
}

function latest(profile: AuthProfile, refresher: Pick<Refresher, "latest">): AuthProfile {
  return profile.type === "oauth" ? refresher.latest(profile) : profile;
}

/** Whether both are logins, and neither says that it is of somebody else. */
function isSameAccount(left: AuthProfile, right: AuthProfile): boolean {
  if (left.type !== "oauth" || right.type !== "oauth" || left.provider !== right.provider) return false;
  if (left.accountId !== undefined && right.accountId !== undefined) return left.accountId === right.accountId;
  return left.email === undefined || right.email === undefined || left.email.toLowerCase() === right.email.toLowerCase();
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

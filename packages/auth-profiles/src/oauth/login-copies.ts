import type { ProfileStorage } from "../file-storage.ts";
import type { NormalizeProvider } from "../normalize-provider.ts";
import type { OAuthProfile } from "../profile.ts";
import { knownAccount } from "./account-lock.ts";

/** A login where it is stored. */
export interface LoginCopy {
  readonly id: string;
  readonly profile: OAuthProfile;
  readonly storage: ProfileStorage;
}

export interface CopyQuestion {
  readonly own: LoginCopy;
  /** The name of its lock. */
  readonly account: string;
  readonly siblings: readonly ProfileStorage[];
  readonly normalizeProvider: NormalizeProvider;
}

/**
 * All copies of an account's login on this machine: the own one first, then others in its store, then those of the
 * siblings. A login that does not say whose it is has none but itself. A sibling that cannot be read has no copies:
 * another agent's broken file is not in the way of this one's login.
 */
export async function findCopies({ own, account, siblings, normalizeProvider }: CopyQuestion): Promise<readonly LoginCopy[]> {
  if (knownAccount(own.profile, normalizeProvider) !== account) return [own];
  const copies: LoginCopy[] = [own];
  for (const storage of [own.storage, ...(await otherStores(own.storage, siblings))]) {
    const store = storage === own.storage ? await storage.read() : await storage.read().catch(() => undefined);
    for (const [id, profile] of store?.profiles ?? []) {
      const isOwn = storage === own.storage && id === own.id;
      if (isOwn || profile.type !== "oauth" || profile.forbiddenRefs !== undefined || knownAccount(profile, normalizeProvider) !== account)
        continue;
      copies.push({ id, profile, storage });
    }
  }
  return copies;
}

/** Each store once, links followed, and not the own one. */
export async function otherStores(own: ProfileStorage, siblings: readonly ProfileStorage[]): Promise<readonly ProfileStorage[]> {
  const paths = await Promise.all([own, ...siblings].map((storage) => storage.realPath().catch(() => undefined)));
  const [ownPath, ...siblingPaths] = paths;
  return siblings.filter((storage, index) => {
    const path = siblingPaths[index];
    return storage !== own && path !== undefined && path !== ownPath && siblingPaths.indexOf(path) === index;
  });
}

/** The copy that ends last of those that can be used, so that nothing need be asked; none that ends before the own one. */
export function adoptable(copies: readonly LoginCopy[], isGood: (profile: OAuthProfile) => boolean): LoginCopy | undefined {
  const [own, ...others] = copies;
  // What was refused here is not tried again in an older copy of another.
  const ownEnd = own === undefined ? -Infinity : endOf(own.profile);
  return latest(others.filter(({ profile }) => isGood(profile) && endOf(profile) > ownEnd));
}

/** The copy whose refresh token is the one to send: older ones hold what was spent for it. The own one where several end at once. */
export function spendable(copies: readonly LoginCopy[]): LoginCopy | undefined {
  return latest(copies.filter(({ profile }) => profile.refresh !== undefined && profile.forbiddenRefs === undefined));
}

function latest(copies: readonly LoginCopy[]): LoginCopy | undefined {
  return copies.reduce<LoginCopy | undefined>(
    (last, copy) => (last === undefined || endOf(copy.profile) > endOf(last.profile) ? copy : last),
    undefined,
  );
}

function endOf({ expires }: OAuthProfile): number {
  return typeof expires === "number" ? expires : -Infinity;
}

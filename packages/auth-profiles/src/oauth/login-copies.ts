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

/** A copy that something can be got with. */
export interface SpendableCopy extends LoginCopy {
  readonly profile: OAuthProfile & Required<Pick<OAuthProfile, "refresh">>;
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
 * siblings. Who holds the very same refresh token is one, whoever it says it is of, if it says so at all. A sibling that
 * cannot be read has no copies: another agent's broken file is not in the way of this one's login.
 */
export async function findCopies({ own, account, siblings, normalizeProvider }: CopyQuestion): Promise<readonly LoginCopy[]> {
  const provider = normalizeProvider(own.profile.provider);
  const { refresh } = own.profile;
  const isCopy = (profile: OAuthProfile) =>
    knownAccount(profile, normalizeProvider) === account ||
    (refresh !== undefined && normalizeProvider(profile.provider) === provider && profile.refresh?.equals(refresh) === true);
  const copies: LoginCopy[] = [own];
  for (const storage of [own.storage, ...(await otherStores(own.storage, siblings))]) {
    const store = storage === own.storage ? await storage.read() : await storage.read().catch(() => undefined);
    for (const [id, profile] of store?.profiles ?? []) {
      const isOwn = storage === own.storage && id === own.id;
      if (isOwn || profile.type !== "oauth" || profile.forbiddenRefs !== undefined || !isCopy(profile)) continue;
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

/** The copies that can be used, so that nothing need be asked, the one that ends last first; none that ends before `after`. */
export function adoptable(
  copies: readonly LoginCopy[],
  isGood: (profile: OAuthProfile) => boolean,
  after: number = copies[0] === undefined ? -Infinity : endOf(copies[0].profile),
): readonly LoginCopy[] {
  // What was refused here is not tried again in an older copy of another.
  return copies
    .slice(1)
    .filter(({ profile }) => isGood(profile) && endOf(profile) > after)
    .toSorted(byEnd);
}

/**
 * The copies whose refresh tokens may be sent, each token once, in the order to try them: first the one that ends last,
 * for others hold what was spent for it. Where that is dead the own one, then the rest.
 */
export function spendable(copies: readonly LoginCopy[]): readonly SpendableCopy[] {
  const own = copies[0];
  // The sort keeps the own one first of those that end at once.
  const byTheirEnd = copies.filter(isSpendable).toSorted(byEnd);
  const ofOwnToken = byTheirEnd.filter(({ profile }) => own?.profile.refresh?.equals(profile.refresh));
  const order = [...byTheirEnd.slice(0, 1), ...ofOwnToken, ...byTheirEnd];
  return order.filter(({ profile }, index) => order.findIndex((first) => first.profile.refresh.equals(profile.refresh)) === index);
}

function isSpendable(copy: LoginCopy): copy is SpendableCopy {
  return copy.profile.refresh !== undefined && copy.profile.forbiddenRefs === undefined;
}

function byEnd(left: LoginCopy, right: LoginCopy): number {
  const [leftEnd, rightEnd] = [endOf(left.profile), endOf(right.profile)];
  return leftEnd === rightEnd ? 0 : rightEnd - leftEnd;
}

function endOf({ expires }: OAuthProfile): number {
  return typeof expires === "number" ? expires : -Infinity;
}

import type { Secret } from "../secret.ts";
import { createMatcher, type Matcher } from "./matcher.ts";

/** Values that are looked for, in several matchers. */
export interface Tiers {
  add(key: string, secret: Secret): void;
  delete(key: string): void;
  /** All that is looked for. The same list for as long as nothing changes. */
  matchers(): readonly Matcher[];
}

/** Values that came lately, which are put into a matcher of their own. */
const MOST_YOUNG = 32;
/** Values of one matcher, and how many matchers there are before it is more. */
const MOST_TOGETHER = 1024;
const TIERS = 16;

interface Tier {
  readonly values: Map<string, Secret>;
  matcher: Matcher | "outdated" | undefined;
}

/**
 * A matcher is made anew for each value that comes or goes, in a time that grows with the values in it. With all of them in
 * one, the ten-thousandth would hold up everything for a third of a second; here it costs as much as a few dozen, and once in
 * a while as much as a thousand.
 */
export function createTiers(): Tiers {
  const tierOf = new Map<string, Tier>();
  let young = createTier();
  let growing = createTier();
  let full: Tier[] = [];
  let current: readonly Matcher[] | undefined;

  function put(key: string, secret: Secret, tier: Tier): void {
    tier.values.set(key, secret);
    tier.matcher = "outdated";
    tierOf.set(key, tier);
  }

  function grow(key: string, secret: Secret): void {
    if (growing.values.size >= Math.max(MOST_TOGETHER, tierOf.size / TIERS)) {
      full.push(growing);
      growing = createTier();
    }
    put(key, secret, growing);
  }

  function settle(): void {
    if (young.values.size <= MOST_YOUNG) return;
    const grown = young;
    young = createTier();
    for (const [key, secret] of grown.values) grow(key, secret);
  }

  return {
    add(key, secret) {
      put(key, secret, young);
      current = undefined;
    },
    delete(key) {
      const tier = tierOf.get(key);
      if (!tier) return;
      tierOf.delete(key);
      tier.values.delete(key);
      tier.matcher = "outdated";
      current = undefined;
      if (tier === young || tier === growing || tier.values.size > MOST_TOGETHER / 2) return;
      // Otherwise there would be ever more with ever fewer in each.
      full = full.filter((each) => each !== tier);
      for (const [rest, secret] of tier.values) grow(rest, secret);
    },
    matchers() {
      if (current) return current;
      settle();
      const matchers: Matcher[] = [];
      for (const tier of [...full, growing, young]) {
        if (tier.matcher === "outdated") {
          tier.matcher = createMatcher(Array.from(tier.values.values(), (secret) => Buffer.from(secret.reveal(), "utf8")));
        }
        if (tier.matcher) matchers.push(tier.matcher);
      }
      current = matchers;
      return matchers;
    },
  };
}

function createTier(): Tier {
  return { values: new Map(), matcher: undefined };
}

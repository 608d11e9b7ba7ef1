import { plainProvider, type NormalizeProvider } from "./normalize-provider.ts";
import type { AuthProfile, OAuthProfile } from "./profile.ts";
import { frozenRecord } from "./record.ts";
import type { AuthStore } from "./store.ts";

/**
 * What an agent sees: its own store, and behind it that of the main agent. The agent's profiles win
 * one by one, its order, lastGood and usage key by key. A login that both hold is read from main when
 * main's lasts longer, for main is where it is refreshed. Nothing is copied.
 */
export function mergeStores(main: AuthStore, agent: AuthStore, normalizeProvider: NormalizeProvider = plainProvider): AuthStore {
  const profiles = new Map(main.profiles);
  const isFromMain = new Set(main.profiles.keys());
  for (const [id, profile] of agent.profiles) {
    const mainProfile = main.profiles.get(id);
    if (mainProfile !== undefined && isLongerLogin(mainProfile, profile, normalizeProvider)) continue;
    profiles.set(id, profile);
    isFromMain.delete(id);
  }
  return Object.freeze({
    version: agent.version,
    profiles,
    order: mergeByProvider(main.order, agent.order, normalizeProvider),
    lastGood: mergeByProvider(main.lastGood, agent.lastGood, normalizeProvider),
    usage: new Map([...main.usage, ...agent.usage]),
    dropped: [...main.dropped.filter(({ id }) => !agent.profiles.has(id)), ...agent.dropped],
    diagnostics: [
      ...main.diagnostics.filter(({ profileId }) => profileId === undefined || isFromMain.has(profileId)),
      ...agent.diagnostics.filter(({ profileId }) => profileId === undefined || !isFromMain.has(profileId)),
    ],
  });
}

function isLongerLogin(main: AuthProfile, agent: AuthProfile, normalizeProvider: NormalizeProvider): boolean {
  if (main.type !== "oauth" || agent.type !== "oauth") return false;
  if (normalizeProvider(main.provider) !== normalizeProvider(agent.provider) || !mayBeSameAccount(main, agent)) return false;
  return endOf(main) > endOf(agent);
}

/** Who a login is of, as far as that is known. */
type AccountFacts = Pick<OAuthProfile, "accountId" | "email">;

/** Two logins are not of one account where a known account id or, without one, a known address differs. */
function mayBeSameAccount(main: AccountFacts, agent: AccountFacts): boolean {
  if (main.accountId !== undefined && agent.accountId !== undefined) return main.accountId === agent.accountId;
  return main.email === undefined || agent.email === undefined || main.email.toLowerCase() === agent.email.toLowerCase();
}

function endOf(profile: OAuthProfile): number {
  const hasToken = profile.access !== undefined || profile.refresh !== undefined;
  return hasToken && typeof profile.expires === "number" ? profile.expires : 0;
}

/** The agent's list for `zai` also takes the place of main's for `z.ai`. */
function mergeByProvider<V>(
  main: Readonly<Record<string, V>>,
  agent: Readonly<Record<string, V>>,
  normalizeProvider: NormalizeProvider,
): Readonly<Record<string, V>> {
  const own = new Set(Object.keys(agent).map((provider) => normalizeProvider(provider)));
  return frozenRecord([...Object.entries(main).filter(([provider]) => !own.has(normalizeProvider(provider))), ...Object.entries(agent)]);
}

import type { AuthProfile, AuthStore, TokenSet } from "@openclaw/auth-profiles";
import { readFingerprintSalt, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { accountName, compareAccounts } from "./account-name.ts";
import { keptLabels, storeAccount, type StoredAccount } from "./store-account.ts";

/** A login, and under which name it is stored. */
export interface StoreLoginOptions {
  readonly agentId: string | undefined;
  readonly provider: string;
  /** Unless given: that of the same account, else `provider:<email>`, else `provider:default`. */
  readonly profileId: string | undefined;
  readonly tokens: TokenSet;
  /** The client it was made with: its refresh token belongs to that one. */
  readonly clientId: string;
  /** Whether it may take the place of another account. */
  readonly mayReplace: boolean;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** What stands in the way, in words for people. */
export interface OtherAccount {
  readonly profileId: string;
  readonly stored: string;
  readonly login: string;
}

/** Stores a login in the agent's own file. Where another account would be lost, nothing is changed. */
export async function storeLogin(
  home: HomeSnapshot,
  options: StoreLoginOptions,
): Promise<{ readonly stored: StoredAccount } | { readonly other: OtherAccount }> {
  const { tokens, mayReplace, agentId, stamp, signal } = options;
  const agent = home.agents.find(agentId);
  const provider = authProviderId(options.provider);
  const profileId = options.profileId ?? idOf(await agent.storage.read(), provider, tokens);
  const salt = await readFingerprintSalt(home.paths.stateDir);
  let other: OtherAccount | undefined;
  const stored = await storeAccount(home, {
    agentId,
    provider,
    profileId,
    stamp,
    signal,
    profile: (stored) => {
      const wanted = profileOf(options, provider);
      const inTheWay = stored && whatIsLost(stored, wanted, provider, salt);
      if (inTheWay === undefined) return stored ? withKept(wanted, stored) : wanted;
      other = { profileId, stored: inTheWay, login: accountName(tokens, salt) ?? "an account that is not named" };
      return mayReplace ? wanted : undefined;
    },
  });
  if (stored !== undefined) return { stored };
  return { other: other ?? { profileId, stored: "another account", login: "this one" } };
}

/** Logging in again renews the account that is there, whatever it is called: its name may be pinned or in an order. */
function idOf({ profiles }: AuthStore, provider: string, tokens: TokenSet): string {
  const usual = `${provider}:${tokens.email ?? "default"}`;
  if (profiles.has(usual)) return usual;
  const same = [...profiles].filter(
    ([, profile]) =>
      profile.type === "oauth" && authProviderId(profile.provider) === provider && compareAccounts(profile, tokens) === "same",
  );
  return same[0]?.[0] ?? usual;
}

function profileOf({ tokens, clientId }: StoreLoginOptions, provider: string): AuthProfile {
  const { access, refresh, expiresAt, accountId, email } = tokens;
  const labels = { provider, ...(email !== undefined && { email }) };
  // Without an end and without a way to another, it is a token like one that was pasted.
  if (refresh === undefined && expiresAt === undefined) return { type: "token", secret: access, ...labels };
  return {
    type: "oauth",
    access,
    ...(refresh && { refresh }),
    ...(expiresAt !== undefined && { expires: expiresAt }),
    ...(accountId !== undefined && { accountId }),
    clientId,
    ...labels,
  };
}

/** The account that would be lost, if it is another one or may be. */
function whatIsLost(stored: AuthProfile, wanted: AuthProfile, provider: string, salt: Uint8Array): string | undefined {
  if (authProviderId(stored.provider) !== provider) return `an account of ${stored.provider}`;
  if (stored.type === "api_key") return "an API key";
  const name = accountName(stored, salt);
  if (stored.type !== wanted.type) return name ?? (stored.type === "token" ? "a token" : "a login");
  if (name === undefined || compareAccounts(stored, wanted) === "same") return undefined;
  return name;
}

/** What is known of an account stays, and so does a refresh token where the provider gives one at the first login only. */
function withKept(wanted: AuthProfile, stored: AuthProfile): AuthProfile {
  const labels = keptLabels(stored);
  if (wanted.type !== "oauth" || stored.type !== "oauth") return { ...labels, ...wanted };
  const { refresh, accountId, projectId, enterpriseUrl, clientId } = stored;
  const isOurs = compareAccounts(stored, wanted) === "same" && (clientId ?? wanted.clientId) === wanted.clientId;
  return {
    ...labels,
    ...(refresh && isOurs && { refresh }),
    ...(accountId !== undefined && { accountId }),
    ...(projectId !== undefined && { projectId }),
    ...(enterpriseUrl !== undefined && { enterpriseUrl }),
    ...wanted,
  };
}

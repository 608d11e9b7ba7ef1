import { readFingerprintSalt, type HomeSnapshot } from "@openclaw/home";
import { printable } from "../io.ts";
import { accountName } from "../models-auth/account-name.ts";
import type { StoredAccount } from "../models-auth/store-account.ts";

/** What `models auth login` stored. */
export interface LoginReport {
  /** As it is shown to people. */
  readonly configPath: string;
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly type: string;
  /** Whose it is, where the provider says. */
  readonly account: string | null;
  /** Epoch milliseconds; null where the provider says no end. */
  readonly expiresAt: number | null;
  readonly isRefreshable: boolean;
}

/** The facts of a login that was stored. */
export async function loginReport({ paths }: Pick<HomeSnapshot, "paths">, stored: StoredAccount): Promise<LoginReport> {
  const { agentId, profileId, provider, profile } = stored;
  const expires = profile.type === "api_key" ? undefined : profile.expires;
  return {
    configPath: paths.display(paths.configPath),
    agentId,
    profileId,
    provider,
    type: profile.type,
    // Read now: the first account brings the salt.
    account: accountName(profile, await readFingerprintSalt(paths.stateDir)) ?? null,
    expiresAt: typeof expires === "number" ? expires : null,
    isRefreshable: profile.type === "oauth" && profile.refresh !== undefined,
  };
}

/** `models auth login` for people. */
export function renderLogin({ configPath, agentId, profileId, provider, type, account, expiresAt, isRefreshable }: LoginReport): string {
  const end = expiresAt === null ? "no end was given" : new Date(expiresAt).toISOString();
  const renewal = type === "token" ? "" : isRefreshable ? "; it is refreshed before" : "; it cannot be refreshed, log in again then";
  return [
    `Updated ${configPath}`,
    `Auth profile: ${profileId} (${provider}/${type})`,
    `Agent: ${agentId}`,
    `Account: ${account ?? "the provider does not say whose"}`,
    `Access ends: ${end}${renewal}`,
  ]
    .map(printable)
    .join("\n");
}

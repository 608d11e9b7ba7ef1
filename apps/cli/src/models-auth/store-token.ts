import type { HomeSnapshot, MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import type { Secret } from "@openclaw/secrets";
import { CliError } from "../exit.ts";
import { keptLabels, requireProvider, storeAccount, type StoredAccount } from "./store-account.ts";

/** A token, and under which name it is stored. */
export interface StoreTokenOptions {
  readonly agentId: string | undefined;
  readonly provider: string;
  readonly profileId: string | undefined;
  readonly secret: Secret;
  /** Epoch milliseconds. */
  readonly expiresAt: number | undefined;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** Stores a token for an agent, in place of whatever had that id, and then says so in `openclaw.json`. */
export async function storeToken(home: HomeSnapshot, options: StoreTokenOptions): Promise<StoredAccount> {
  const { secret, expiresAt, ...account } = options;
  const stored = await storeAccount(home, {
    ...account,
    profileId: options.profileId ?? `${requireProvider(options.provider)}:manual`,
    profile: (stored, provider) => {
      const labels = stored?.type === "token" && authProviderId(stored.provider) === provider ? keptLabels(stored) : {};
      return { type: "token", provider, secret, ...(expiresAt !== undefined && { expires: expiresAt }), ...labels };
    },
  });
  if (stored === undefined) throw new CliError("Nothing was stored.");
  return stored;
}

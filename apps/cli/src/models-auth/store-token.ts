import type { TokenProfile } from "@openclaw/auth-profiles";
import { recordProfile, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import type { Secret } from "@openclaw/secrets";
import { CliError } from "../exit.ts";

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

/** What was stored. */
export interface StoredToken {
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  /** The agent's own order does not name the profile, so requests leave it out. */
  readonly isLeftOutOfOrder: boolean;
}

/** Stores a token for an agent, in place of whatever had that id, and then says so in `openclaw.json`. */
export async function storeToken(home: HomeSnapshot, options: StoreTokenOptions): Promise<StoredToken> {
  const { secret, expiresAt, stamp, signal } = options;
  const provider = authProviderId(options.provider);
  if (provider === "") throw new CliError("--provider is empty");
  const profileId = requireProfileId(options.profileId ?? `${provider}:manual`);
  const agent = home.agents.find(options.agentId);
  const isLeftOutOfOrder = await agent.storage.update(
    (draft) => {
      const { profiles, order } = draft.store;
      const stored = profiles.get(profileId);
      const labels = stored?.type === "token" && authProviderId(stored.provider) === provider ? labelsOf(stored) : {};
      draft.put(profileId, { type: "token", provider, secret, ...(expiresAt !== undefined && { expires: expiresAt }), ...labels });
      const own = Object.entries(order).filter(([name]) => authProviderId(name) === provider);
      return own.length > 0 && !own.some(([, ids]) => ids.includes(profileId));
    },
    { signal },
  );
  try {
    await recordProfile({ paths: home.paths, id: profileId, provider, mode: "token", stamp, signal });
  } catch (error) {
    const reason = error instanceof Error ? error.message : "unknown error";
    throw new CliError(
      `The token is stored as ${profileId}, but ${home.paths.display(home.paths.configPath)} does not say so: ${reason}`,
      "repair that and repeat the command",
    );
  }
  return { agentId: agent.id, profileId, provider, isLeftOutOfOrder };
}

function labelsOf({ email, displayName, metadata }: TokenProfile): Pick<TokenProfile, "email" | "displayName" | "metadata"> {
  return { ...(email !== undefined && { email }), ...(displayName !== undefined && { displayName }), ...(metadata && { metadata }) };
}

function requireProfileId(id: string): string {
  const trimmed = id.trim();
  if (trimmed === "" || /[\s\p{Cc}\p{Cf}]/u.test(trimmed) || Object.hasOwn(Object.prototype, trimmed)) {
    throw new CliError(`"${id}" is no id of a profile`, "for example anthropic:work");
  }
  return trimmed;
}

import type { AuthProfile } from "@openclaw/auth-profiles";
import { recordProfile, type HomeSnapshot, type MetadataStamp } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { CliError } from "../exit.ts";

/** An account, and under which name it is stored. */
export interface StoreAccountOptions {
  readonly agentId: string | undefined;
  /** Under any of its names. */
  readonly provider: string;
  readonly profileId: string;
  /** What takes the place of what is stored under that id; `undefined` leaves everything as it was. Called while nobody else writes. */
  readonly profile: (stored: AuthProfile | undefined, provider: string) => AuthProfile | undefined;
  readonly stamp: MetadataStamp;
  readonly signal: AbortSignal;
}

/** What was stored. */
export interface StoredAccount {
  readonly agentId: string;
  readonly profileId: string;
  readonly provider: string;
  readonly profile: AuthProfile;
  /** The order the agent goes by does not name the profile, so requests leave it out. */
  readonly isLeftOutOfOrder: boolean;
}

/**
 * Stores an account for an agent and then says so in `openclaw.json`. What was remembered of failures of that
 * provider's accounts is forgotten: the person has done something about them.
 *
 * @returns `undefined` where nothing was to be stored.
 */
export async function storeAccount(home: HomeSnapshot, options: StoreAccountOptions): Promise<StoredAccount | undefined> {
  const { stamp, signal } = options;
  const provider = requireProvider(options.provider);
  const profileId = requireProfileId(options.profileId);
  const agent = home.agents.find(options.agentId);
  const shared = agent.id === "main" ? {} : (await home.agents.find("main").storage.read()).order;
  const stored = await agent.storage.update(
    (draft) => {
      const { profiles, order } = draft.store;
      const profile = options.profile(profiles.get(profileId), provider);
      if (profile === undefined) return undefined;
      draft.put(profileId, profile);
      draft.clearUsage(provider);
      const ids = orderIn(order, provider) ?? orderIn(shared, provider);
      return { profile, isLeftOutOfOrder: ids !== undefined && !ids.includes(profileId) };
    },
    { signal },
  );
  if (stored === undefined) return undefined;
  const { type: mode, email } = stored.profile;
  try {
    await recordProfile({ paths: home.paths, id: profileId, provider, mode, stamp, signal, ...(email !== undefined && { email }) });
  } catch (error) {
    if (error === signal.reason) throw error;
    const reason = error instanceof Error ? error.message : "unknown error";
    throw new CliError(
      `The account is stored as ${profileId}, but ${home.paths.display(home.paths.configPath)} does not say so: ${reason}`,
      "repair that and repeat the command",
    );
  }
  return { agentId: agent.id, profileId, provider, ...stored };
}

/** The id of a provider. */
export function requireProvider(text: string): string {
  const provider = authProviderId(text);
  if (provider === "") throw new CliError("--provider is empty");
  if (/[\s\p{Cc}\p{Cf}:]/u.test(provider) || Object.hasOwn(Object.prototype, provider)) {
    throw new CliError(`${JSON.stringify(text)} is no id of a provider`, "for example anthropic");
  }
  return provider;
}

/** The id of a profile: it stands in files, on the command line and behind an `@`. */
export function requireProfileId(id: string): string {
  const trimmed = id.trim();
  if (trimmed === "" || /[\s\p{Cc}\p{Cf}]/u.test(trimmed) || Object.hasOwn(Object.prototype, trimmed)) {
    throw new CliError(`"${id}" is no id of a profile`, "for example anthropic:work");
  }
  return trimmed;
}

/** What people and other programs said of an account, to be kept when its credential is replaced. Where that came from is not: it is ours now. */
export function keptLabels({ email, displayName, metadata = {} }: AuthProfile): Pick<AuthProfile, "email" | "displayName" | "metadata"> {
  const { importedFrom: _importedFrom, ...kept } = metadata;
  return {
    ...(email !== undefined && { email }),
    ...(displayName !== undefined && { displayName }),
    ...(Object.keys(kept).length > 0 && { metadata: kept }),
  };
}

/** That an account is stored and no request uses it. */
export function leftOutWarning({ agentId, provider }: Pick<StoredAccount, "agentId" | "provider">): string {
  return `Warning: the order of agent ${agentId} for ${provider} does not name it, so it is not used; see openclaw models auth order set`;
}

function orderIn(order: Readonly<Record<string, readonly string[]>>, provider: string): readonly string[] | undefined {
  const lists = Object.entries(order).filter(([name]) => authProviderId(name) === provider);
  return lists.length === 0 ? undefined : lists.flatMap(([, ids]) => ids);
}

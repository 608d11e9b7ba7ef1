import type { ProfileHealth } from "@openclaw/auth-profiles";
import type { HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { profileLabel } from "../profile-label.ts";

/** One account, as it is listed. */
export interface ListedProfile extends ProfileHealth {
  /** Whose store it is in: the agent's own, or main's, which it reads through to. */
  readonly agentId: string;
  /** The credential as output may show it. */
  readonly label: string;
  readonly email?: string;
  readonly displayName?: string;
}

/** The accounts an agent has. */
export interface ProfileList {
  readonly agentId: string;
  readonly agentDir: string;
  /** As it is shown to people. */
  readonly authStorePath: string;
  readonly profiles: readonly ListedProfile[];
  /** The stored entries that are no accounts, and why. */
  readonly dropped: readonly { readonly id: string; readonly reason: string }[];
}

/** Lists accounts by provider and id. Writes nothing. */
export async function listProfiles(
  home: HomeSnapshot,
  query: { readonly agentId: string | undefined; readonly provider: string | undefined; readonly now: number },
): Promise<ProfileList> {
  const agent = home.agents.find(query.agentId);
  const { store, inspect } = agent.profiles();
  const own = await agent.storage.read();
  const wanted = query.provider === undefined ? undefined : authProviderId(query.provider);
  const profiles = inspect()
    .filter(({ provider }) => wanted === undefined || authProviderId(provider) === wanted)
    .flatMap((health): readonly ListedProfile[] => {
      const { profileId } = health;
      const profile = store.profiles.get(profileId);
      if (profile === undefined) return [];
      const { email, displayName } = profile;
      return [
        {
          ...health,
          agentId: own.profiles.has(profileId) ? agent.id : "main",
          label: profileLabel(profileId, profile, store, { salt: home.salt, now: query.now }),
          ...(email !== undefined && { email }),
          ...(displayName !== undefined && { displayName }),
        },
      ];
    });
  const { id, dir, storePath } = agent;
  return { agentId: id, agentDir: dir, authStorePath: home.paths.display(storePath), profiles, dropped: own.dropped };
}

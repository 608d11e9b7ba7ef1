import type { ProfileHealth } from "@openclaw/auth-profiles";
import { readableProfiles, type AgentAccounts, type Agents } from "@openclaw/home";

/** How the profiles of an agent are doing, without those that it reads through to main for: they are told once. */
export function ownHealths(agent: AgentAccounts, agents: Agents): readonly ProfileHealth[] {
  const profiles = readableProfiles(agent);
  const main = agent.id === "main" ? undefined : readableProfiles(agents.find("main"))?.store.profiles;
  const isOwn = (id: string) => main === undefined || main.get(id) !== profiles?.store.profiles.get(id);
  return (profiles?.inspect() ?? []).filter(({ profileId }) => isOwn(profileId));
}

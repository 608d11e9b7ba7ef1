import { allKeys, credentialOwner, readableProfiles, type HomeSnapshot } from "@openclaw/home";
import type { Health } from "@openclaw/key-rotation";
import type { Trouble } from "./troubles.ts";

/** More say no more. */
const MOST_NAMED = 20;

const reasons = {
  auth_permanent: { code: "credential-refused", what: "was refused for good by" },
  billing: { code: "credential-unpaid", what: "has no credit or quota left at" },
} as const;

/** Credentials that are left alone now because somebody has to act: refused for good, or unpaid. Each once, for however many models. */
export function refusedCredentials(home: HomeSnapshot, health: Pick<Health, "inspect">, now: number): readonly Trouble[] {
  const longest = new Map<string, Refusal>();
  for (const { id, store, window } of health.inspect()) {
    const { reason, until } = window;
    if (until <= now || (reason !== "auth_permanent" && reason !== "billing")) continue;
    const key = JSON.stringify([store, id, reason]);
    if ((longest.get(key)?.until ?? 0) < until) longest.set(key, { id, store, reason, until });
  }
  if (longest.size === 0) return [];
  const keys = allKeys(home);
  return [...longest.values()].slice(0, MOST_NAMED).map((refusal) => troubleOf(refusal, home, keys));
}

interface Refusal {
  readonly id: string;
  readonly store: string | undefined;
  readonly reason: keyof typeof reasons;
  readonly until: number;
}

function troubleOf({ id, store, reason, until }: Refusal, home: HomeSnapshot, keys: ReturnType<typeof allKeys>): Trouble {
  const agent = store === undefined ? undefined : home.agents.all.find(({ storePath }) => storePath === store);
  const profile = agent && readableProfiles(agent)?.store.profiles.get(id);
  const { provider = "its provider", origin } = credentialOwner(id, keys, profile?.provider);
  const { code, what } = reasons[reason];
  const name = origin === undefined ? id : `${origin} ${id}`;
  const own = agent === undefined || agent.id === home.agents.find().id ? "" : ` --agent ${agent.id}`;
  const clear = `openclaw models auth clear-cooldown ${inShell(id)}${own}`;
  const renew = profile?.type === "oauth" ? `openclaw models auth login --provider ${provider}${own}` : "put another one in its place";
  return {
    code,
    what: `${name} ${what} ${provider}, and is left alone until ${new Date(until).toISOString()}`,
    fix: reason === "billing" ? `pay, then ${clear}` : `${renew}; if it is good after all, ${clear}`,
  };
}

/** As one word of a command line. */
function inShell(id: string): string {
  return /^[\w:@.+-]+$/u.test(id) ? id : `'${id.replaceAll("'", String.raw`'\''`)}'`;
}

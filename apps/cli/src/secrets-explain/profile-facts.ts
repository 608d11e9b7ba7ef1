import { renewCommand, type AuthProfile, type OAuthProfile, type ProfileSet } from "@openclaw/auth-profiles";
import type { AgentAccounts, HomeSnapshot } from "@openclaw/home";
import { formatSecretRef, type SecretRef } from "@openclaw/secrets";
import { OVERRIDDEN, type SurfaceFact } from "./fact.ts";

/** What the stored profiles of an agent hold, those of main behind them included. */
export function profileFacts(agent: AgentAccounts, profiles: ProfileSet, home: HomeSnapshot, now: number): readonly SurfaceFact[] {
  const overridden = new Set(
    profiles.store.diagnostics.filter(({ code }) => code === "SECRETS_REF_OVERRIDES_PLAINTEXT").map(({ profileId }) => profileId),
  );
  return [...profiles.store.profiles].map(([id, profile]) => {
    const shadowed = overridden.has(id) ? { shadowed: OVERRIDDEN } : {};
    const base = { profileId: id, provider: profile.provider, file: agent.storePath, ...shadowed };
    return { ...base, ...(profile.type === "oauth" ? loginFact(id, profile, now) : staticFact(id, profile, { agent, home, now })) };
  });
}

type ProfileFact = Pick<SurfaceFact, "path" | "holds" | "ref" | "secret" | "inactive" | "problem" | "expiresAt">;

function loginFact(id: string, profile: OAuthProfile, now: number): ProfileFact {
  const { access, refresh, expires, forbiddenRefs } = profile;
  const hint = renewCommand(profile);
  const expiresAt = typeof expires === "number" ? { expiresAt: expires } : {};
  const login = { path: `profiles.${id}.access`, holds: "login", ...expiresAt } as const;
  if (forbiddenRefs !== undefined) {
    const message = `a login holds no reference, and ${forbiddenRefs.join(", ")} of this one is one`;
    return { ...login, problem: { code: "ref-policy", message, hint } };
  }
  if (access === undefined && refresh === undefined) {
    return { ...login, holds: "nothing", problem: { code: "missing_credential", message: "the login holds no token", hint } };
  }
  if (access !== undefined && typeof expires === "number" && now < expires) return { ...login, secret: access };
  return { ...login, ...(access && { secret: access }), problem: { code: "oauth-expired", message: "the login has expired", hint } };
}

interface ProfileContext {
  readonly agent: AgentAccounts;
  readonly home: HomeSnapshot;
  readonly now: number;
}

function staticFact(id: string, profile: Exclude<AuthProfile, OAuthProfile>, { agent, home, now }: ProfileContext): ProfileFact {
  const field = profile.type === "api_key" ? "key" : "token";
  const plain = `profiles.${id}.${field}`;
  const expires = profile.type === "token" && typeof profile.expires === "number" ? profile.expires : undefined;
  const timing = expires === undefined ? {} : { expiresAt: expires };
  const isImported = profile.metadata?.["importedFrom"] !== undefined;
  const hint = isImported ? renewCommand(profile) : `openclaw models auth paste-token --provider ${profile.provider} --profile-id ${id}`;
  if (profile.refProblem !== undefined) {
    return { path: plain, holds: "reference", ...timing, problem: { code: "invalid-reference", message: profile.refProblem } };
  }
  if (profile.ref) {
    const path = pathOf(plain, profile.ref, agent, home);
    const state = home.secrets.stateOf(path);
    return { path, holds: "reference", ref: profile.ref, ...timing, ...(state?.status === "inactive" && { inactive: state.reason }) };
  }
  if (!profile.secret) {
    return { path: plain, holds: "nothing", ...timing, problem: { code: "missing_credential", message: "nothing is stored", hint } };
  }
  const isExpired = expires !== undefined && now >= expires;
  const expired = isExpired && { problem: { code: "expired", message: "the stored token has expired", hint } };
  return { path: plain, holds: "value", secret: profile.secret, ...timing, ...expired };
}

/** Where two agents have profiles of one name, the path of the second begins with the agent. */
function pathOf(plain: string, ref: SecretRef, { id }: AgentAccounts, { secrets }: HomeSnapshot): string {
  const own = `agents.${id}.${plain}`;
  return secrets.stateOf(own)?.ref === formatSecretRef(ref) ? own : plain;
}

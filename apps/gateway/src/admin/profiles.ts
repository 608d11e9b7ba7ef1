import type { AuthProfile, ProfileHealth, ProfileSet, ProfileType } from "@openclaw/auth-profiles";
import { nearest, type HomeSnapshot } from "@openclaw/home";
import { authProviderId, normalizeProviderId } from "@openclaw/providers";
import { formatSecretRef, type BillingClass } from "@openclaw/secrets";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { accountHealthView, lookAtCredentials, type CredentialLook } from "./credential-look.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { agentQuery, credentialSchema, type CredentialView } from "./views.ts";

/** A stored account. */
interface ProfileView extends CredentialView {
  readonly type: ProfileType;
  readonly reference?: string | undefined;
  readonly email?: string | undefined;
  readonly displayName?: string | undefined;
}

const profileSchema: z.ZodType<ProfileView> = credentialSchema
  .and(
    z.object({
      type: z.enum(["api_key", "token", "oauth"]),
      reference: z.string().optional().describe("Where its value is: source:provider:id"),
      email: z.string().optional(),
      displayName: z.string().optional(),
    }),
  )
  .meta({ id: "Profile" });

const listQuery = z.strictObject({
  ...agentQuery.shape,
  provider: z.string().min(1).max(200).optional().describe("Only those of one provider, under any of its names"),
});

const listAnswer = z.object({
  agent: z.string(),
  profiles: z.array(profileSchema).readonly(),
  dropped: z
    .array(z.object({ id: z.string(), reason: z.string() }))
    .readonly()
    .describe("Stored entries that are no accounts, and why"),
});

const idParam = z.strictObject({ id: z.string().min(1).max(1000).describe("Percent-encoded where it holds /, ? or %") });

/** The stored accounts, without their secrets. */
export const profileOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "listProfiles",
    method: "GET",
    path: "/api/v1/profiles",
    summary: "The accounts an agent has",
    description: "Those it reads through to main for as well.",
    query: listQuery,
    answer: listAnswer,
    handle({ query }, context) {
      const { agent, profiles, viewOf } = lookAtProfiles(context, query.agent);
      const wanted = query.provider === undefined ? undefined : authProviderId(query.provider);
      const found = profiles.inspect().filter(({ provider }) => wanted === undefined || authProviderId(provider) === wanted);
      return { agent: agent.id, profiles: found.map(viewOf), dropped: profiles.store.dropped.map(({ id, reason }) => ({ id, reason })) };
    },
  }),
  operation({
    ...noInput,
    id: "getProfile",
    method: "GET",
    path: "/api/v1/profiles/:id",
    summary: "One account",
    params: idParam,
    query: agentQuery,
    answer: profileSchema,
    handle({ params, query }, context) {
      const { profiles, viewOf } = lookAtProfiles(context, query.agent);
      const health = profiles.inspect().find(({ profileId }) => profileId === params.id);
      if (health) return viewOf(health);
      const near = nearest(params.id.slice(0, 200), profiles.ids());
      throw new GatewayError("profile-not-found", "There is no account of that id", {
        hint: near.length > 0 ? `there is ${near.join(", ")}` : "GET /api/v1/profiles lists them",
      });
    },
  }),
];

function lookAtProfiles(context: GatewayContext, agentId: string | undefined) {
  const look = lookAtCredentials(context);
  const agent = look.home.agents.find(agentId);
  const profiles = agent.profiles();
  const payers = payersOf(look.home, profiles, agentId);
  const viewOf = (health: ProfileHealth) => {
    const profile = profiles.store.profiles.get(health.profileId);
    if (!profile) throw new Error("a profile that was inspected is not there");
    return profileView(profile, health, { look, profiles, payers });
  };
  return { agent, profiles, viewOf };
}

interface ProfileLook {
  readonly look: CredentialLook;
  readonly profiles: ProfileSet;
  readonly payers: ReadonlyMap<string, BillingClass>;
}

function profileView(profile: AuthProfile, health: ProfileHealth, { look, profiles, payers }: ProfileLook): ProfileView {
  const { profileId: id, type } = health;
  const { email, displayName } = profile;
  const ref = profile.type === "oauth" ? undefined : profile.ref;
  return {
    ...look.view({ id, store: profiles.storeOf(id) }),
    kind: "profile",
    provider: normalizeProviderId(profile.provider),
    origin: `profile ${id}`,
    billing: payers.get(id) ?? (type === "api_key" ? "metered" : "subscription"),
    type,
    health: accountHealthView(health),
    ...(ref !== undefined && { reference: formatSecretRef(ref) }),
    ...(email !== undefined && { email }),
    ...(displayName !== undefined && { displayName }),
  };
}

/** As the plans of requests know it. */
function payersOf(home: HomeSnapshot, { store }: ProfileSet, agentId: string | undefined): ReadonlyMap<string, BillingClass> {
  const providers = new Set([...store.profiles.values()].map(({ provider }) => normalizeProviderId(provider)));
  const plans = [...providers]
    .filter((provider) => home.providers.find(provider) !== undefined)
    .map((provider) => home.plan({ provider, ...(agentId !== undefined && { agentId }) }));
  const named = plans.flatMap(({ candidates, excluded }) => [...excluded, ...candidates]);
  return new Map(named.flatMap(({ id, billing }) => (billing === undefined ? [] : [[id, billing]])));
}

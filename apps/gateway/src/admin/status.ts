import { AuthProfileError, type ProfileSet } from "@openclaw/auth-profiles";
import { allKeys, modelName, type AgentAccounts, type HomeSnapshot, type ModelTarget } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import { normalizeProviderId } from "@openclaw/providers";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { isOwnError } from "../errors.ts";
import { accountHealthView, lookAtCredentials, type CredentialLook } from "./credential-look.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { agentQuery, credentialSchema, namedSchema, type CredentialView, type NamedView } from "./views.ts";

const nextSchema = namedSchema.nullable().describe("What a request would be tried with first; null where nothing can be tried now");

const modelSchema = z.object({
  role: z.enum(["default", "fallback"]),
  name: z.string().describe("As it is configured"),
  model: z.string().optional().describe("provider/model it stands for"),
  next: nextSchema,
  retryAt: z.number().optional().describe("When the first of its credentials recovers, where none can be tried now"),
  problem: z.string().optional(),
});

const providerSchema = z.object({
  provider: z.string(),
  strategy: z.string().optional(),
  credentials: z.array(credentialSchema).readonly().describe("In the order requests try them, then those that are left out"),
  next: nextSchema,
  retryAt: z.number().optional(),
  problem: z.string().optional().describe("Why no request can reach it"),
});

const troubles = z.array(z.object({ code: z.string(), what: z.string(), fix: z.string().optional() })).readonly();

const statusAnswer = z.object({
  version: z.string(),
  startedAt: z.number(),
  uptimeMs: z.number(),
  readiness: z.object({ isReady: z.boolean(), reasons: troubles, warnings: troubles }).describe("As /readyz"),
  generation: z.int().describe("Of the secrets in use, from 1 on"),
  defaultAgent: z.string(),
  agents: z.array(z.object({ id: z.string(), store: z.string(), problem: z.string().optional() })).readonly(),
  agent: z.string().describe("Whose models and providers follow"),
  models: z.array(modelSchema).readonly(),
  providers: z.array(providerSchema).readonly(),
  warnings: z.array(z.string()).readonly().describe("What a person should know and repair"),
});

type ProviderView = z.output<typeof providerSchema>;
type ModelView = z.output<typeof modelSchema>;

/** The gateway, and what requests would use. */
export const statusOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "getStatus",
    method: "GET",
    path: "/api/v1/status",
    summary: "The gateway, its agents, and what a request of one of them would use",
    description: "The verdicts on accounts are those of `openclaw models status`.",
    query: agentQuery,
    answer: statusAnswer,
    handle: ({ query }, context) => statusView(query.agent, context),
  }),
];

function statusView(agentId: string | undefined, context: GatewayContext): z.output<typeof statusAnswer> {
  const { program, readiness } = context;
  const look = lookAtCredentials(context);
  const { home, now } = look;
  const { agents, secrets, warnings, paths } = home;
  const agent = agents.find(agentId);
  const profiles = problemOf(agent) === undefined ? agent.profiles() : undefined;
  const use = { context, look, agentId, profiles };
  return {
    version: program.version,
    startedAt: program.startedAt,
    uptimeMs: Math.max(0, now - program.startedAt),
    readiness: readiness.report(),
    generation: secrets.generation,
    defaultAgent: agents.defaultId,
    agents: agents.all.map((each) => ({ id: each.id, store: paths.display(each.storePath), ...named(problemOf(each)) })),
    agent: agent.id,
    models: modelViews(use),
    providers: profiles ? providersOf(home, profiles, agentId).map((provider) => providerView(provider, use)) : [],
    warnings,
  };
}

interface StatusUse {
  readonly context: GatewayContext;
  readonly look: CredentialLook;
  readonly agentId: string | undefined;
  /** None where the store is broken. */
  readonly profiles: ProfileSet | undefined;
}

function modelViews({ context, look, agentId, profiles }: StatusUse): readonly ModelView[] {
  const { home } = look;
  const settings = home.models(agentId);
  const view = (role: ModelView["role"], name: string): ModelView => {
    const ref = settings.resolve(name);
    if (!ref) return { role, name, next: null, problem: "neither an alias nor provider/model" };
    const shared = { role, name, model: modelName(ref) };
    if (!profiles) return { ...shared, next: null, problem: "the agent's store is broken" };
    try {
      const plan = planOf(home, ref, agentId);
      return plan
        ? { ...shared, ...nextOf(plan, context, look) }
        : { ...shared, next: null, problem: `there is no provider "${ref.provider}"` };
    } catch (error) {
      // Of a profile behind the name: it is gone, or cannot be used.
      if (!isOwnError(error)) throw error;
      return { ...shared, next: null, problem: error.message };
    }
  };
  return [view("default", settings.defaultModel), ...settings.fallbacks.map((name) => view("fallback", name))];
}

function providerView(provider: string, { context, look, agentId, profiles }: StatusUse): ProviderView {
  const { home } = look;
  const health = new Map(profiles?.inspect().map((each) => [each.profileId, accountHealthView(each)]));
  const plan = planOf(home, { provider }, agentId);
  if (!plan) return { provider, credentials: [], next: null, problem: "no such provider" };
  const withHealth = (view: CredentialView): CredentialView => {
    const own = view.kind === "profile" ? health.get(view.id) : undefined;
    return own ? { ...view, health: own } : view;
  };
  const tried = plan.candidates.map((candidate) => {
    const { origin, billing } = candidate;
    return withHealth({ ...look.view(candidate), provider: candidate.provider, origin, billing });
  });
  const leftOut = plan.excluded.map(({ id, reason, billing }) => {
    const store = profiles?.storeOf(id);
    return withHealth({ ...look.view({ id, store }), ...(billing && { billing }), excluded: reason });
  });
  return {
    provider,
    ...(plan.strategy !== undefined && { strategy: plan.strategy }),
    credentials: [...tried, ...leftOut],
    ...nextOf(plan, context, look),
    ...named(home.providers.find(provider)?.problem),
  };
}

function nextOf(
  plan: Plan,
  { health }: GatewayContext,
  { view }: CredentialLook,
): { readonly next: NamedView | null; readonly retryAt?: number } {
  const first = health.peek(plan);
  if (first) {
    const { id, fingerprint } = view(first);
    return { next: { id, fingerprint } };
  }
  const retryAt = health.earliest(plan);
  return { next: null, ...(retryAt !== undefined && { retryAt }) };
}

/** Those an agent has anything for, by name. */
function providersOf(home: HomeSnapshot, { store }: ProfileSet, agentId: string | undefined): readonly string[] {
  const settings = home.models(agentId);
  const names = [
    ...[...store.profiles.values()].map(({ provider }) => normalizeProviderId(provider)),
    ...home.providers.configured,
    ...allKeys(home).map(({ provider }) => provider),
    ...[settings.defaultModel, ...settings.fallbacks].flatMap((name) => settings.resolve(name)?.provider ?? []),
  ];
  return [...new Set(names)].toSorted();
}

function planOf(
  home: HomeSnapshot,
  { provider, model, profileId }: Pick<ModelTarget, "provider"> & Partial<ModelTarget>,
  agentId: string | undefined,
): Plan | undefined {
  if (!home.providers.find(provider)) return undefined;
  return home.plan({
    provider,
    ...(model !== undefined && { model }),
    ...(profileId !== undefined && { profileId }),
    ...(agentId !== undefined && { agentId }),
  });
}

/** Why the accounts of an agent cannot be read. */
function problemOf(agent: AgentAccounts): string | undefined {
  try {
    agent.profiles();
    return undefined;
  } catch (error) {
    if (error instanceof AuthProfileError) return error.message;
    throw error;
  }
}

function named(problem: string | undefined): { readonly problem?: string } {
  return problem === undefined ? {} : { problem };
}

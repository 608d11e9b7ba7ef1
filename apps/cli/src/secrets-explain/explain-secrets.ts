import type { ProfileSet } from "@openclaw/auth-profiles";
import type { AgentAccounts, HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";
import { formatSecretRef, type Clock, type SecretRef } from "@openclaw/secrets";
import { configFacts } from "./config-facts.ts";
import type { SecretsExplanation, StreamView, SurfaceView } from "./explanation.ts";
import type { SurfaceFact } from "./fact.ts";
import { askGateway, gatewaySurface } from "./gateway-view.ts";
import { measure, type Measurements } from "./measure.ts";
import { profileFacts } from "./profile-facts.ts";
import { streamView } from "./stream-view.ts";
import { findSubject, type Subject } from "./subject.ts";
import { surfaceView } from "./surface-view.ts";
import { differingVariables, variableView } from "./variable-view.ts";

export interface ExplainOptions {
  /** A path, a profile, a provider or a variable; without one every place. */
  readonly name?: string | undefined;
  readonly agentId?: string | undefined;
  /** Whether commands that references lead to are run. */
  readonly allowExec: boolean;
  readonly clock: Pick<Clock, "now">;
  /** Ends the commands that are run. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Explains where a secret comes from, what wins over what, and how the running gateway sees it.
 *
 * @throws {CliError} for a name that is none; {HomeError} for an agent that is none; the signal's reason, as it came.
 */
export async function explainSecrets(home: HomeSnapshot, options: ExplainOptions): Promise<SecretsExplanation> {
  const { name, agentId, allowExec, clock, signal } = options;
  const agent = home.agents.find(agentId);
  const { profiles, problem } = readProfiles(agent);
  const now = clock.now();
  const facts = [...configFacts(home), ...(profiles ? profileFacts(agent, profiles, home, now) : [])];
  const subject = name === undefined ? everything(facts) : findSubject(name, { home, facts });

  const streamFacts = facts.filter((fact) => isOfStreams(fact, subject));
  const refs = new Map<string, SecretRef>();
  for (const { ref, inactive } of [...subject.facts, ...streamFacts])
    if (ref && inactive === undefined) refs.set(formatSecretRef(ref), ref);
  const [measured, gateway] = await Promise.all([
    measure([...refs.values()], { resolver: home.resolver, clock, allowExec, signal }),
    askGateway(home, allowExec),
  ]);

  const surfaces = subject.facts.map((fact): SurfaceView => {
    const local = surfaceView(fact, home, measured, clock.now());
    if (gateway.view.status !== "running") return local;
    const seen = gatewaySurface(local, gateway.surfaces.get(fact.path), clock.now());
    return seen ? { ...local, gateway: seen } : local;
  });
  const named = new Set(facts.flatMap(({ ref }) => (ref?.source === "env" ? [ref.id] : [])));
  return {
    version: 1,
    kind: subject.kind,
    name: subject.name,
    agentId: agent.id,
    surfaces,
    streams: profiles ? await streams(subject, { home, agentId, profiles, measured, now }) : [],
    variables: name === undefined ? differingVariables(home, named) : subject.variables.map((each) => variableView(each, home)),
    gateway: gateway.view,
    warnings: [...(problem === undefined ? [] : [problem]), ...home.warnings],
  };
}

function everything(facts: readonly SurfaceFact[]): Subject {
  return { kind: "all", name: "", facts, providers: [], variables: [] };
}

/** A store that cannot be read is told, and hides nothing of the rest. */
function readProfiles(agent: AgentAccounts): { readonly profiles?: ProfileSet; readonly problem?: string } {
  try {
    return { profiles: agent.profiles() };
  } catch (error) {
    if (!(error instanceof Error && error.name === "AuthProfileError")) throw error;
    return { problem: `the accounts of agent ${agent.id} cannot be read: ${error.message}` };
  }
}

function isOfStreams({ provider }: SurfaceFact, subject: Subject): boolean {
  return provider !== undefined && subject.providers.some((id) => authProviderId(id) === authProviderId(provider));
}

interface StreamsContext {
  readonly home: HomeSnapshot;
  readonly agentId: string | undefined;
  readonly profiles: ProfileSet;
  readonly measured: Measurements;
  readonly now: number;
}

async function streams({ providers }: Subject, context: StreamsContext): Promise<readonly StreamView[]> {
  const found = providers.map((id) => context.home.providers.find(id)).filter((provider) => provider !== undefined);
  return Promise.all(found.map((provider) => streamView({ ...context, provider })));
}

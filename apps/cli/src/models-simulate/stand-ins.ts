import type { HomeSnapshot } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import { Secret, type Candidate, type Clock } from "@openclaw/secrets";
import { credentialContext, credentialState, type CredentialContext } from "../models-explain/credential-state.ts";

/** A credential could not be had. Nothing was sent. */
export class NotToBeHad extends Error {
  override readonly name = "NotToBeHad";
  readonly reasonCode: string | undefined;

  constructor(reasonCode: string | undefined) {
    super("a simulated credential could not be had");
    this.reasonCode = reasonCode;
  }
}

/** Puts candidates that resolve to nothing of value in the place of those of a plan. */
export interface StandIns {
  /** The same list for the same list, as health wants it. */
  of(plan: Plan, provider: string): Plan;
}

/**
 * Stand-ins for the credentials of a home: none of them refreshes, runs or reveals anything. Those that could not be had
 * cannot be had here either, and two names of one secret are one here too.
 */
export function createStandIns(
  home: HomeSnapshot,
  { agentId, clock }: { readonly agentId: string | undefined; readonly clock: Pick<Clock, "now"> },
): StandIns {
  const lists = new WeakMap<readonly Candidate[], readonly Candidate[]>();
  const contexts = new Map<string, { readonly context: CredentialContext; readonly until: number }>();

  /** Looked at again when the end of some credential has passed. */
  function contextOf(provider: string): CredentialContext {
    const known = contexts.get(provider);
    if (known && clock.now() < known.until) return known.context;
    const context = credentialContext(home, home.agents.find(agentId).profiles(), provider);
    const ends = [...context.accounts.values()].flatMap(({ expiresAt = 0 }) => (expiresAt > clock.now() ? [expiresAt] : []));
    contexts.set(provider, { context, until: Math.min(...ends) });
    return context;
  }

  function standIn(candidate: Candidate, provider: string): Candidate {
    return Object.freeze({
      ...candidate,
      resolve({ rejected }) {
        const { id, origin, billing, hosts } = candidate;
        const { standing, reasonCode, fingerprint } = credentialState(candidate, contextOf(provider));
        if (standing === "unusable") throw new NotToBeHad(reasonCode);
        const generation = rejected ? rejected.generation + 1 : 0;
        // A renewed login has another secret.
        const secret = Secret.of(`stand-in for ${fingerprint ?? id} ${generation}`);
        return { id, provider: candidate.provider, origin, billing, hosts, generation, kind: "api-key", secret };
      },
    } satisfies Candidate);
  }

  return {
    of(plan, provider) {
      const candidates = lists.get(plan.candidates) ?? Object.freeze(plan.candidates.map((candidate) => standIn(candidate, provider)));
      lists.set(plan.candidates, candidates);
      return { ...plan, candidates };
    },
  };
}

import type { HomeSnapshot } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import { Secret, type Candidate, type Clock } from "@openclaw/secrets";
import { credentialContext, credentialState, type CredentialContext, type CredentialState } from "../models-explain/credential-state.ts";

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
  const seen = new Map<string, Seen>();

  /** Looked at again when the end of some credential has passed. */
  function stateOf(candidate: Candidate, provider: string): CredentialState {
    const known = seen.get(provider);
    const current = known && clock.now() < known.until ? known : look(provider);
    seen.set(provider, current);
    const state = current.states.get(candidate) ?? credentialState(candidate, current.context);
    current.states.set(candidate, state);
    return state;
  }

  function look(provider: string): Seen {
    const context = credentialContext(home, home.agents.find(agentId).profiles(), provider);
    const ends = [...context.accounts.values()].flatMap(({ expiresAt = 0 }) => (expiresAt > clock.now() ? [expiresAt] : []));
    return { context, states: new WeakMap(), until: Math.min(...ends) };
  }

  function standIn(candidate: Candidate, provider: string, twins: ReadonlySet<string>): Candidate {
    const { id, origin, billing, hosts } = candidate;
    return Object.freeze({
      ...candidate,
      resolve({ rejected }) {
        const { standing, reasonCode, fingerprint = "" } = stateOf(candidate, provider);
        if (standing === "unusable") throw new NotToBeHad(reasonCode);
        const info = { id, provider: candidate.provider, origin, billing, hosts, generation: rejected ? rejected.generation + 1 : 0 };
        // Rotation compares secrets, and each with all others.
        if (!twins.has(fingerprint)) return { ...info, kind: "none" };
        return { ...info, kind: "api-key", secret: Secret.of(`stand-in for ${fingerprint}`) };
      },
    } satisfies Candidate);
  }

  return {
    of(plan, provider) {
      const known = lists.get(plan.candidates);
      if (known) return { ...plan, candidates: known };
      const prints = plan.candidates.flatMap((candidate) => stateOf(candidate, provider).fingerprint ?? []);
      const twins = new Set(prints.filter((print, index) => prints.indexOf(print) !== index));
      const candidates = Object.freeze(plan.candidates.map((candidate) => standIn(candidate, provider, twins)));
      lists.set(plan.candidates, candidates);
      return { ...plan, candidates };
    },
  };
}

/** What was known of the credentials of a provider, and until when it holds. */
interface Seen {
  readonly context: CredentialContext;
  readonly states: WeakMap<Candidate, CredentialState>;
  readonly until: number;
}

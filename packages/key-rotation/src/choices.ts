import type { Candidate } from "@openclaw/secrets";
import type { Health } from "./health/health.ts";
import type { Ticket } from "./health/ticket.ts";
import type { Plan } from "./plan.ts";

/** A credential to try, with the place it takes. */
export interface Choice {
  readonly candidate: Candidate;
  readonly ticket: Ticket | undefined;
}

/** The credentials one request may try, each once. */
export interface Choices {
  next(): Choice | undefined;
  /** Whom `next` would give now. */
  peek(): Candidate | undefined;
}

/** Without health all of them in order, as they are listed. */
export function createChoices(plan: Plan, health: Health | undefined, session: string | undefined): Choices {
  const tried = new Set<string>();
  const options = { tried, ...(session !== undefined && { session }) };
  const firstUntried = () => plan.candidates.find(({ id }) => !tried.has(id));

  return {
    next() {
      const ticket = health?.choose(plan, options);
      const candidate = health ? ticket?.candidate : firstUntried();
      if (!candidate) return undefined;
      tried.add(candidate.id);
      return { candidate, ticket };
    },
    peek: () => (health ? health.peek(plan, options) : firstUntried()),
  };
}

import { billingCrossing, modelName } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import type { BillingClass, Candidate, Clock } from "@openclaw/secrets";
import type { Target } from "./targets.ts";

/** Requests for a model that a flat plan is there for are paid per token, or no longer. */
export interface BillingCrossed {
  readonly type: "billing-crossing";
  readonly from: BillingClass;
  readonly to: BillingClass;
  /** What was asked for, as `provider/model`. */
  readonly asked: string;
  /** What answered, and with what. */
  readonly answered: string;
  readonly candidate: Candidate;
}

/** An answer, and the first model that was asked for it. */
interface ServedRequest {
  readonly asked: Target;
  /** Of the first model. */
  readonly plan: Plan;
  readonly answered: Target;
  /** Of the model that answered. */
  readonly servedPlan: Plan;
  readonly served: Candidate;
}

/** Notices when people begin to pay for what they thought was flat. */
export interface BillingCrossings {
  /** Whether this request went from a flat plan to one that is paid per token. Told once, until it is over. */
  notice(request: ServedRequest): boolean;
}

/** Told that it is over only after so long without one: several requests at a time may be served in turns by both. */
const QUIET_MS = 60_000;

/** Tells a crossing once per agent and provider, and when it is over. */
export function createBillingCrossings(clock: Pick<Clock, "now">, onEvent: (event: BillingCrossed) => void): BillingCrossings {
  /** When each last happened. */
  const crossedAt = new Map<string, number>();
  return {
    notice(request) {
      const { asked, answered, served } = request;
      const place = JSON.stringify([asked.agentId, asked.provider]);
      const now = clock.now();
      const last = crossedAt.get(place);
      const isCrossing = crosses(request);
      const tell = (from: BillingClass, to: BillingClass) =>
        onEvent({ type: "billing-crossing", from, to, asked: modelName(asked), answered: modelName(answered), candidate: served });
      if (isCrossing) {
        crossedAt.set(place, now);
        if (last === undefined) tell("subscription", "metered");
      } else if (last !== undefined && served.billing === "subscription" && now >= last + QUIET_MS) {
        crossedAt.delete(place);
        tell("metered", "subscription");
      }
      return isCrossing;
    },
  };
}

function crosses({ plan, servedPlan, served }: ServedRequest): boolean {
  if (billingCrossing(servedPlan, served)) return true;
  if (servedPlan === plan || served.billing !== "metered") return false;
  return [...plan.candidates, ...plan.excluded].some(({ billing }) => billing === "subscription");
}

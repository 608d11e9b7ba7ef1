import type { HomeSnapshot } from "@openclaw/home";
import type { Plan } from "@openclaw/key-rotation";
import type { BillingView, ExplainedModel, StreamEnd } from "./explanation.ts";

/** What the billing of a stream is told from. */
export interface BillingContext {
  readonly home: HomeSnapshot;
  readonly plan: Plan;
  /** Ids of those paid per token although a flat plan was there. */
  readonly crossed: ReadonlySet<string>;
  readonly pin: string | undefined;
  readonly end: StreamEnd;
  readonly role: ExplainedModel["role"];
}

/** Says whether a stream goes from a flat plan to what is paid per token, and which setting lets it or does not. */
export function billingView({ home, plan, crossed, pin, end, role }: BillingContext): BillingView {
  const setting = home.config.auth?.billingCrossing ?? "refuse";
  const refused = plan.excluded.filter(({ reason }) => reason === "billing_fence").length;
  if (refused > 0) {
    const named = pin === undefined ? "an order names a flat plan" : "a flat plan stands in what was pinned or ordered";
    const because = `${named}: ${count(refused)} paid per token left out; auth.billingCrossing: "allow" lets requests go on to ${refused === 1 ? "it" : "them"}`;
    return { crossing: "refused", setting, because };
  }
  if (crossed.size === 0) return { crossing: "none", setting, because: "no request goes from a flat plan to what is paid per token" };
  const going = `going on to ${count(crossed.size)} paid per token is announced`;
  const consent = consentOf({ setting, isExplicit: end.code === "order_store" || end.code === "order_config" || pin !== undefined, role });
  return { crossing: "announced", setting, because: consent === undefined ? going : `${consent}: ${going}` };
}

interface Consent extends Pick<BillingView, "setting">, Pick<BillingContext, "role"> {
  readonly isExplicit: boolean;
}

/** Why requests may go on. Names a setting only where it is the one that lets them. */
function consentOf({ setting, isExplicit, role }: Consent): string | undefined {
  if (role === "fallback") return "the model is a configured fallback, and that is consent";
  if (!isExplicit) return "no order is set and no account is pinned";
  return setting === "allow" ? 'auth.billingCrossing is "allow"' : undefined;
}

function count(number: number): string {
  return number === 1 ? "1 credential" : `${number} credentials`;
}

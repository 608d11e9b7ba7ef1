import type { Home, HomeSnapshot } from "@openclaw/home";
import { authProviderId } from "@openclaw/providers";

/** Whose requests for what. */
export interface PlanNoticesQuery {
  readonly agentId: string | undefined;
  readonly provider: string;
}

/** What requests make of the accounts of a provider after something was written: whom they try where an order decides it, and who is left out because nobody agreed to pay per token. */
export function planNotices(home: Home, query: PlanNoticesQuery): Promise<readonly string[]> {
  return afterWriting(home, (current) => tellPlan(current, query));
}

/** What requests make of an order that was set, where that is not just what it says. */
export function setOrderNotices(home: Home, query: PlanNoticesQuery, ids: readonly string[]): Promise<readonly string[]> {
  return afterWriting(home, (current) => tellPlan(current, query, ids));
}

/** What orders the accounts of an agent whose own order was taken away. */
export function clearedOrderNotices(home: Home, query: PlanNoticesQuery): Promise<readonly string[]> {
  return afterWriting(home, (current) => ruleNotices(current, query));
}

/** What orders the accounts of an agent without an order of its own. */
export function ruleNotices(home: HomeSnapshot, query: PlanNoticesQuery): readonly string[] {
  const source = orderSource(home, query);
  return source ? [`Requests go by ${source.name}: ${source.ids.join(", ") || "no account"}`] : [];
}

/** Reads the home again. What was written is stored by then: what is broken in it is told, and no error. */
async function afterWriting(home: Home, tell: (current: HomeSnapshot) => readonly string[]): Promise<readonly string[]> {
  try {
    await home.reload();
    return tell(home.current);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [`Warning: what requests make of it cannot be told: ${error.message}`];
  }
}

function tellPlan(home: HomeSnapshot, { agentId, provider }: PlanNoticesQuery, said?: readonly string[]): readonly string[] {
  const source = orderSource(home, { agentId, provider });
  if (source === undefined || !home.providers.find(provider)) return [];
  const { candidates, excluded } = home.plan({ provider, ...(agentId !== undefined && { agentId }) });
  // What cools at the moment is not what a person wants to know of an order.
  const { sequence } = home.agents.find(agentId).profiles().order(provider);
  const names = candidates
    .map(({ profileId, origin }) => profileId ?? origin)
    .toSorted((left, right) => sequence.indexOf(left) - sequence.indexOf(right));
  const [first, ...others] = names;
  const fenced = excluded.filter(({ reason }) => reason === "billing_fence").map(({ id }) => id);
  const isKnown = said ? said.join("\n") === names.join("\n") : names.length + fenced.length < 2;
  if (first === undefined || isKnown) return [];
  const then = others.length === 0 ? first : `${first} first, then ${others.join(", ")}`;
  const are = fenced.length === 1 ? "is" : "are";
  const behind = others.length === 0 ? "it" : "a flat plan";
  return [
    `Requests try ${then} (${source.name}; openclaw models auth order set changes that)`,
    ...(fenced.length === 0
      ? []
      : [
          `${fenced.join(", ")} ${are} paid per token and ${are} not used behind ${behind}; auth.billingCrossing: "allow" in openclaw.json lets requests go on to ${fenced.length === 1 ? "it" : "them"}`,
        ]),
  ];
}

/** An order, and where it is set. */
interface OrderSource {
  /** In words. */
  readonly name: string;
  readonly ids: readonly string[];
}

/** What orders the accounts of a provider for an agent: its store, with main's behind it, beats the configuration. */
function orderSource(home: HomeSnapshot, { agentId, provider }: PlanNoticesQuery): OrderSource | undefined {
  const found = (order: Readonly<Record<string, readonly string[]>> = {}) =>
    Object.entries(order).find(([name]) => authProviderId(name) === authProviderId(provider));
  const stored = found(home.agents.find(agentId).profiles().store.order);
  if (stored) return { name: "the stored order", ids: stored[1] };
  const configured = found(home.config.auth?.order);
  return configured && { name: `auth.order.${configured[0]} in openclaw.json`, ids: configured[1] };
}

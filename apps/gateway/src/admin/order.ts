import { AuthProfileError } from "@openclaw/auth-profiles";
import { clearOrder, readOrder, setOrder, type OrderReport } from "@openclaw/home";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { agentQuery } from "./views.ts";

const providerParam = z.strictObject({ provider: z.string().min(1).max(200).describe("Under any of its names") });

const orderBody = z.strictObject({
  order: z.array(z.string().min(1).max(1000)).min(1).max(1000).describe("Ids of profiles; requests use these and no others"),
});

const orderAnswer = z.object({
  agentId: z.string(),
  agentDir: z.string(),
  provider: z.string(),
  authStorePath: z.string(),
  order: z.array(z.string()).readonly().nullable().describe("null: the configuration rules, or the usual order"),
});

const shared = { ...noInput, path: "/api/v1/order/:provider", params: providerParam, query: agentQuery, answer: orderAnswer } as const;

/** An agent's own order of a provider's accounts, as `openclaw models auth order` has it. */
export const orderOperations: readonly AdminOperation[] = [
  operation({
    ...shared,
    id: "getOrder",
    method: "GET",
    summary: "The agent's own order of a provider's accounts",
    handle: ({ params, query, signal }, { home }) => readOrder(home.current, { agentId: query.agent, provider: params.provider, signal }),
  }),
  operation({
    ...shared,
    id: "setOrder",
    method: "PUT",
    summary: "Use these accounts and no others, in this order",
    description: "In effect for the next request, and kept in the agent's `auth-profiles.json`.",
    body: orderBody,
    handle: ({ params, query, body, signal }, context) =>
      changed(context, "setOrder", () =>
        setOrder(context.home.current, { agentId: query.agent, provider: params.provider, signal }, body.order),
      ),
  }),
  operation({
    ...shared,
    id: "clearOrder",
    method: "DELETE",
    summary: "Go back to the configured or usual order",
    handle: ({ params, query, signal }, context) =>
      changed(context, "clearOrder", () => clearOrder(context.home.current, { agentId: query.agent, provider: params.provider, signal })),
  }),
];

/** Makes a change of a store, and takes it over before it is answered. */
async function changed(
  { reloadAccounts, onEvent }: GatewayContext,
  operation: "setOrder" | "clearOrder",
  change: () => Promise<OrderReport>,
): Promise<OrderReport> {
  const report = await change().catch(refuse);
  const { provider, agentId, order } = report;
  const what = `order of ${provider} (agent ${agentId}): ${order === null ? "the configured or usual one" : order.join(", ")}`;
  onEvent({ type: "admin-change", operation, by: "admin", what });
  await reloadAccounts();
  return report;
}

function refuse(error: unknown): never {
  if (error instanceof AuthProfileError && (error.code === "profile-not-found" || error.code === "profile-unusable")) {
    const code = error.code === "profile-not-found" ? error.code : "invalid-request";
    throw new GatewayError(code, error.message, { cause: error, ...(error.hint !== undefined && { hint: error.hint }) });
  }
  throw error;
}

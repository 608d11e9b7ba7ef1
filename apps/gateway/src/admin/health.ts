import { cooldownsOf, allKeys, selectCooldowns, type CooldownQuery } from "@openclaw/home";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { GatewayError, isOwnError } from "../errors.ts";
import { lookAtCredentials } from "./credential-look.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";
import { agentQuery, credentialSchema, windowSchema } from "./views.ts";

const healthAnswer = z.object({
  at: z.number(),
  credentials: z.array(credentialSchema).readonly(),
});

const clearBody = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe("A profile, a fingerprint, where a key is (OPENAI_API_KEYS[2]), or bucket:<provider>:<name>"),
  provider: z.string().min(1).max(200).optional().describe("All accounts, keys and quotas of a provider"),
  all: z.literal(true).optional().describe("All that the agent uses"),
  model: z.string().min(1).max(500).optional().describe("Only what holds for this model; * for what holds for all of them"),
});

const clearedSchema = z.object({ id: z.string(), fingerprint: z.string(), agent: z.string().optional(), window: windowSchema });

const clearAnswer = z.object({
  what: z.string().describe("Whose cooldowns were meant, in words"),
  cleared: z.array(clearedSchema).readonly(),
});

/** What health knows of credentials, and forgetting it. */
export const healthOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "getHealth",
    method: "GET",
    path: "/api/v1/health",
    summary: "Which credentials cool down, are disabled or in use",
    description: "Those of every agent that have a window or a request under way. The others can be tried.",
    answer: healthAnswer,
    handle(_request, context) {
      const look = lookAtCredentials(context);
      return { at: look.now, credentials: look.observed() };
    },
  }),
  operation({
    ...noInput,
    id: "clearHealth",
    method: "POST",
    path: "/api/v1/health/clear",
    summary: "Let what cools down or is disabled be tried again now",
    description: "As `openclaw models auth clear-cooldown`: one of `id`, `provider` and `all` says whose. Nothing to clear is no error.",
    query: agentQuery,
    body: clearBody,
    answer: clearAnswer,
    handle: ({ query, body }, context) => clear({ whose: whoseOf(body), model: body.model, agentId: query.agent }, context),
  }),
];

async function clear(query: CooldownQuery, context: GatewayContext): Promise<z.output<typeof clearAnswer>> {
  const {
    home: { current: home },
    health,
    clock,
  } = context;
  const seen = cooldownsOf(health, { home, agentId: query.agentId, keys: allKeys(home), now: clock.now() });
  const { what, hasId, hasModel } = selectCooldowns(
    home,
    query,
    seen.map(({ id }) => id),
  );
  const look = lookAtCredentials(context);
  const meant = seen.filter(({ id, model }) => hasId(id) && hasModel(model));
  for (const { id, store, model } of meant)
    health.clear(id, { ...(store !== undefined && { store }), ...(query.model !== undefined && { model }) });
  if (meant.length > 0) {
    const of = query.model === undefined ? what : `${what}, for ${query.model}`;
    context.onEvent({ type: "admin-change", operation: "clearHealth", by: "admin", what: `cooldowns cleared: ${of} (${meant.length})` });
    await keep(context);
  }
  return {
    what,
    cleared: meant.map((cooldown) => {
      const { id, fingerprint, agent } = look.view(cooldown);
      const { model, state, reason, until, remainingMs, count } = cooldown;
      return { id, fingerprint, ...(agent !== undefined && { agent }), window: { model, state, reason, until, remainingMs, count } };
    }),
  };
}

/** The sequence of accounts goes by the file, in which what was cleared still stands. A store that is broken was told of. */
async function keep({ cooldowns, reloadAccounts }: GatewayContext): Promise<void> {
  await cooldowns.flush();
  await reloadAccounts().catch((error: unknown) => {
    if (!isOwnError(error)) throw error;
  });
}

function whoseOf({ id, provider, all }: z.output<typeof clearBody>): CooldownQuery["whose"] {
  if ([id, provider, all].filter((each) => each !== undefined).length !== 1) {
    throw new GatewayError("invalid-request", 'The body needs exactly one of "id", "provider" and "all"');
  }
  if (id !== undefined) return { kind: "one", name: id };
  return provider === undefined ? { kind: "all" } : { kind: "provider", name: provider };
}

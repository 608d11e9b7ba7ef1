import { AuthProfileError } from "@openclaw/auth-profiles";
import { modelName, type HomeSnapshot } from "@openclaw/home";
import { z } from "zod";
import type { GatewayContext } from "../context.ts";
import { GatewayError } from "../errors.ts";
import type { Session, SessionPin } from "../sessions/session-pin.ts";
import { noInput, operation, type AdminOperation } from "./operation.ts";

/** A session, as it is told. */
interface SessionView {
  readonly id: string;
  readonly agent: string;
  readonly client: string;
  readonly seenAt?: number | undefined;
  readonly pinnedAt?: number | undefined;
  readonly pin: { readonly model: string; readonly profile?: string | undefined } | null;
}

const sessionSchema: z.ZodType<SessionView> = z
  .object({
    id: z.string().describe("A hash that says nothing of the key a client sends"),
    agent: z.string(),
    client: z.string().describe("admin, or the client's name in gateway.clients"),
    seenAt: z.number().optional().describe("When its last request came, since the gateway began"),
    pinnedAt: z.number().optional(),
    pin: z
      .object({ model: z.string().describe("provider/model"), profile: z.string().optional() })
      .nullable()
      .describe("What its requests are answered by, because somebody said so"),
  })
  .meta({ id: "Session" });

const idParam = z.strictObject({ id: z.string().min(1).max(200) });

const pinBody = z.strictObject({
  model: z.string().min(1).max(500).describe("An alias or provider/model"),
  profile: z.string().min(1).max(1000).optional().describe("Id of a profile of that provider"),
});

const one = { ...noInput, path: "/api/v1/sessions/:id", params: idParam, answer: sessionSchema } as const;

/** The sessions of clients, and what they are pinned to, as `/model` pins them. */
export const sessionOperations: readonly AdminOperation[] = [
  operation({
    ...noInput,
    id: "listSessions",
    method: "GET",
    path: "/api/v1/sessions",
    summary: "The sessions the gateway knows",
    answer: z.object({ sessions: z.array(sessionSchema).readonly() }),
    handle: (_request, { sessions }) => ({ sessions: sessions.list().map(sessionView) }),
  }),
  operation({
    ...one,
    id: "getSession",
    method: "GET",
    summary: "One session",
    handle: ({ params }, context) => sessionView(find(params.id, context)),
  }),
  operation({
    ...one,
    id: "pinSession",
    method: "PUT",
    summary: "Pin a session to a model, or to a model and a profile",
    description:
      "As `/model provider/model@profile` in a message of it does, from its next request on: `openclaw` and `openclaw/<agentId>` stand for that model. A request that names a model of its own is answered by that.",
    body: pinBody,
    handle({ params, body }, context) {
      const { agentId } = find(params.id, context);
      const pin = pinOf(body, agentId, context.home.current);
      const pinned = context.sessions.pin(params.id, pin);
      const to = `${modelName(pin.model)}${pin.profileId === undefined ? "" : `@${pin.profileId}`}`;
      tell(context, "pinSession", `session ${params.id} (agent ${agentId}) pinned to ${to}`);
      return sessionView(pinned ?? find(params.id, context));
    },
  }),
  operation({
    ...one,
    id: "clearSession",
    method: "DELETE",
    summary: "Take the pin away and let the session begin anew",
    description: "As `/new` in a message of it does. Without a pin it is no error.",
    handle({ params }, context) {
      const { agentId, pin } = find(params.id, context);
      context.sessions.clear(params.id);
      const what = pin ? "has no pin any more and begins anew" : "begins anew";
      tell(context, "clearSession", `session ${params.id} (agent ${agentId}) ${what}`);
      return sessionView(find(params.id, context));
    },
  }),
];

function tell({ onEvent }: GatewayContext, operation: "pinSession" | "clearSession", what: string): void {
  onEvent({ type: "admin-change", operation, by: "admin", what });
}

function find(id: string, { sessions }: GatewayContext): Session {
  const session = sessions.get(id);
  if (session) return session;
  throw new GatewayError("not-found", "The gateway knows no session of that id", { hint: "GET /api/v1/sessions lists them" });
}

function pinOf({ model, profile }: z.output<typeof pinBody>, agentId: string, home: HomeSnapshot): SessionPin {
  const ref = home.models(agentId).resolve(model);
  if (!ref || !home.providers.find(ref.provider) || /\p{Cc}/u.test(model)) {
    throw new GatewayError("model-not-found", "No model goes by that name", {
      hint: "use an alias or provider/model; GET /v1/models lists them",
    });
  }
  const { provider, model: id } = ref;
  const pinned = profile ?? ref.profileId;
  if (pinned !== undefined) requireProfile(pinned, provider, agentId, home);
  return { model: { provider, model: id }, ...(pinned !== undefined && { profileId: pinned }) };
}

/** One that has ended for now may be pinned all the same. */
function requireProfile(profile: string, provider: string, agentId: string, { agents }: HomeSnapshot): void {
  try {
    if (agents.find(agentId).profiles().checkPin(profile, provider) !== "provider_mismatch") return;
  } catch (error) {
    if (!(error instanceof AuthProfileError) || error.code !== "profile-not-found") throw error;
    throw new GatewayError("profile-not-found", "There is no account of that id", {
      cause: error,
      hint: "GET /api/v1/profiles lists them",
    });
  }
  throw new GatewayError("invalid-request", `That account is not one of ${provider}`);
}

function sessionView({ id, agentId, client, seenAt, pinnedAt, pin }: Session): SessionView {
  return {
    id,
    agent: agentId,
    client,
    ...(seenAt !== undefined && { seenAt }),
    ...(pinnedAt !== undefined && { pinnedAt }),
    pin: pin ? { model: modelName(pin.model), ...(pin.profileId !== undefined && { profile: pin.profileId }) } : null,
  };
}

import type { IncomingMessage } from "node:http";
import { modelName, type HomeSnapshot } from "@openclaw/home";
import type { Dialect } from "@openclaw/providers";
import { allowedModels } from "../allowed-models.ts";
import type { ClientCall } from "../call.ts";
import type { Caller } from "../caller.ts";
import { clientDialect } from "../client-dialect.ts";
import type { GatewayContext } from "../context.ts";
import { requestedAgent } from "../requested-agent.ts";
import { withoutCollection } from "../requested-model.ts";
import type { Route } from "../route.ts";
import { sendJson } from "../send-json.ts";
import { targetsFor } from "../targets.ts";

/** Which models there are. */
export const modelRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/models", access: "client", handle: listModels },
  { method: "GET", path: "/v1/models/*model", access: "client", handle: showModel },
  { method: "GET", path: "/v1beta/models", access: "client", handle: listModels },
  { method: "GET", path: "/v1beta/models/*model", access: "client", handle: showModel },
];

/** Answers with the agents and every configured model, as far as the caller may use them. */
function listModels({ request, response, caller }: ClientCall, { home }: GatewayContext): void {
  sendJson(response, 200, shapes[dialectOf(request)].list(modelIds(home.current, caller)));
}

/**
 * Answers for any name that a request could be made with, configured or not.
 *
 * @throws {GatewayError} what a request for that model would be refused with.
 */
function showModel({ request, response, params, caller }: ClientCall, { home }: GatewayContext): void {
  const dialect = dialectOf(request);
  const agentId = requestedAgent(request.headers, home.current);
  const id = withoutCollection(params["model"] ?? "");
  targetsFor(home.current, id, { caller, dialect, agentId });
  sendJson(response, 200, shapes[dialect].one(id));
}

function modelIds(home: HomeSnapshot, caller: Caller): readonly string[] {
  const agents = ["default", ...home.agents.ids].filter((id) => {
    if (!caller.allowsAgent(id === "default" ? home.agents.defaultId : id)) return false;
    const settings = home.models(id === "default" ? undefined : id);
    const ref = settings.resolve(settings.defaultModel);
    return ref !== undefined && caller.allowsModel(ref);
  });
  return [...new Set([...agents.map((id) => `openclaw/${id}`), ...allowedModels(home, caller).map(modelName)])];
}

function dialectOf({ url = "/", headers }: IncomingMessage): Dialect {
  return clientDialect(url, headers);
}

/** How the SDKs of a dialect read models. */
interface ModelShape {
  readonly one: (id: string) => object;
  readonly list: (ids: readonly string[]) => object;
}

const openai: ModelShape = {
  one: (id) => ({ id, object: "model", created: 0, owned_by: id.slice(0, Math.max(id.indexOf("/"), 0)) || "openclaw" }),
  list: (ids) => ({ object: "list", data: ids.map(openai.one) }),
};

/** Anthropic's documentation: the time of the epoch where it is not known. */
const anthropic: ModelShape = {
  one: (id) => ({ type: "model", id, display_name: id, created_at: "1970-01-01T00:00:00Z" }),
  list: (ids) => ({ data: ids.map(anthropic.one), has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null }),
};

const google: ModelShape = {
  one: (id) => ({ name: `models/${id}`, displayName: id, supportedGenerationMethods: ["generateContent", "countTokens"] }),
  list: (ids) => ({ models: ids.map(google.one) }),
};

const shapes: Readonly<Record<Dialect, ModelShape>> = {
  "openai-completions": openai,
  "openai-responses": openai,
  "anthropic-messages": anthropic,
  "google-generative-ai": google,
};

import type { ServerResponse } from "node:http";
import type { HomeSnapshot } from "@openclaw/home";
import type { Route } from "../route.ts";
import { sendJson } from "../send-json.ts";

/** Which models there are. */
export const modelRoutes: readonly Route[] = [
  { method: "GET", path: "/v1/models", access: "client", handle: ({ response }, { home }) => handleModels(response, home.current) },
];

/** Answers `GET /v1/models`: the agents and every configured model, in OpenAI's list shape. */
function handleModels(response: ServerResponse, home: HomeSnapshot): void {
  sendJson(response, 200, {
    object: "list",
    data: modelIds(home).map((id) => ({ id, object: "model", created: 0, owned_by: id.slice(0, id.indexOf("/")) })),
  });
}

function modelIds(home: HomeSnapshot): readonly string[] {
  const { agents, config, providers } = home;
  const settings = home.models();
  const configured = [settings.defaultModel, ...settings.fallbacks, ...settings.allowed].flatMap((name) => {
    const ref = settings.resolve(name);
    return ref ? [`${ref.provider}/${ref.model}`] : [];
  });
  const declared = Object.entries(config.models?.providers ?? {}).flatMap(([id, entry]) => {
    const provider = providers.find(id)?.spec.id ?? id;
    return (entry.models ?? []).flatMap((model) => (hasId(model) ? [`${provider}/${model.id}`] : []));
  });
  return [...new Set(["openclaw/default", ...agents.ids.map((id) => `openclaw/${id}`), ...configured, ...declared])];
}

function hasId(value: unknown): value is { readonly id: string } {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}

import { type HomeSnapshot, type ModelSettings, modelTargets, type ModelTargets, nearest } from "@openclaw/home";
import { defaultModelRef, providerSpecs } from "@openclaw/providers";
import { CliError } from "../exit.ts";

/**
 * The models that a request for `text` may be answered by, as a gateway reads it, with the accounts of `agent` where the name is
 * not an agent's own.
 *
 * @throws {CliError} for a name that is none, with those that are like it; {HomeError} for an agent that is none.
 */
export function askedModels(home: HomeSnapshot, text: string, agent: string | undefined): ModelTargets {
  home.agents.find(agent);
  const asked = modelTargets(home, text, agent);
  if ("reason" in asked) throw unknownModel(home, home.models(agent), asked.name, asked.reason);
  if (agent !== undefined && asked.agentId !== agent) {
    throw new CliError(`${text} is the model of agent ${asked.agentId}, and --agent says ${agent}.`, "leave one of them out");
  }
  return asked;
}

function unknownModel(home: HomeSnapshot, settings: ModelSettings, text: string, reason: string): CliError {
  const near = nearModels(text, home, settings);
  const hint =
    near.length > 0
      ? `did you mean ${near.join(", ")}?`
      : "openclaw models status lists what is configured; for example anthropic/claude-opus-4-6";
  return new CliError(`There is no model ${JSON.stringify(text)}: ${reason}.`, hint);
}

/** What could have been meant: a known name that is like it, one without its provider, or the same model of a provider whose name is like it. */
function nearModels(text: string, home: HomeSnapshot, settings: ModelSettings): readonly string[] {
  const known = knownModels(home, settings).filter((name) => name !== text);
  const alike = nearest(text, known);
  if (alike.length > 0) return alike;
  const slash = text.indexOf("/");
  if (slash < 0) {
    const models = new Map(known.map((name) => [name.slice(name.indexOf("/") + 1), name]));
    return nearest(text, [...models.keys()]).flatMap((model) => models.get(model) ?? []);
  }
  if (slash === text.length - 1) return [...new Set(known.filter((name) => name.startsWith(text)))].slice(0, 3);
  const providers = nearest(text.slice(0, slash), [...home.providers.configured, ...providerSpecs.map(({ id }) => id)]);
  return providers.map((provider) => `${provider}${text.slice(slash)}`);
}

function knownModels(home: HomeSnapshot, settings: ModelSettings): readonly string[] {
  const { config, agents } = home;
  const configured = Object.entries(config.models?.providers ?? {}).flatMap(([provider, { models }]) =>
    (models ?? []).flatMap((model) => modelIdOf(model).map((id) => `${provider}/${id}`)),
  );
  return [
    ...Object.keys(settings.aliases),
    settings.defaultModel,
    ...settings.fallbacks,
    ...settings.allowed,
    ...configured,
    defaultModelRef,
    "openclaw/default",
    ...agents.ids.map((id) => `openclaw/${id}`),
  ];
}

function modelIdOf(model: unknown): readonly string[] {
  return typeof model === "object" && model !== null && "id" in model && typeof model.id === "string" ? [model.id] : [];
}

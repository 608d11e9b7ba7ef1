import type { HomeSnapshot, ModelRef, ModelSettings } from "@openclaw/home";
import { defaultModelRef, providerSpecs, splitModelPin } from "@openclaw/providers";
import { CliError } from "../exit.ts";
import { nearest } from "../secrets-explain/nearest.ts";

/** A model, with the profile that is pinned for it. */
export interface AskedModel extends ModelRef {
  readonly profileId?: string;
}

/** The models a request may be answered by. */
export interface AskedModels {
  /** Whose accounts: that of `--agent` or of `openclaw/<agentId>`; the default agent's where neither says so. */
  readonly agentId: string | undefined;
  /** The profile behind the `@`. */
  readonly pin: string | undefined;
  /** The one that was named, then the fallbacks. */
  readonly targets: readonly [AskedModel, ...AskedModel[]];
  /** Fallbacks that name nothing. A request passes them over. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/**
 * Reads the name of a model as a gateway does: `openclaw` and `openclaw/default` are the agent's model,
 * `openclaw/<agentId>` another agent's; everything else is an alias or `provider/model`. Then
 * `agents.defaults.model.fallbacks`, each once: none behind a strict pin, else with the pin where the provider is the same.
 *
 * @throws {CliError} for a name that is none, with those that are like it; {HomeError} for an agent that is none.
 */
export function askedModels(home: HomeSnapshot, text: string, agent: string | undefined): AskedModels {
  const { model, profileId: pin } = splitModelPin(text);
  const named = agentOf(model);
  if (named !== undefined && agent !== undefined && named !== agent) {
    throw new CliError(`${model} is the model of agent ${named}, and --agent says ${agent}.`, "leave one of them out");
  }
  const agentId = named ?? agent;
  home.agents.find(agentId);
  const settings = home.models(agentId);
  const isAgent = model === "openclaw" || model.startsWith("openclaw/");
  const ref = settings.resolve(isAgent ? settings.defaultModel : model);
  if (!ref) throw unknownModel(home, settings, model, "it is neither an alias nor provider/model");
  if (!home.providers.find(ref.provider)) throw unknownModel(home, settings, model, `there is no provider "${ref.provider}"`);

  const targetOf = (model: ModelRef): AskedModel => ({
    ...model,
    ...(pin !== undefined && model.provider === ref.provider && { profileId: pin }),
  });
  const asked = { agentId, pin, targets: [targetOf(ref)], skipped: [] } as const;
  if (pin !== undefined && home.pins === "strict") return asked;
  const others = new Map<string, AskedModel>();
  const skipped: { readonly name: string; readonly reason: string }[] = [];
  for (const name of settings.fallbacks) {
    const fallback = settings.resolve(name);
    if (fallback && home.providers.find(fallback.provider)) others.set(nameOf(fallback), targetOf(fallback));
    else skipped.push({ name, reason: fallback ? `there is no provider "${fallback.provider}"` : "neither an alias nor provider/model" });
  }
  others.delete(nameOf(ref));
  return { ...asked, targets: [targetOf(ref), ...others.values()], skipped };
}

/** `provider/model`, as it is shown. */
export function nameOf({ provider, model }: ModelRef): string {
  return `${provider}/${model}`;
}

function agentOf(model: string): string | undefined {
  const id = model.startsWith("openclaw/") ? model.slice("openclaw/".length) : undefined;
  return id === "default" ? undefined : id;
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
  const known = knownModels(home, settings);
  const alike = nearest(text, known);
  if (alike.length > 0) return alike;
  const slash = text.indexOf("/");
  if (slash < 0) {
    const models = new Map(known.map((name) => [name.slice(name.indexOf("/") + 1), name]));
    return nearest(text, [...models.keys()]).flatMap((model) => models.get(model) ?? []);
  }
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

import { modelName, type HomeSnapshot, type ModelRef } from "@openclaw/home";

const known = new WeakMap<HomeSnapshot, readonly ModelRef[]>();

/**
 * The models the configuration names, each once: those of the agents with their fallbacks, those of
 * `agents.defaults.models` and those of `models.providers`. What clients make up is not among them.
 */
export function configuredModels(home: HomeSnapshot): readonly ModelRef[] {
  const found = known.get(home) ?? find(home);
  known.set(home, found);
  return found;
}

function find(home: HomeSnapshot): readonly ModelRef[] {
  const settings = home.agents.all.map(({ id }) => home.models(id));
  const named = settings.flatMap(({ defaultModel, fallbacks, resolve }) => [defaultModel, ...fallbacks].map(resolve));
  const allowed = settings.slice(0, 1).flatMap((each) => each.allowed.map(each.resolve));
  const all = [...named, ...allowed, ...declared(home)].filter((ref) => ref !== undefined);
  // Without the profiles that stand behind some: those are for the agent, or the alias, that has them.
  return [...new Map(all.map(({ provider, model }) => [modelName({ provider, model }), { provider, model }])).values()];
}

function declared({ config, providers }: HomeSnapshot): readonly ModelRef[] {
  return Object.entries(config.models?.providers ?? {}).flatMap(([id, { models = [] }]) => {
    const provider = providers.find(id)?.spec.id ?? id;
    return models.flatMap((model) => (hasId(model) ? [{ provider, model: model.id }] : []));
  });
}

function hasId(value: unknown): value is { readonly id: string } {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}

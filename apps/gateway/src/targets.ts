import type { HomeSnapshot, ModelRef } from "@openclaw/home";
import { splitModelPin } from "@openclaw/providers";
import { GatewayError } from "./errors.ts";

/** A model to ask, and whose accounts to ask it with. */
export interface Target extends ModelRef {
  readonly agentId: string | undefined;
  /** The profile the client pinned, if it did. */
  readonly profileId?: string;
}

/**
 * The models a request may be answered by: the one it names, then `agents.defaults.model.fallbacks`.
 * `openclaw` and `openclaw/default` are the default agent's model, `openclaw/<agentId>` another agent's;
 * everything else is an alias or `provider/model`. `@profile` behind any of these pins that profile: where pins are strict
 * nothing falls back, else the profile comes first with its provider's models. A fallback that names nothing is passed over:
 * a slip there must not take the first model down.
 *
 * @throws {GatewayError} `model-not-found`.
 */
export function targetsFor(home: HomeSnapshot, name: string): readonly [Target, ...Target[]] {
  const { agents, providers } = home;
  const { model: requested, profileId } = splitModelPin(name);
  const agentId = agentOf(requested);
  if (agentId !== undefined && !agents.ids.includes(agentId)) throw unknownModel(requested, "no agent has that id");
  const settings = home.models(agentId);
  const isAgent = requested === "openclaw" || requested.startsWith("openclaw/");
  const ref = settings.resolve(isAgent ? settings.defaultModel : requested);
  if (!ref) throw unknownModel(requested, "it is neither an alias nor provider/model");
  if (!providers.find(ref.provider)) throw unknownModel(requested, `provider "${ref.provider}" is not known`);
  const targetOf = (model: ModelRef): Target => ({
    ...model,
    agentId,
    ...(profileId !== undefined && model.provider === ref.provider && { profileId }),
  });
  const first = targetOf(ref);
  if (profileId !== undefined && home.pins === "strict") return [first];
  const fallbacks = settings.fallbacks.flatMap((each) => {
    const fallback = settings.resolve(each);
    return fallback && providers.find(fallback.provider) ? [targetOf(fallback)] : [];
  });
  // A model is asked once, however often the list names it.
  const others = new Map(fallbacks.map((target) => [`${target.provider}/${target.model}`, target]));
  others.delete(`${first.provider}/${first.model}`);
  return [first, ...others.values()];
}

function agentOf(requested: string): string | undefined {
  const id = requested.startsWith("openclaw/") ? requested.slice("openclaw/".length) : undefined;
  return id === "default" ? undefined : id;
}

function unknownModel(name: string, reason: string): GatewayError {
  return new GatewayError("model-not-found", `Model ${JSON.stringify(name)} cannot be served: ${reason}`, {
    hint: "use openclaw/default, an alias or provider/model; GET /v1/models lists what is configured",
  });
}

import { defaultModelRef, parseModelRef, splitModelPin, type ModelPin, type ModelRef } from "@openclaw/providers";
import type { AgentConfig, Config, ModelConfig } from "./config.ts";

type ModelSource = "agent" | "defaults";

/** A model to ask, with the profile that is pinned for it. */
export interface ModelTarget extends ModelRef {
  readonly profileId?: string;
}

/** Which models an agent uses, as configured and as resolved. */
export interface ModelSettings {
  /** As it stands in the configuration: an alias or `provider/model`. */
  readonly defaultModel: string;
  readonly fallbacks: readonly string[];
  readonly imageModel: string | undefined;
  readonly imageFallbacks: readonly string[];
  /** Alias to `provider/model`. */
  readonly aliases: Readonly<Record<string, string>>;
  /** The models of `agents.defaults.models`. */
  readonly allowed: readonly string[];
  readonly defaultSource: ModelSource;
  readonly fallbacksSource: ModelSource;
  /** Reads an alias or `provider/model`, with `@profile` behind it or without; `undefined` for anything else. */
  resolve(text: string): ModelTarget | undefined;
}

/** The model settings of one agent. `fallbackModel` is used where nothing is configured. */
export function modelSettings(config: Config, agent?: AgentConfig, fallbackModel: string = defaultModelRef): ModelSettings {
  const defaults = config.agents?.defaults;
  const own = splitModel(agent?.model);
  const shared = splitModel(defaults?.model);
  const image = splitModel(defaults?.imageModel);
  const models = Object.entries(defaults?.models ?? {});
  const aliases = models.flatMap(([ref, { alias }]) => (alias === undefined || alias.trim() === "" ? [] : [[alias.trim(), ref] as const]));
  const byAlias = new Map(aliases.map(([alias, ref]) => [alias.toLowerCase(), ref]));
  return Object.freeze({
    defaultModel: own.primary ?? shared.primary ?? fallbackModel,
    fallbacks: own.fallbacks ?? shared.fallbacks ?? [],
    imageModel: image.primary,
    imageFallbacks: image.fallbacks ?? [],
    aliases: Object.fromEntries(aliases),
    allowed: models.map(([ref]) => ref),
    defaultSource: own.primary === undefined ? "defaults" : "agent",
    fallbacksSource: own.fallbacks === undefined ? "defaults" : "agent",
    resolve: (text) => resolveModel(text, byAlias),
  } satisfies ModelSettings);
}

/** A profile behind an alias counts before one behind what the alias stands for. */
function resolveModel(text: string, byAlias: ReadonlyMap<string, string>): ModelTarget | undefined {
  const whole = byAlias.get(text.trim().toLowerCase());
  const named: ModelPin = whole === undefined ? splitModelPin(text) : { model: text };
  const meant = splitModelPin(whole ?? byAlias.get(named.model.toLowerCase()) ?? named.model);
  const ref = parseModelRef(meant.model);
  const profileId = named.profileId ?? meant.profileId;
  return ref && profileId !== undefined ? { ...ref, profileId } : ref;
}

function splitModel(model: ModelConfig | undefined): {
  readonly primary: string | undefined;
  readonly fallbacks: readonly string[] | undefined;
} {
  const entry = typeof model === "string" ? { primary: model } : (model ?? {});
  return { primary: entry.primary?.trim() || undefined, fallbacks: entry.fallbacks };
}

import { defaultModelRef, parseModelRef } from "@openclaw/providers";
import type { AgentConfig, Config, ModelConfig } from "./config.ts";

/** A provider and its name for a model. */
export interface ModelRef {
  readonly provider: string;
  readonly model: string;
}

type ModelSource = "agent" | "defaults";

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
  /** Reads an alias or `provider/model`; `undefined` for anything else. */
  resolve(text: string): ModelRef | undefined;
}

/** The model settings of one agent. `fallbackModel` is used where nothing is configured. */
export function modelSettings(config: Config, agent?: AgentConfig, fallbackModel: string = defaultModelRef): ModelSettings {
  const defaults = config.agents?.defaults;
  const own = splitModel(agent?.model);
  const shared = splitModel(defaults?.model);
  const image = splitModel(defaults?.imageModel);
  const models = Object.entries(defaults?.models ?? {});
  const aliases = Object.fromEntries(models.flatMap(([ref, entry]) => (entry.alias === undefined ? [] : [[entry.alias, ref]])));
  const byAlias = new Map(Object.entries(aliases).map(([alias, ref]) => [alias.toLowerCase(), ref]));
  return {
    defaultModel: own.primary ?? shared.primary ?? fallbackModel,
    fallbacks: own.fallbacks ?? shared.fallbacks ?? [],
    imageModel: image.primary,
    imageFallbacks: image.fallbacks ?? [],
    aliases,
    allowed: models.map(([ref]) => ref),
    defaultSource: own.primary === undefined ? "defaults" : "agent",
    fallbacksSource: own.fallbacks === undefined ? "defaults" : "agent",
    resolve: (text) => parseModelRef(byAlias.get(text.trim().toLowerCase()) ?? text),
  };
}

function splitModel(model: ModelConfig | undefined): {
  readonly primary: string | undefined;
  readonly fallbacks: readonly string[] | undefined;
} {
  const entry = typeof model === "string" ? { primary: model } : (model ?? {});
  return { primary: entry.primary?.trim() || undefined, fallbacks: entry.fallbacks };
}

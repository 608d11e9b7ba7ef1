import type { HomeSnapshot, ModelRef } from "@openclaw/home";
import { parseModelRef } from "@openclaw/providers";

/**
 * The model a provider is tried out with: the first that is configured for the agent, else the first that the provider's
 * entry lists, else the provider's usual one. That one may belong to a plan of the provider, at an address of its own.
 */
export function probeModel(home: HomeSnapshot, provider: string, agentId: string | undefined): ModelRef | undefined {
  const settings = home.models(agentId);
  const names = [settings.defaultModel, ...settings.fallbacks, settings.imageModel ?? "", ...settings.imageFallbacks, ...settings.allowed];
  const configured = names.map((name) => settings.resolve(name)).find((ref) => ref?.provider === provider);
  const { spec, config } = home.providers.find(provider) ?? {};
  const listed = (config?.models ?? []).map(idOf).find((id) => id !== undefined);
  return configured ?? (listed === undefined ? parseModelRef(spec?.defaultModel ?? "") : { provider, model: listed });
}

function idOf(entry: unknown): string | undefined {
  const id: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, "id") : undefined;
  return typeof id === "string" && id.trim() !== "" ? id.trim() : undefined;
}

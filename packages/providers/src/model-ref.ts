import { normalizeProviderId } from "./table.ts";

/** A model of a provider. `model` is the name the provider is sent. */
export interface ModelRef {
  readonly provider: string;
  readonly model: string;
}

/** What is asked when nobody chose a model. */
export const defaultModelRef = "anthropic/claude-opus-4-6";

/**
 * Reads `provider/model`. The first slash splits, so a model name may hold more of them. Returns
 * `undefined` where there is no slash or nothing on one side of it.
 *
 * OpenRouter names its own models `openrouter/<name>` and those of others `<vendor>/<name>`. People
 * write `openrouter/auto` for the first, which splits into a name that OpenRouter does not know; a
 * model of OpenRouter without a vendor therefore gets OpenRouter as the vendor. The rule is here, so
 * that what `models status` prints and what is sent cannot differ.
 *
 * @example
 * parseModelRef("openrouter/auto"); // { provider: "openrouter", model: "openrouter/auto" }
 */
export function parseModelRef(text: string): ModelRef | undefined {
  const trimmed = text.trim();
  const slash = trimmed.indexOf("/");
  if (slash < 0) return undefined;
  const provider = normalizeProviderId(trimmed.slice(0, slash));
  const model = trimmed.slice(slash + 1).trim();
  if (provider === "" || model === "") return undefined;
  return { provider, model: provider === "openrouter" && !model.includes("/") ? `openrouter/${model}` : model };
}

import type { ProviderSpec } from "./spec.ts";
import { providerSpecs } from "./specs/index.ts";

/** Plans of a provider that has credentials of its own: they share its credentials, not its base URL. */
const plans: ReadonlyMap<string, string> = new Map([
  ["volcengine-plan", "volcengine"],
  ["byteplus-plan", "byteplus"],
]);

const aliases: ReadonlyMap<string, string> = new Map(
  providerSpecs.flatMap((spec) => (spec.aliases ?? []).map((alias) => [alias, spec.id] as const)),
);

const specs: ReadonlyMap<string, ProviderSpec> = new Map([
  ...providerSpecs.map((spec) => [spec.id, spec] as const),
  ...[...plans].flatMap(([plan, id]) => planSpec(plan, id)),
]);

/** The canonical spelling of a provider id: trimmed, lower case, aliases resolved. Unknown ids are kept. */
export function normalizeProviderId(text: string): string {
  const id = text.trim().toLowerCase();
  return aliases.get(id) ?? id;
}

/** The provider whose credentials are used: like {@link normalizeProviderId}, and a plan becomes its provider. */
export function authProviderId(text: string): string {
  const id = normalizeProviderId(text);
  return plans.get(id) ?? id;
}

/** The spec of a provider under any of its spellings. A plan has its provider's spec with its own id and base URL. */
export function findProvider(text: string): ProviderSpec | undefined {
  return specs.get(normalizeProviderId(text));
}

function planSpec(plan: string, id: string): readonly (readonly [string, ProviderSpec])[] {
  const parent = providerSpecs.find((spec) => spec.id === id);
  const baseUrl = parent?.otherBaseUrls?.[plan];
  return parent && baseUrl !== undefined ? [[plan, { ...parent, id: plan, baseUrl }]] : [];
}

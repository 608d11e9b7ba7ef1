import { createRedactor, type Secret } from "@openclaw/secrets";
import { keyProviderOf, type Standing } from "./standing.ts";
import type { PlanTarget } from "./target.ts";

/** The values that a plan puts references in the place of. */
export interface MovedValues {
  /** Whether a value is one of them: what stood in a place, or what the reference there leads to. */
  has(value: Secret): boolean;
  /** Whether it is one of those of a provider's key. */
  isKeyOf(provider: string, value: Secret): boolean;
  /** The providers whose key in the configuration is moved. */
  readonly keyProviders: ReadonlySet<string>;
  /** Whether a text holds one that stood in a place, in whatever form. */
  isIn(text: string): boolean;
}

/** Collects the values of the places and of the references; where a command was not run its value is not known. */
export function movedValues(
  targets: readonly PlanTarget[],
  standings: ReadonlyMap<PlanTarget, Standing>,
  resolved: ReadonlyMap<PlanTarget, Secret>,
): MovedValues {
  const redactor = createRedactor();
  const values: { readonly secret: Secret; readonly provider: string | undefined }[] = [];
  for (const target of targets) {
    const plaintexts = standings.get(target)?.plaintexts ?? [];
    for (const secret of plaintexts) redactor.add(secret);
    const provider = keyProviderOf(target);
    const leadsTo = resolved.get(target);
    for (const secret of leadsTo ? [...plaintexts, leadsTo] : plaintexts) values.push({ secret, provider });
  }
  return {
    has: (value) => values.some(({ secret }) => secret.equals(value)),
    isKeyOf: (wanted, value) => values.some(({ secret, provider }) => provider === wanted && secret.equals(value)),
    keyProviders: new Set(values.flatMap(({ provider }) => provider ?? [])),
    isIn: (text) => redactor.text(text) !== text,
  };
}

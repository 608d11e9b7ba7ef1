import { randomBytes } from "node:crypto";
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

interface MovedValue {
  readonly secret: Secret;
  /** Those whose key it is. */
  readonly providers: Set<string>;
}

/** Collects the values of the places and of the references; where a command was not run its value is not known. */
export function movedValues(
  targets: readonly PlanTarget[],
  standings: ReadonlyMap<PlanTarget, Standing>,
  resolved: ReadonlyMap<PlanTarget, Secret>,
): MovedValues {
  const redactor = createRedactor();
  // Found by a digest under a key of this run alone, so that a value is compared with its like and not with all.
  const salt = randomBytes(32);
  const values = new Map<string, MovedValue[]>();
  const alike = (value: Secret) => (values.get(value.fingerprint(salt)) ?? []).filter(({ secret }) => secret.equals(value));
  const keyProviders = new Set<string>();
  for (const target of targets) {
    const plaintexts = standings.get(target)?.plaintexts ?? [];
    for (const secret of plaintexts) redactor.add(secret);
    const provider = keyProviderOf(target);
    const leadsTo = resolved.get(target);
    for (const secret of leadsTo ? [...plaintexts, leadsTo] : plaintexts) {
      const known = alike(secret)[0];
      const providers = known?.providers ?? new Set<string>();
      if (provider !== undefined) {
        providers.add(provider);
        keyProviders.add(provider);
      }
      if (known === undefined) {
        const name = secret.fingerprint(salt);
        values.set(name, [...(values.get(name) ?? []), { secret, providers }]);
      }
    }
  }
  return {
    has: (value) => alike(value).length > 0,
    isKeyOf: (provider, value) => alike(value).some(({ providers }) => providers.has(provider)),
    keyProviders,
    isIn: (text) => redactor.text(text) !== text,
  };
}

import { authProviderId } from "@openclaw/providers";
import type { ReferenceUse } from "./audit-source.ts";
import type { AuditFinding } from "./audit-types.ts";
import type { StoredAccount } from "./store-source.ts";

/** References of the configuration that stored profiles of the same provider come before. */
export function findShadowed(uses: readonly ReferenceUse[], accounts: readonly StoredAccount[]): readonly AuditFinding[] {
  return uses.flatMap(({ jsonPath, provider }) => {
    if (provider === undefined || jsonPath !== `models.providers.${provider}.apiKey`) return [];
    const stored = accounts.filter((account) => authProviderId(account.provider) === authProviderId(provider));
    if (stored.length === 0) return [];
    const types = [...new Set(stored.map(({ type }) => type))].toSorted().join("/");
    const message = `${jsonPath}: stored profiles of ${provider} (${types}) come first, so this reference may never be used.`;
    // OpenClaw gives no path here.
    return [{ code: "REF_SHADOWED", severity: "warn", file: "openclaw.json", jsonPath, message, provider } as const];
  });
}

import type { SecretProviders } from "@openclaw/secrets";

/** What a source has unless its entry says otherwise. */
const SOURCE_TIMEOUT_MS = 5_000;
/** What the gateway needs beside its sources. */
const MARGIN_MS = 5_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * How long a reload may take: longer than every source one after the other may, so that it is the gateway
 * who says which of them was too slow.
 */
export function reloadTimeout(providers: SecretProviders = {}): number {
  const timeouts = Object.values(providers).map((config) => (config.source === "env" ? 0 : (config.timeoutMs ?? SOURCE_TIMEOUT_MS)));
  return Math.max(DEFAULT_TIMEOUT_MS, timeouts.reduce((sum, timeoutMs) => sum + timeoutMs, 0) + MARGIN_MS);
}

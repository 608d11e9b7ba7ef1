/** The last instant a JavaScript date can hold. */
const LATEST_TIME = 8_640_000_000_000_000;
/** Read as milliseconds, anything below is before March 1973; read as seconds it is a plausible year. */
const SECONDS_BELOW = 100_000_000_000;

/** When a credential ends, epoch milliseconds; `"invalid"` where something else was stored. */
export type Expiry = number | "invalid";

/** Reads `expires`. Only an absent one means "never ends": null, 0 and numeric text are mistakes. */
export function parseExpiry(value: unknown): Expiry | undefined {
  if (value === undefined) return undefined;
  return typeof value === "number" && value > 0 && value <= LATEST_TIME ? value : "invalid";
}

/** What to change about an `expires` that cannot be meant, if there is anything. */
export function expiryHint(expires: Expiry | undefined): string | undefined {
  if (expires === "invalid") return "set expires to a future Unix time in milliseconds, or remove it";
  if (expires === undefined || expires >= SECONDS_BELOW) return undefined;
  return "expires looks like seconds: it must be a Unix time in milliseconds (multiply by 1000)";
}

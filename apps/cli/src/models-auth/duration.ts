import { CliError } from "../exit.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PLAIN = /^\d+(?:\.\d+)?$/u;
const JOINED = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/u;

/** The last moment a date can name. */
const LAST_MS = 8.64e15;

/**
 * A length of time as it is typed: `30d`, `1.5h`, `1h30m`; a bare number counts days. Milliseconds.
 *
 * @throws {CliError} `invalid duration: ...`
 */
export function parseDuration(text: string): number {
  const typed = text.trim();
  const joined = PLAIN.test(typed) ? `${typed}d` : typed;
  const parts = JOINED.test(joined) ? [...joined.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gu)] : [];
  const total = Math.round(parts.reduce((sum, [, amount, unit = ""]) => sum + Number(amount) * (UNITS[unit] ?? Number.NaN), 0));
  if (parts.length > 0 && total <= LAST_MS) return total;
  throw new CliError(`invalid duration: ${text}`, "for example 30d, 12h or 1h30m; without a unit it is days");
}

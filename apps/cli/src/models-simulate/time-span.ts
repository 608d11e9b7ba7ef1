import { CliError } from "../exit.ts";
import { parseDuration } from "../models-auth/duration.ts";

const UNITS = /(?<=\d)\s*(sec|min|hours?|days?)(?![a-z])/gu;

/**
 * A length of time of a simulation: `10m`, `10min`, `1h 30m`. A unit is wanted: a bare number would be days, which nobody
 * means here. Milliseconds.
 *
 * @param what What it is, as errors name it: `--for`.
 * @throws {CliError}
 */
export function parseTimeSpan(text: string, what: string): number {
  const typed = text.trim().toLowerCase();
  const example = "for example 10m, 90s or 1h30m";
  if (typed === "") throw new CliError(`${what} is empty: a length of time is expected.`, example);
  if (/^\d+(?:\.\d+)?$/u.test(typed)) throw new CliError(`${what} ${typed} has no unit: ${typed}m?`, example);
  const plain = typed.replace(UNITS, (_all, unit: string) => unit.slice(0, 1)).replaceAll(/(?<=[a-z])\s+(?=\d)/gu, "");
  try {
    return parseDuration(plain);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    throw new CliError(`${what} ${JSON.stringify(text)} is no length of time.`, example);
  }
}

import type { Redactor } from "@openclaw/secrets";

/**
 * An error nobody foresaw, fit for a log: the same name, message and stack without known values. Its cause and
 * other members stay behind: an HTTP parser's error holds the bytes it read.
 */
export function cleanedError(error: Error, redactor: Redactor): Error {
  const clean = new Error(redactor.text(error.message));
  clean.name = redactor.text(error.name);
  clean.stack = redactor.text(error.stack ?? `${error.name}: ${error.message}`);
  return clean;
}

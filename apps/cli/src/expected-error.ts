import { CliError } from "./exit.ts";
import type { ExpectedError } from "./render/error.ts";

const expected: ReadonlySet<string> = new Set([
  "HomeError",
  "AuthProfileError",
  "SecretsError",
  "GatewayError",
  "ProviderError",
  "RotationError",
]);

/** Errors of the packages are known by name: no package is loaded to tell. */
export function isExpected(error: unknown): error is ExpectedError {
  return error instanceof CliError || (error instanceof Error && expected.has(error.name));
}

/** A bug, in words. What nobody caught would be printed by Node itself, past the redactor. */
export function internalError(error: unknown): string {
  return `openclaw: internal error: ${error instanceof Error ? (error.stack ?? error.message) : "unknown"}`;
}

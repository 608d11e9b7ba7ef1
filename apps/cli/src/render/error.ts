import { printable } from "../io.ts";

/** An error that a person can do something about. */
export interface ExpectedError extends Error {
  readonly hint?: string | undefined;
}

/**
 * An expected error for people: what is wrong, and what to type. One that only sums up others, as
 * `activation-failed` does, says what is wrong with each of them: a list of places and codes is nothing to act on.
 */
export function renderError({ message, hint, cause }: ExpectedError): string {
  const causes: readonly unknown[] = hint === undefined && cause instanceof AggregateError ? cause.errors : [];
  return [
    `Error: ${message.split("\n").map(printable).join("\n")}`,
    ...(hint === undefined ? [] : [`  ${printable(hint)}`]),
    ...causeLines(causes.filter((one) => one instanceof Error)),
  ].join("\n");
}

/** What several references suffer from is said once, and so is what helps against all of it. */
function causeLines(causes: readonly ExpectedError[]): readonly string[] {
  const messagesByHint = Map.groupBy(causes, ({ hint }) => hint);
  return [...messagesByHint].flatMap(([hint, errors]) => [
    ...new Set(errors.map(({ message }) => `  ${printable(message)}`)),
    ...(hint === undefined ? [] : [`    ${printable(hint)}`]),
  ]);
}

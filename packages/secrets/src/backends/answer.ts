import { SecretsError } from "../errors.ts";
import type { BackendAnswer } from "./backend.ts";

/**
 * The answer that is read or, where reading throws a {@link SecretsError}, that error as the answer.
 * Any other exception passes: it is a bug.
 */
export function answerOf(read: () => Extract<BackendAnswer, { status: "resolved" }>): BackendAnswer {
  try {
    return read();
  } catch (error) {
    if (error instanceof SecretsError) return { status: "failed", error };
    throw error;
  }
}

/** An error about a file or a command, put as what it means for one reference. */
export function errorFor(name: string, error: SecretsError): SecretsError {
  const { hint, cause } = error;
  return new SecretsError(error.code, `${name}: ${error.message}`, hint === undefined ? { cause } : { hint, cause });
}

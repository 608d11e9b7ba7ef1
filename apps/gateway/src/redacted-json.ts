import type { Redactor } from "@openclaw/secrets";

/** JSON without secrets, text by text: a key as short as a number or a member of the answer would break what is JSON. */
export function redactedJson(answer: unknown, redactor: Redactor): string {
  return JSON.stringify(answer, (_name, value: unknown) => (typeof value === "string" ? redactor.text(value) : value));
}

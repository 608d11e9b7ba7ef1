import { SecretsError } from "../errors.ts";
import type { JsonValue } from "../json-text.ts";

const INDEX = /^(?:0|[1-9]\d*)$/;

/**
 * The text a JSON pointer (RFC 6901) leads to, through own members and array indices only.
 *
 * @param name What the error calls the value.
 * @throws {SecretsError} `reference-unresolved` where a segment leads nowhere, `value-refused` where no text is.
 */
export function textAt(document: JsonValue, pointer: string, name: string): string {
  const segments = pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
  let found = document;
  for (const segment of segments) {
    const next = memberOf(found, segment);
    if (next === undefined) {
      throw new SecretsError("reference-unresolved", `${name}: JSON pointer segment ${JSON.stringify(segment)} does not exist.`);
    }
    found = next;
  }
  if (typeof found === "string") return found;
  throw new SecretsError("value-refused", `${name}: the value is not text`);
}

function memberOf(value: JsonValue, segment: string): JsonValue | undefined {
  if (value instanceof Map) return value.get(segment);
  return Array.isArray(value) && INDEX.test(segment) ? value[Number(segment)] : undefined;
}

import type { z } from "zod";
import { GatewayError } from "../errors.ts";

/** Where an input stood. */
type InputPlace = "path" | "query" | "body";

const MOST_SHOWN = 80;

/**
 * Takes an input that its schema allows.
 *
 * @throws {GatewayError} `invalid-request` that names the field and the rule, and never the value.
 */
export function checkInput<S extends z.ZodType>(schema: S, input: unknown, place: InputPlace): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  throw refused(place, result.error.issues.map((issue) => describe(issue, input)).join("; "));
}

function refused(place: InputPlace, why: string): GatewayError {
  return new GatewayError("invalid-request", `The ${place} is not as it should be: ${why}`, {
    hint: "GET /api/v1/openapi.json describes every operation",
  });
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  if (issue.code === "unrecognized_keys") return `unknown field ${issue.keys.map(quoted).join(", ")}`;
  const at = issue.path.map((part) => String(part)).join(".");
  if (issue.code === "invalid_type" && at !== "" && isMissing(input, issue.path)) return `${quoted(at)} is missing`;
  return at === "" ? issue.message : `${quoted(at)}: ${issue.message}`;
}

function isMissing(input: unknown, path: readonly PropertyKey[]): boolean {
  let value = input;
  for (const part of path) value = typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
  return value === undefined;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}...` : text);
}

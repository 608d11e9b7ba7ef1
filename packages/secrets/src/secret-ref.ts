import { z } from "zod";
import { SecretsError } from "./errors.ts";

/** Where a secret is kept: an environment variable, a file, or what a command prints. */
export type SecretSource = "env" | "file" | "exec";

/** Points at a secret that is kept elsewhere. */
export interface SecretRef {
  readonly source: SecretSource;
  /** Alias of a configured secret provider; `default` unless `secrets.defaults` names another. */
  readonly provider: string;
  readonly id: string;
}

/** Provider alias of each source, for references that name none. */
export type SecretDefaults = Partial<Readonly<Record<SecretSource, string | undefined>>>;

/** Names of variables that a reference may point at. */
export const ENV_ID: RegExp = /^[A-Z][A-Z0-9_]{0,127}$/;
const ENV_TEMPLATE = /^\$\{([A-Z][A-Z0-9_]{0,127})\}$/;
const EXEC_ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,255}$/;
const POINTER = /^\/(?:[^~]|~[01])*$/;

/** Shape of the provider alias in a reference and in `secrets.providers`. */
export const providerAlias: z.ZodString = z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/, "provider alias must match [a-z][a-z0-9_-]{0,63}");

const FIELDS = ["source", "provider", "id"] as const;

const refSchema = z
  .strictObject({ source: z.enum(["env", "file", "exec"]), provider: providerAlias.optional(), id: z.string() })
  .check((context) => {
    const problem = idProblem(context.value.source, context.value.id);
    if (problem !== undefined) {
      context.issues.push({ code: "custom", path: ["id"], message: problem, input: undefined });
    }
  });

/** Whether a config or store value looks like a reference at all: an object, or exactly `${NAME}`. */
export function isSecretRefLike(value: unknown): boolean {
  return typeof value === "string" ? ENV_TEMPLATE.test(value) : typeof value === "object" && value !== null;
}

/**
 * Reads a reference: an object of `source`, `id` and optionally `provider`, or the string `${NAME}`.
 *
 * @throws {SecretsError} `invalid-reference`, naming the rule and never the value.
 */
export function parseSecretRef(value: unknown, defaults: SecretDefaults = {}): SecretRef {
  if (typeof value === "string") {
    const name = ENV_TEMPLATE.exec(value)?.[1];
    if (name === undefined) throw invalid("a reference in text form is exactly ${NAME}");
    return { source: "env", provider: defaults.env ?? "default", id: name };
  }
  const parsed = refSchema.safeParse(value);
  if (!parsed.success) {
    throw invalid(parsed.error.issues.map(ruleOf).join("; "));
  }
  const { source, id, provider } = parsed.data;
  return { source, provider: provider ?? defaults[source] ?? "default", id };
}

/** `source:provider:id`, as messages name a reference. */
export function formatSecretRef(ref: SecretRef): string {
  return `${ref.source}:${ref.provider}:${ref.id}`;
}

function idProblem(source: SecretSource, id: string): string | undefined {
  if (source === "env") return ENV_ID.test(id) ? undefined : "an env id must match [A-Z][A-Z0-9_]{0,127}";
  if (source === "file") {
    return id === "value" || POINTER.test(id) ? undefined : "a file id is a JSON pointer (RFC 6901), or `value`";
  }
  const isTraversal = id.split("/").some((segment) => segment === "." || segment === "..");
  return EXEC_ID.test(id) && !isTraversal ? undefined : "an exec id must match [A-Za-z0-9][A-Za-z0-9._:/-]{0,255} without . or .. segments";
}

/** The rule that is broken, in words of ours: a key that was pasted in the wrong place may stand anywhere in the input. */
function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") return "it has source, provider and id, and nothing else";
  const [field] = issue.path;
  return field === undefined ? issue.message : `${FIELDS.find((known) => known === field) ?? "it"}: ${issue.message}`;
}

function invalid(rule: string): SecretsError {
  return new SecretsError("invalid-reference", `Invalid secret reference: ${rule}`);
}

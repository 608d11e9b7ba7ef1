import { isReference, readConfigKey, type EnvLayers } from "@openclaw/home";
import { readCredentialText, Secret } from "@openclaw/secrets";
import { textOf } from "./read-json-object.ts";

/** What stands at a place that may hold a secret. */
export type StandingValue =
  | { readonly kind: "nothing" }
  | { readonly kind: "reference"; readonly written: unknown }
  /** A placeholder, or the name of a variable: no secret. */
  | { readonly kind: "marker" }
  | { readonly kind: "plaintext"; readonly secret: Secret };

const NOTHING = { kind: "nothing" } as const;
const MARKER = { kind: "marker" } as const;

/**
 * Tells a secret from what only points at one. What counts as a marker is decided where requests read a key.
 *
 * @param canBeName Whether the name of a variable stands for its value here, as in `models.providers.<id>.apiKey`.
 */
export function readStanding(value: unknown, env: EnvLayers, canBeName: boolean): StandingValue {
  if (typeof value === "object" && value !== null) return isReference(value) ? { kind: "reference", written: value } : NOTHING;
  const text = textOf(value)?.trim();
  if (text === undefined) return NOTHING;
  if (isReference(text)) return { kind: "reference", written: text };
  if (/^secretref-env:[A-Za-z_]\w*$/u.test(text) || /^\$[A-Z_][A-Z0-9_]*$/u.test(text) || hasTemplateAlone(text)) return MARKER;
  const key = readConfigKey("", text, env, { outcomeOf: () => ({ status: "skipped" }) }, {});
  if (key.kind === "marker" || (key.kind === "skipped" && canBeName)) return MARKER;
  // The value of a header: what its scheme stands before is the secret.
  const bare = text.replace(/^(?:bearer|basic|token)\s+(?=\S)/iu, "");
  return { kind: "plaintext", secret: readCredentialText(bare) ?? Secret.of(bare) };
}

/** `Bearer ${NAME}`: nothing but a scheme stands beside the placeholders. */
function hasTemplateAlone(text: string): boolean {
  const rest = text.replaceAll(/\$\{[A-Za-z_][A-Za-z0-9_]*\}/gu, "");
  return rest !== text && /^\s*(?:bearer|basic|token)?[\s:]*$/iu.test(rest);
}

import { SecretsError } from "./errors.ts";
import { Secret } from "./secret.ts";

const LARGEST_VALUE_BYTES = 64 * 1024;

interface Rule {
  readonly breaks: (value: string) => boolean;
  readonly says: string;
  readonly hint?: string;
}

// The first that is broken is named, so those that explain more come first.
const rules: readonly Rule[] = [
  { breaks: (value) => value.trim() === "", says: "is empty" },
  {
    breaks: (value) => Buffer.byteLength(value) > LARGEST_VALUE_BYTES,
    says: "is larger than 64 KiB",
    hint: "refer to one key, not to a whole file",
  },
  {
    breaks: (value) => /\[redacted\]|__OPENCLAW_REDACTED__|\*\*\*|\u2026/iu.test(value),
    says: "is the mask of a secret, not a secret",
    hint: "store the value itself; this was copied from a redacted output",
  },
  {
    breaks: (value) => /\$\{[A-Za-z_][A-Za-z0-9_]*\}|^op:\/\//u.test(value),
    says: "is itself a placeholder that nothing has filled in",
    hint: "references are not followed twice; store the value itself",
  },
  {
    breaks: (value) => /[\u0000-\u001F\u007F-\u009F]/u.test(value),
    says: "holds a line break or another control character",
    hint: "store the key alone, on one line",
  },
  {
    breaks: (value) => /[^\u0000-\u00FF]/u.test(value),
    says: "holds a character beyond Latin-1, which no header can carry",
    hint: "copy the key again; an invisible or typographic character came along",
  },
];

/**
 * Turns what a source gave into a secret that every client library takes. A byte order mark and exactly
 * one line break at the end are removed; spaces stay.
 *
 * @param name What the error calls the value, such as `file:vault:/a`.
 * @throws {SecretsError} `value-refused`, naming `name` and the rule, never the value.
 */
export function readSecretValue(text: string, name: string): Secret {
  const value = text.replace(/^\uFEFF/u, "").replace(/\r?\n$/u, "");
  const broken = rules.find((rule) => rule.breaks(value));
  if (!broken) return Secret.of(value);
  throw new SecretsError("value-refused", `${name}: the value ${broken.says}`, broken.hint === undefined ? {} : { hint: broken.hint });
}

import { isSecretRefLike, parseSecretRef, readCredentialText, type Secret, type SecretDefaults, type SecretRef } from "@openclaw/secrets";

export type StoredSecretProblem = "SECRETS_REF_OVERRIDES_PLAINTEXT" | "SECRETS_REF_INVALID" | "CREDENTIAL_UNSENDABLE";

/** What a pair of fields such as `key` and `keyRef` holds: a value or a reference, never both. */
export interface StoredSecret {
  readonly secret?: Secret;
  readonly ref?: SecretRef;
  /** The rule a reference breaks that was meant to be used. It is as good as unresolved. */
  readonly refProblem?: string;
  readonly problems: readonly { readonly code: StoredSecretProblem; readonly detail: string }[];
}

/**
 * Reads a value and the reference beside it. The reference wins and the value is dropped, so that
 * nothing can fall back to it; that holds for a reference that is not a valid one as well. A value
 * that is itself a reference (an object, or exactly `${NAME}`) counts as one.
 */
export function readStoredSecret(value: unknown, ref: unknown, defaults: SecretDefaults = {}): StoredSecret {
  const inValue = readRef(value, defaults);
  const isTextRef = typeof value === "string" && inValue !== undefined;

  if (isPresent(ref)) {
    const beside = readRef(ref, defaults) ?? { rule: "a reference is an object, or exactly ${NAME}" };
    const isOverriding = typeof value === "string" && value.trim() !== "" && !isTextRef;
    const overrides = {
      code: "SECRETS_REF_OVERRIDES_PLAINTEXT",
      detail: "a value is stored beside the reference and is not used",
    } as const;
    return {
      ...("ref" in beside ? beside : { refProblem: beside.rule }),
      problems: [...(isOverriding ? [overrides] : []), ...invalidRef(beside)],
    };
  }
  if (inValue !== undefined) {
    if ("ref" in inValue) return { ...inValue, problems: [] };
    return { ...(isMeantAsRef(value) && { refProblem: inValue.rule }), problems: invalidRef(inValue) };
  }

  const secret = typeof value === "string" ? readCredentialText(value) : undefined;
  if (secret !== undefined) return { secret, problems: [] };
  const isUnsendable = typeof value === "string" && value.trim() !== "";
  return {
    problems: isUnsendable ? [{ code: "CREDENTIAL_UNSENDABLE", detail: "the stored text holds characters no request can carry" }] : [],
  };
}

/** Whether a field holds a reference, in a place where none is allowed. */
export function holdsRef(value: unknown): boolean {
  const read = readRef(value, {});
  return read !== undefined && "ref" in read;
}

type ReadRef = { readonly ref: SecretRef } | { readonly rule: string };

function readRef(value: unknown, defaults: SecretDefaults): ReadRef | undefined {
  const trimmed = typeof value === "string" ? value.trim() : value;
  if (!isSecretRefLike(trimmed) && !isTemplate(trimmed)) return undefined;
  try {
    return { ref: parseSecretRef(trimmed, defaults) };
  } catch (error) {
    return { rule: error instanceof Error ? error.message : "not a reference" };
  }
}

/** `${name}`: no valid reference, and no key either. */
function isTemplate(value: unknown): boolean {
  return typeof value === "string" && /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/u.test(value);
}

/** Other objects are no references that somebody got wrong. */
function isMeantAsRef(value: unknown): boolean {
  return typeof value === "string" || (typeof value === "object" && value !== null && Object.hasOwn(value, "source"));
}

function isPresent(ref: unknown): boolean {
  return ref !== undefined && ref !== null && !(typeof ref === "string" && ref.trim() === "");
}

function invalidRef(read: ReadRef): StoredSecret["problems"] {
  return "rule" in read ? [{ code: "SECRETS_REF_INVALID", detail: read.rule }] : [];
}

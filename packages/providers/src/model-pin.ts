/** A model, and the one profile it is to be asked with. */
export interface ModelPin {
  readonly model: string;
  readonly profileId?: string;
}

/**
 * Splits `model@profile` at the first `@` after the last slash. `@20260115` is the version of a model and no profile; an `@`
 * after it splits.
 *
 * @example
 * splitModelPin("anthropic/claude-opus-4-6@20260115@anthropic:work");
 * // { model: "anthropic/claude-opus-4-6@20260115", profileId: "anthropic:work" }
 */
export function splitModelPin(text: string): ModelPin {
  const trimmed = text.trim();
  const name = trimmed.lastIndexOf("/") + 1;
  const first = trimmed.indexOf("@", name);
  const isVersion = first >= 0 && /^@\d{8}(?:@|$)/u.test(trimmed.slice(first, first + 10));
  const at = isVersion ? trimmed.indexOf("@", first + 1) : first;
  // Nothing before it, or nothing behind it: no pin of anything.
  if (at <= name || at === trimmed.length - 1) return { model: trimmed };
  return { model: trimmed.slice(0, at), profileId: trimmed.slice(at + 1) };
}

import { Secret } from "./secret.ts";

const PLACEHOLDER = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/u;

/**
 * What a person pasted, made fit for a header: line breaks are removed anywhere, characters beyond
 * Latin-1 dropped, ends trimmed. Quotes stay. Returns `undefined` where nothing is left, where a control
 * character remains, which a header cannot carry, and where the text is `${NAME}`, which nothing has filled in.
 */
export function readCredentialText(text: string | undefined): Secret | undefined {
  if (text === undefined) return undefined;
  const cleaned = joinLines(text)
    .replaceAll(/[^\u0000-\u00FF]/gu, "")
    .trim();
  return cleaned === "" || hasControlCharacter(cleaned) || PLACEHOLDER.test(cleaned) ? undefined : Secret.of(cleaned);
}

/** What a terminal wrapped, on one line again. */
export function joinLines(text: string): string {
  return text.replaceAll(/[\r\n]/g, "");
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}

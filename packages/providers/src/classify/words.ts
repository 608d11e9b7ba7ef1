/** A test of an error text in lower case. */
export type TextTest = (text: string) => boolean;

/** Any of the words occurs. */
export function says(...words: readonly string[]): TextTest {
  return (text) => words.some((word) => text.includes(word));
}

/** One of the words stands alone: not within another, and not in quotes, where it is a name. */
export function word(...words: readonly string[]): TextTest {
  return matches(new RegExp(`(?<![\\w'"\`-])(?:${words.join("|")})(?![\\w'"\`-])`));
}

/** All of the tests hold. */
export function all(...tests: readonly TextTest[]): TextTest {
  return (text) => tests.every((test) => test(text));
}

/** One of the tests holds. */
export function any(...tests: readonly TextTest[]): TextTest {
  return (text) => tests.some((test) => test(text));
}

export function not(test: TextTest): TextTest {
  return (text) => !test(text);
}

/** The pattern occurs. Patterns here have bounded gaps, so that no text makes them slow. */
export function matches(pattern: RegExp): TextTest {
  return (text) => pattern.test(text);
}

/** The number stands alone: not within an id, a price or another number. */
export function number(digits: string): TextTest {
  return matches(new RegExp(`(?<![\\w.-])${digits}(?![\\w-]|\\.\\d)`));
}

/** Longer texts that speak of credit speak of it in passing. */
export const LONGEST_BILLING_TEXT = 512;

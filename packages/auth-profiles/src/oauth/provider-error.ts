import { readText } from "../record.ts";

const LONGEST_DESCRIPTION = 200;

/**
 * The error code a provider gave, if it can be shown: words joined by underscores. Anything with a digit or
 * another sign is not, because a provider may repeat what it was sent.
 */
export function showableErrorCode(code: string): string {
  return code.length <= 50 && /^[a-z]+(?:_[a-z]+)*$/.test(code) ? code : "an error it did not name";
}

/** One line of at most 200 characters that no terminal acts upon. */
export function showableText(value: unknown): string | undefined {
  const text = readText(value)
    ?.replaceAll(/[\p{C}\p{Z}]+/gu, " ")
    .trim();
  if (text === undefined || text === "") return undefined;
  return text.length > LONGEST_DESCRIPTION ? `${text.slice(0, LONGEST_DESCRIPTION)}...` : text;
}

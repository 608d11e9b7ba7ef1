/** How far {@link isWord} looks back: the length of the longest escape of one character. */
export const WORD_CONTEXT = 6;

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;

/** Whether no letter or digit touches what stands from `start` to `end`. */
export function isWord(bytes: Uint8Array, start: number, end: number): boolean {
  return !isLetter(bytes[end]) && (!isLetter(bytes[start - 1]) || isAfterEscape(bytes, start));
}

/** ASCII letters and digits, and every byte of other characters. Nothing is before the start and after the end. */
function isLetter(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  const lowerCase = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lowerCase >= 0x61 && lowerCase <= 0x7a) || byte >= 0x80;
}

/** The letter before may be the end of `\n`, `%22` or `\u0022`. */
function isAfterEscape(bytes: Uint8Array, start: number): boolean {
  return (
    bytes[start - 2] === BACKSLASH || bytes[start - 3] === PERCENT || (bytes[start - 6] === BACKSLASH && bytes[start - 5] === LETTER_U)
  );
}

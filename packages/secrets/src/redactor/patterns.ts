/** One byte sequence to look for. */
export interface Pattern {
  readonly bytes: Buffer;
  /** Found only where no letter or digit touches it: too short to be told from a part of a word. */
  readonly isWord: boolean;
}

/** Values shorter than this are found as whole words only. */
const SHORTEST_ANYWHERE = 8;
/** Fewer base64 characters than this stand in ordinary text by chance. */
const SHORTEST_BASE64 = 6;

/**
 * What to look for so that a value is found as it is and in base64, at any of the three alignments and in
 * both alphabets. Of base64 the characters that depend on the value alone are taken, so that it is also
 * found inside a longer text, as in `Basic base64(user:value)`. Percent and JSON escapes are not listed:
 * they are read while scanning, in any mixture. Nothing for an empty value.
 */
export function patternsOf(value: Buffer): readonly Pattern[] {
  if (value.length === 0) return [];
  const isWord = value.length < SHORTEST_ANYWHERE;
  const plain = [value, ...(value.includes(" ") ? [spacesAsPlus(value)] : []), ...asRead(value)];
  const base64 = [0, 1, 2].map((shift) => base64Of(value, shift)).filter(({ length }) => length >= SHORTEST_BASE64);
  const base64url = base64.filter((text) => /[+/]/.test(text)).map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [
    ...plain.map((bytes) => ({ bytes, isWord: isWord || bytes.length < SHORTEST_ANYWHERE })),
    ...[...base64, ...base64url].map((text) => ({ bytes: Buffer.from(text, "latin1"), isWord: false })),
  ];
}

/** The base64 characters that depend on `value` alone when `shift` other bytes stand before it. */
function base64Of(value: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), value]).toString("base64");
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + value.length) * 8) / 6));
}

/**
 * What the scanner makes of a value that looks escaped itself. Escaped as JSON, `a"%41` is `a\"%41`: from the
 * first escape on everything is read as escaped, the `%41` that belongs to the value too.
 */
function asRead(value: Buffer): readonly Buffer[] {
  const text = value.toString("latin1");
  if (!/%[0-9a-f]{2}/i.test(text) || !/["\\/<>&\u0000-\u001F\u007F-\u00FF]/.test(text)) return [];
  return [
    Buffer.from(
      text.replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      "latin1",
    ),
  ];
}

/** As in the query of a form. */
function spacesAsPlus(value: Buffer): Buffer {
  return Buffer.from(value.toString("latin1").replaceAll(" ", "+"), "latin1");
}

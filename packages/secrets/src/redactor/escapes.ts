/** What an escape stands for. */
export interface Escape {
  /** How many bytes of the text it takes. */
  readonly length: number;
  readonly bytes: readonly number[];
}

/** The bytes that occur in patterns: an escape of any other byte cannot be part of a value. */
export interface Alphabet {
  readonly has: Uint8Array;
  /** 1 for a byte that begins a pattern. */
  readonly firsts: Uint8Array;
  /** 1 at `before * 256 + byte` where the two follow each other in a pattern. */
  readonly pairs: Uint8Array;
  /** Whether characters beyond U+FFFF occur, which take two `\u` escapes. */
  readonly hasPairs: boolean;
  /** 1 for a letter that makes an escape that matters, after a backslash. */
  readonly letters: Uint8Array;
  /** How the escapes that matter begin that are no percent escapes. */
  readonly beginnings: readonly Buffer[];
}

/** A text to be read, the end of which may be the end of a chunk only. */
export interface EscapedText {
  readonly bytes: Buffer;
  readonly isLast: boolean;
  readonly alphabet: Alphabet;
}

const PERCENT = 0x25;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** Escapes this close together are found byte by byte. */
const NEAR = 48;
const MANY_OTHERS = 8;

const SHORT: ReadonlyMap<number, number> = new Map(
  Object.entries({ '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }).map(([letter, meaning]) => [
    letter.charCodeAt(0),
    meaning.charCodeAt(0),
  ]),
);
/** What a letter after a backslash means, -1 where that is not one byte. */
const SHORT_BYTES = Int16Array.from({ length: 256 }, (_, letter) => SHORT.get(letter) ?? -1);
const NOTHING = Buffer.alloc(0);
const HEX = Int8Array.from({ length: 256 }, (_, byte) => "0123456789abcdef".indexOf(String.fromCharCode(byte).toLowerCase()));
const oneByte = (length: number): readonly Escape[] => Array.from({ length: 256 }, (_, byte) => ({ length, bytes: [byte] }));
const SHORT_ESCAPES = oneByte(2);
const PERCENT_ESCAPES = oneByte(3);
const UNICODE_ESCAPES = oneByte(6);

/** Reads which bytes, and so which escapes, matter for these patterns. */
export function createAlphabet(patterns: Iterable<{ readonly bytes: Uint8Array }>): Alphabet {
  const has = new Uint8Array(256);
  const firsts = new Uint8Array(256);
  const pairs = new Uint8Array(65_536);
  for (const { bytes } of patterns) {
    let before = 0;
    for (const [index, byte] of bytes.entries()) {
      has[byte] = 1;
      if (index === 0) firsts[byte] = 1;
      else pairs[before * 256 + byte] = 1;
      before = byte;
    }
  }
  const mattering = [LETTER_U, ...[...SHORT].filter(([, meaning]) => has[meaning] === 1).map(([letter]) => letter)];
  const letters = Uint8Array.from(has, (_, letter) => (mattering.includes(letter) ? 1 : 0));
  const beginnings = mattering.map((letter) => Buffer.from([BACKSLASH, letter]));
  return { has, firsts, pairs, hasPairs: has.subarray(0xf0).includes(1), letters, beginnings };
}

/**
 * Reads the percent or JSON escape at `at`: nothing where there is none, `"partial"` where more bytes are
 * needed to know.
 */
export function readEscape(text: EscapedText, at: number): Escape | "partial" | undefined {
  const { bytes } = text;
  if (bytes[at] === PERCENT) {
    const byte = readHex(text, at + 1, 2);
    return typeof byte === "number" ? PERCENT_ESCAPES[byte] : byte;
  }
  if (bytes[at] !== BACKSLASH) return undefined;
  if (at + 1 >= bytes.length) return text.isLast ? undefined : "partial";
  const letter = bytes[at + 1] ?? 0;
  if (letter !== LETTER_U) return SHORT_ESCAPES[SHORT.get(letter) ?? -1];
  const unit = readHex(text, at + 2, 4);
  if (typeof unit !== "number") return unit;
  if (unit < 0x80) return UNICODE_ESCAPES[unit];
  if (unit < 0xd800 || unit > 0xdfff) return { length: 6, bytes: [...Buffer.from(String.fromCharCode(unit))] };
  return unit < 0xdc00 && text.alphabet.hasPairs ? readPair(text, at, unit) : undefined;
}

/** Says of an escape, by the first byte it means and the byte before it in the text, whether it matters there. */
export type Judge = (before: number | undefined, meaning: number) => boolean;

/**
 * An escape can be part of a value when it begins one, or what it means follows in one what stands before it.
 * Where another escape ends right before, that one is judged first, and if a value holds it, both are read.
 */
export function judgeByPlace({ firsts, pairs }: Alphabet): Judge {
  return (before, meaning) => before === undefined || firsts[meaning] === 1 || pairs[before * 256 + meaning] === 1;
}

/** Looks for escapes that matter in one text after another. */
export interface EscapeFinder {
  begin(text: EscapedText): void;
  /**
   * The next place at or after `from` where an escape that matters stands, or may stand once more bytes are
   * known; the end of the bytes where there is none. Never goes back.
   */
  next(from: number): number;
}

/**
 * A search for one byte starts quicker; a search for a backslash and a letter that matters passes over the
 * other backslashes quicker. The second is used once there were many others in a text.
 */
export function createEscapeFinder({ has, letters, beginnings }: Alphabet, judge: Judge = () => true): EscapeFinder {
  let text: EscapedText;
  let bytes: Buffer;
  let percent = -1;
  let backslash = -1;
  let others = 0;
  const nexts: number[] = [];

  function far(from: number): number {
    if (percent < from) percent = nextPercent(from);
    if (backslash < from) backslash = nextBackslash(from);
    return Math.min(percent, backslash);
  }

  function nextPercent(from: number): number {
    let at = placeIn(bytes, bytes.indexOf(PERCENT, from));
    while (at + 2 < bytes.length) {
      const byte = ((HEX[bytes[at + 1] ?? 0] ?? -1) << 4) | (HEX[bytes[at + 2] ?? 0] ?? -1);
      if (byte >= 0 && has[byte] === 1 && judge(bytes[at - 1], byte)) return at;
      at = placeIn(bytes, bytes.indexOf(PERCENT, at + 1));
    }
    return at;
  }

  function nextBackslash(from: number): number {
    let at = from;
    for (; others < MANY_OTHERS; others += 1) {
      if (bytes.length - at <= NEAR) return nearEscape(text, at) ?? bytes.length;
      at = placeIn(bytes, bytes.indexOf(BACKSLASH, at));
      if (at + 1 >= bytes.length || letters[bytes[at + 1] ?? 0] === 1) return at;
      at += 1;
    }
    for (;;) {
      let nearest = at < bytes.length && bytes[bytes.length - 1] === BACKSLASH ? bytes.length - 1 : bytes.length;
      for (let index = 0; index < beginnings.length; index += 1) {
        if ((nexts[index] ?? -1) < at) nexts[index] = placeIn(bytes, bytes.indexOf(beginnings[index] ?? NOTHING, at));
        nearest = Math.min(nearest, nexts[index] ?? 0);
      }
      const meaning = SHORT_BYTES[bytes[nearest + 1] ?? 0] ?? -1;
      if (meaning === -1 || judge(bytes[nearest - 1], meaning)) return nearest;
      at = nearest + 2; // Passed over whole, as it would be when it is read.
    }
  }

  return {
    begin(next) {
      text = next;
      bytes = next.bytes;
      percent = -1;
      backslash = -1;
      others = 0;
      nexts.length = 0;
    },
    next(from) {
      let at = far(from);
      for (let before = -NEAR; at < bytes.length;) {
        const escape = readEscape(text, at);
        const isOfPatterns = typeof escape === "object" && escape.bytes.every((byte) => has[byte] === 1);
        if (escape === "partial" || (isOfPatterns && judge(bytes[at - 1], escape.bytes[0] ?? 0))) return at;
        const isDense = at - before < NEAR;
        before = at;
        at += isOfPatterns ? escape.length : 1;
        at = (isDense ? nearEscape(text, at) : undefined) ?? far(at);
      }
      return bytes.length;
    },
  };
}

function placeIn(bytes: Buffer, found: number): number {
  return found === -1 ? bytes.length : found;
}

/** Where escapes stand close together, looking at the bytes here costs less than a search for each. */
function nearEscape({ bytes, alphabet: { letters } }: EscapedText, from: number): number | undefined {
  const to = Math.min(from + NEAR, bytes.length);
  for (let at = from; at < to; at += 1) {
    const byte = bytes[at];
    if (byte === PERCENT || (byte === BACKSLASH && (at + 1 === bytes.length || letters[bytes[at + 1] ?? 0] === 1))) return at;
  }
  return undefined;
}

/** The second half of a character beyond U+FFFF; half a character stands for nothing. */
function readPair(text: EscapedText, at: number, high: number): Escape | "partial" | undefined {
  for (const [place, expected] of [[at + 6, BACKSLASH] as const, [at + 7, LETTER_U] as const]) {
    if (place >= text.bytes.length) return text.isLast ? undefined : "partial";
    if (text.bytes[place] !== expected) return undefined;
  }
  const low = readHex(text, at + 8, 4);
  if (typeof low !== "number") return low;
  return low >= 0xdc00 && low <= 0xdfff ? { length: 12, bytes: [...Buffer.from(String.fromCharCode(high, low))] } : undefined;
}

function readHex({ bytes, isLast }: EscapedText, at: number, digits: number): number | "partial" | undefined {
  let value = 0;
  for (let place = at; place < at + digits; place += 1) {
    if (place >= bytes.length) return isLast ? undefined : "partial";
    const digit = HEX[bytes[place] ?? 0] ?? -1;
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** A JSON value whose objects are maps: they have no inherited names to mistake for members. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

const DEEPEST = 64;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LITERALS = [
  ["true", true],
  ["false", false],
  ["null", null],
] as const;

/** Thrown and caught in this file alone. */
class Stop extends SyntaxError {}

/**
 * Reads JSON (RFC 8259), stricter than `JSON.parse`: a name that occurs twice in one object and more than
 * 64 levels are refused. What is wrong is said with line and column and without a character of the text.
 */
export function parseJsonText(text: string): { readonly value: JsonValue } | { readonly problem: string } {
  try {
    return { value: createReader(text).document() };
  } catch (error) {
    if (error instanceof Stop) return { problem: error.message };
    throw error;
  }
}

function createReader(text: string) {
  let at = 0;

  function stop(what: string, where: number = at): never {
    const lines = text.slice(0, where).split("\n");
    throw new Stop(`${what} at line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`);
  }

  function skipSpace(): void {
    while (SPACE.has(text.charCodeAt(at))) at += 1;
  }

  function take(character: string): boolean {
    skipSpace();
    if (!text.startsWith(character, at)) return false;
    at += 1;
    return true;
  }

  function readString(): string {
    const start = at;
    let hasEscape = false;
    for (at += 1; text.charCodeAt(at) !== QUOTE; at += 1) {
      if (at >= text.length || text.charCodeAt(at) < 0x20) stop("unfinished string", start);
      if (text.charCodeAt(at) !== BACKSLASH) continue;
      hasEscape = true;
      at += 1;
      if (text.charAt(at) === "u" && /^[0-9a-fA-F]{4}$/.test(text.slice(at + 1, at + 5))) at += 4;
      else if (!/["\\/bfnrt]/.test(text.charAt(at))) stop("unknown escape");
    }
    at += 1;
    // The loop has made sure that this cannot throw: its error would quote the text.
    return hasEscape ? String(JSON.parse(text.slice(start, at))) : text.slice(start + 1, at - 1);
  }

  function readNumber(): number {
    NUMBER.lastIndex = at;
    const digits = NUMBER.exec(text)?.[0] ?? stop("unexpected character");
    at += digits.length;
    return Number(digits);
  }

  function readObject(depth: number): JsonObject {
    const members = new Map<string, JsonValue>();
    if (take("}")) return members;
    do {
      skipSpace();
      if (text.charCodeAt(at) !== QUOTE) stop("a name in quotes is missing");
      const start = at;
      const name = readString();
      if (members.has(name)) stop("a name occurs twice", start);
      if (!take(":")) stop("a colon is missing");
      members.set(name, readValue(depth + 1));
    } while (take(","));
    return take("}") ? members : stop("a closing brace is missing");
  }

  function readArray(depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    if (take("]")) return items;
    do items.push(readValue(depth + 1));
    while (take(","));
    return take("]") ? items : stop("a closing bracket is missing");
  }

  function readValue(depth: number): JsonValue {
    if (depth > DEEPEST) stop("too many levels");
    if (take("{")) return readObject(depth);
    if (take("[")) return readArray(depth);
    if (text.charCodeAt(at) === QUOTE) return readString();
    const literal = LITERALS.find(([word]) => text.startsWith(word, at));
    if (!literal) return readNumber();
    at += literal[0].length;
    return literal[1];
  }

  return {
    document(): JsonValue {
      const value = readValue(1);
      skipSpace();
      return at === text.length ? value : stop("something follows the value");
    },
  };
}

/** What may come next. */
type Expectation = "value" | "first-item" | "first-key" | "key" | "colon" | "separator";

const mayClose: ReadonlySet<Expectation> = new Set<Expectation>(["separator", "first-item", "first-key"]);
const isKey: ReadonlySet<Expectation> = new Set<Expectation>(["key", "first-key"]);

const space = /[ \t\n\r]*/y;
const scalar = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const textChunk = /[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/**
 * Index at which a text stops being JSON (RFC 8259), or `undefined` where it is JSON.
 *
 * `JSON.parse` cannot be asked: its messages either quote the text or name no position.
 */
export function findJsonFault(text: string): number | undefined {
  const open: ("{" | "[")[] = [];
  let expected: Expectation = "value";

  for (let at = skip(space, text, 0); at < text.length; at = skip(space, text, at)) {
    const character = text[at];
    const container = open.at(-1);
    const isClosing = container !== undefined && character === (container === "{" ? "}" : "]");

    if (isClosing && mayClose.has(expected)) {
      open.pop();
      expected = "separator";
      at += 1;
    } else if (expected === "separator") {
      if (character !== "," || container === undefined) return at;
      expected = container === "{" ? "key" : "value";
      at += 1;
    } else if (expected === "colon") {
      if (character !== ":") return at;
      expected = "value";
      at += 1;
    } else if (character === '"') {
      const end = skip(textChunk, text, at + 1);
      if (text[end] !== '"') return end;
      expected = isKey.has(expected) ? "colon" : "separator";
      at = end + 1;
    } else if (isKey.has(expected)) {
      return at;
    } else if (character === "{" || character === "[") {
      open.push(character);
      expected = character === "{" ? "first-key" : "first-item";
      at += 1;
    } else {
      const end = skip(scalar, text, at, 1);
      if (end === at) return at;
      expected = "separator";
      at = end;
    }
  }
  return expected === "separator" && open.length === 0 ? undefined : text.length;
}

/** Index after as many matches as follow one another from `start`. */
function skip(pattern: RegExp, text: string, start: number, times = Number.POSITIVE_INFINITY): number {
  let at = start;
  for (let count = 0; count < times; count += 1) {
    pattern.lastIndex = at;
    const length = pattern.exec(text)?.[0].length ?? 0;
    if (length === 0) return at;
    at += length;
  }
  return at;
}

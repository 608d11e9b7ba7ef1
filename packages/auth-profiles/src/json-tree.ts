/** A JSON value whose tokens are kept as they were written. */
export type JsonNode = JsonScalar | JsonArray | JsonObject;

/** Text, number, `true`, `false` or `null`, as spelled: `1e400`, `-0` and `"\u00e9"` stay what they are. */
export interface JsonScalar {
  readonly kind: "scalar";
  readonly source: string;
}

export interface JsonArray {
  readonly kind: "array";
  readonly items: readonly JsonNode[];
}

/** Members by name, in the order they were written: no name is special, neither `__proto__` nor `7`. */
export interface JsonObject {
  readonly kind: "object";
  readonly members: Map<string, JsonMember>;
}

interface JsonMember {
  /** The name with its quotes, as spelled. */
  readonly nameSource: string;
  readonly value: JsonNode;
}

/** Why a text that is JSON cannot be written again without loss, and where. */
export interface JsonTreeProblem {
  readonly problem: string;
  readonly index: number;
}

/** Deeper than any store, and shallow enough to be walked by calling. */
const DEEPEST = 512;

const COMMA = 0x2c;
const CLOSING_BRACKET = 0x5d;
const CLOSING_BRACE = 0x7d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Reads what `JSON.parse` has accepted. A name that occurs twice in one object is refused, because
 * writing could keep only one of the two, and so is what is nested deeper than 512 levels.
 */
export function parseJsonTree(text: string): JsonNode | JsonTreeProblem {
  let at = 0;
  let problem: JsonTreeProblem | undefined;

  function skipSpace(): void {
    while (isSpace(text.charCodeAt(at))) at += 1;
  }

  function take(character: string): boolean {
    skipSpace();
    if (text[at] !== character) return false;
    at += 1;
    return true;
  }

  /** A number or a literal: it ends where a value can end. */
  function readBare(): string {
    const start = at;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === CLOSING_BRACE || code === CLOSING_BRACKET || isSpace(code)) break;
    }
    return text.slice(start, at);
  }

  function readText(): string {
    const start = at;
    at = endOfText(text, start);
    return text.slice(start, at);
  }

  function readObject(depth: number): JsonObject {
    const members = new Map<string, JsonMember>();
    if (take("}")) return { kind: "object", members };
    do {
      skipSpace();
      const index = at;
      const nameSource = readText();
      const name = textOf(nameSource);
      if (members.has(name)) problem ??= { problem: "a name occurs twice", index };
      take(":");
      members.set(name, { nameSource, value: readValue(depth) });
    } while (problem === undefined && take(","));
    take("}");
    return { kind: "object", members };
  }

  function readArray(depth: number): JsonArray {
    const items: JsonNode[] = [];
    if (take("]")) return { kind: "array", items };
    do items.push(readValue(depth));
    while (problem === undefined && take(","));
    take("]");
    return { kind: "array", items };
  }

  function readValue(depth: number): JsonNode {
    skipSpace();
    if (depth > DEEPEST) problem ??= { problem: "there are more than 512 levels", index: at };
    if (problem !== undefined) return { kind: "scalar", source: "null" };
    if (take("{")) return readObject(depth + 1);
    if (take("[")) return readArray(depth + 1);
    return { kind: "scalar", source: text.charCodeAt(at) === QUOTE ? readText() : readBare() };
  }

  const tree = readValue(1);
  return problem ?? tree;
}

/** The text of a tree, two spaces a level, without a line break at its end. */
export function printJsonTree(node: JsonNode): string {
  let text = "";
  function print(node: JsonNode, indent: string): void {
    if (node.kind === "scalar") {
      text += node.source;
      return;
    }
    const inner = `${indent}  `;
    let isFirst = true;
    text += node.kind === "array" ? "[" : "{";
    for (const part of node.kind === "array" ? node.items : node.members.values()) {
      text += isFirst ? inner : `,${inner}`;
      isFirst = false;
      if ("nameSource" in part) text += `${part.nameSource}: `;
      print("nameSource" in part ? part.value : part, inner);
    }
    if (!isFirst) text += indent;
    text += node.kind === "array" ? "]" : "}";
  }
  print(node, "\n");
  return text;
}

/** What `JSON.parse` makes of a tree. */
export function valueOfTree(node: JsonNode): unknown {
  return JSON.parse(printJsonTree(node));
}

/** The tree of a text or a number. */
export function scalarNode(value: string | number): JsonScalar {
  return { kind: "scalar", source: JSON.stringify(value) };
}

/** The tree of a list. */
export function arrayNode(items: readonly JsonNode[]): JsonArray {
  return { kind: "array", items };
}

/** The tree of an object, names in the order given. */
export function objectNode(entries: Iterable<readonly [string, JsonNode]> = []): JsonObject {
  const object: JsonObject = { kind: "object", members: new Map() };
  for (const [name, value] of entries) setMember(object, name, value);
  return object;
}

/** Sets a member where it stands, else at the end. */
export function setMember(object: JsonObject, name: string, value: JsonNode): void {
  const nameSource = object.members.get(name)?.nameSource ?? JSON.stringify(name);
  object.members.set(name, { nameSource, value });
}

/** The value of a member. */
export function memberOf(object: JsonObject, name: string): JsonNode | undefined {
  return object.members.get(name)?.value;
}

/** The text a scalar holds, where it holds text. */
export function textOfNode(node: JsonNode | undefined): string | undefined {
  return node?.kind === "scalar" && node.source.startsWith('"') ? textOf(node.source) : undefined;
}

function textOf(source: string): string {
  return source.includes("\\") ? String(JSON.parse(source)) : source.slice(1, -1);
}

/** Index after the quote that ends the text which begins at `start`. */
function endOfText(text: string, start: number): number {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

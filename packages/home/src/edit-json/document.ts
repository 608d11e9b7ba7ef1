import { isDeepStrictEqual } from "node:util";
import {
  evaluate,
  parse,
  type ArrayNode,
  type ElementNode,
  type MemberNode,
  type ObjectNode,
  type Token,
  type ValueNode,
} from "@humanwhocodes/momoa";
import JSON5 from "json5";
import { HomeError } from "../errors.ts";

/** How a file is read: strictly as JSON (the stores), or as JSON5 (`openclaw.json`). */
export type JsonDialect = "json" | "json5";

/** What has members or elements. */
export type ContainerNode = ObjectNode | ArrayNode;

/** A member or an element. */
export type ChildNode = MemberNode | ElementNode;

/** A parsed text, with the place of everything in it. */
export interface JsonDocument {
  readonly text: string;
  readonly root: ValueNode;
  /** What it stands for, as its readers read it. */
  readonly value: unknown;
  /** Comments among them. */
  readonly tokens: readonly Token[];
}

/**
 * Parses a text, and makes sure that the parser that knows places has read what the readers of the file will read.
 *
 * @throws {HomeError} `json-invalid`, with line and column and without a character of the text.
 */
export function parseDocument(text: string, dialect: JsonDialect): JsonDocument {
  const name = dialect === "json" ? "JSON" : "JSON5";
  const read = attempt((): unknown => (dialect === "json" ? JSON.parse(text) : JSON5.parse(text)));
  const parsed = attempt(() => parse(text, { mode: dialect, tokens: true }));
  if ("error" in read) throw new HomeError("json-invalid", `not valid ${name}${positionOf(read.error) || positionOf(parsed.error)}`);
  if ("error" in parsed || !isDeepStrictEqual(evaluate(parsed.value.body), read.value)) throw cannotBeEdited(dialect, parsed.error);
  const document = parsed.value;
  return { text, root: document.body, value: read.value, tokens: document.tokens ?? [] };
}

/**
 * Parses a part that we have written ourselves, and which is read by the other parser with the whole.
 *
 * @throws {HomeError} `json-invalid`
 */
export function parsePart(text: string, dialect: JsonDialect): Omit<JsonDocument, "value"> {
  const parsed = attempt(() => parse(text, { mode: dialect, tokens: true }));
  if ("error" in parsed) throw cannotBeEdited(dialect);
  return { text, root: parsed.value.body, tokens: parsed.value.tokens ?? [] };
}

/** Says that a text cannot be edited, and where by the error of a parser. */
export function cannotBeEdited(dialect: JsonDialect, error?: unknown): HomeError {
  return new HomeError("json-invalid", `this ${dialect === "json" ? "JSON" : "JSON5"} cannot be edited${positionOf(error)}`, {
    hint: "write it plainer there: no reserved word as a name without quotes, no unusual number or line end",
  });
}

/** The members or elements of a container. */
export function childrenOf(container: ContainerNode): readonly ChildNode[] {
  return container.type === "Object" ? container.members : container.elements;
}

/** The value of a member or element. */
export function valueOf(child: ChildNode): ValueNode {
  return child.value;
}

/** Whether a value has members or elements. */
export function isContainer(node: ValueNode): node is ContainerNode {
  return node.type === "Object" || node.type === "Array";
}

/** Where something begins. */
export function startOf(node: ValueNode | ChildNode | Token): number {
  return node.loc.start.offset;
}

/** Where something has ended. */
export function endOf(node: ValueNode | ChildNode | Token): number {
  return node.loc.end.offset;
}

/** The error is for its position alone, and no cause of ours: the parsers quote the text in it. */
function attempt<T>(run: () => T): { readonly value: T; readonly error?: never } | { readonly error: unknown } {
  try {
    return { value: run() };
  } catch (error) {
    return { error };
  }
}

function positionOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("line" in error && "column" in error) return ` at line ${error.line}, column ${error.column}`;
  if ("lineNumber" in error && "columnNumber" in error) return ` at line ${error.lineNumber}, column ${error.columnNumber}`;
  return "";
}

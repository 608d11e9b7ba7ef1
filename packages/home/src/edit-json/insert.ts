import { isDeepStrictEqual } from "node:util";
import { evaluate, type ValueNode } from "@humanwhocodes/momoa";
import { childrenOf, isContainer, valueOf, type ChildNode, type ContainerNode } from "./document.ts";
import { addChild, firstOfChild, lastOfChild, type Draft } from "./draft.ts";
import {
  comma,
  commaAfter,
  indentationAt,
  isBetween,
  isComment,
  isFirstOnLine,
  lineEndFrom,
  putAfter,
  spansLines,
  takeOut,
  type Piece,
} from "./piece.ts";
import { renderMember, renderValue, type JsonStyle, type JsonValue } from "./render.ts";
import { hasLineEnd } from "./text.ts";

/** Puts another value in the place of a child's. One that is the same already stays as it is spelled. */
export function replaceValue(draft: Draft, container: ContainerNode, child: ChildNode, value: JsonValue): void {
  const node = valueOf(child);
  if (isDeepStrictEqual(evaluate(node), value)) return;
  const indentation = nodeSpansLines(draft, container) ? indentationAt(firstOfChild(draft, child)) : undefined;
  const style = styleOf(draft, container, indentation);
  const [first, last] = [draft.firstOf(node), draft.lastOf(node)];
  const { child: grown, pieces } = draft.grow("Array", renderValue(value, style), first.space);
  putAfter(last, pieces);
  takeOut(first, last);
  child.value = grown.value;
}

/** Adds a member to an object, or an element to a list, after those that are there. */
export function insertMember(draft: Draft, container: ContainerNode, name: string, value: JsonValue): void {
  const grow = (space: string, indentation: string | undefined): readonly Piece[] => {
    const style = styleOf(draft, container, indentation);
    const text = container.type === "Array" ? renderValue(value, style) : renderMember(name, value, style);
    const { child, pieces } = draft.grow(container.type, text, space);
    addChild(draft, container, child);
    return pieces;
  };
  const last = childrenOf(container).at(-1);
  if (last === undefined) insertFirst(draft, container, grow);
  else insertAfter(draft, container, last, grow);
}

/** Makes the child with that space before it. */
type Grow = (space: string, indentation: string | undefined) => readonly Piece[];

function insertFirst(draft: Draft, container: ContainerNode, grow: Grow): void {
  const { root } = draft;
  const [open, close] = [draft.firstOf(container), draft.lastOf(container)];
  const inner = () => indentationAt(open) + unitOf(draft);
  // Comments and nothing else: they stay before it.
  const comment = isComment(close.previous) ? close.previous : undefined;
  if (comment === undefined) {
    const isOnOneLine = container !== root && !nodeSpansLines(draft, root);
    const lineEnd = isOnOneLine ? "" : lineEndFrom(draft.start);
    const pieces = isOnOneLine ? grow("", undefined) : grow(lineEnd + inner(), inner());
    close.space = isOnOneLine ? "" : lineEnd + indentationAt(open);
    return putAfter(open, pieces);
  }
  if (!hasLineEnd(close.space)) return putAfter(comment, grow(" ", undefined));
  const indentation = isFirstOnLine(comment) ? indentationAt(comment) : inner();
  putAfter(comment, grow(lineEndFrom(draft.start) + indentation, indentation));
}

function insertAfter(draft: Draft, container: ContainerNode, last: ChildNode, grow: Grow): void {
  const [first, end] = [firstOfChild(draft, last), lastOfChild(draft, last)];
  const found = commaAfter(end);
  // A comma at the end stays the style of the list.
  const trailing = found === undefined ? [] : [comma()];
  const isOnOwnLine = isFirstOnLine(first);
  const indentation = isOnOwnLine ? indentationAt(first) : undefined;
  const space = isOnOwnLine ? lineEndFrom(draft.start) + indentation : isCompact(draft, container) ? "" : " ";
  const pieces = [...grow(space, indentation), ...trailing];
  const separator = found ?? comma();
  if (found === undefined) putAfter(end, [separator]);
  // Comments on the last line speak of what is on it.
  putAfter(isOnOwnLine ? lastOnLine(separator) : separator, pieces);
}

/** The last of the comments that follow a piece on its line, or the piece. */
function lastOnLine(piece: Piece): Piece {
  let at = piece;
  while (isComment(at.next) && !hasLineEnd(at.next.space)) at = at.next;
  return at;
}

function styleOf(draft: Draft, container: ContainerNode, indentation: string | undefined): JsonStyle {
  return {
    indentation,
    // On one line there are neither.
    unit: indentation === undefined ? "" : unitOf(draft),
    lineEnd: indentation === undefined ? "" : lineEndFrom(draft.start),
    hasBareNames: container.type === "Object" && draft.membersOf(container).hasBareNames(),
    isCompact: isCompact(draft, container),
  };
}

/** Whether there is no space after the colons of an object, or the commas of a list. */
function isCompact(draft: Draft, container: ContainerNode): boolean {
  if (container.type === "Object") return draft.membersOf(container).isCompact();
  const [first, second] = container.elements;
  return first !== undefined && second !== undefined && isBetween(draft.lastOf(first.value), draft.firstOf(second.value));
}

function nodeSpansLines(draft: Draft, node: ValueNode): boolean {
  return spansLines(draft.firstOf(node), draft.lastOf(node));
}

/** What one level is indented by: as the first nested line of the document is, or two spaces. */
function unitOf(draft: Draft): string {
  const find = (node: ValueNode): string | undefined => {
    if (!isContainer(node) || !nodeSpansLines(draft, node)) return undefined;
    const outer = indentationAt(draft.firstOf(node));
    const first = childrenOf(node).find((child) => isFirstOnLine(firstOfChild(draft, child)));
    const inner = first === undefined ? "" : indentationAt(firstOfChild(draft, first));
    if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
    for (const child of childrenOf(node)) {
      const unit = find(valueOf(child));
      if (unit !== undefined) return unit;
    }
    return undefined;
  };
  return find(draft.root) ?? "  ";
}

import type { ValueNode } from "@humanwhocodes/momoa";
import {
  childrenOf,
  endOf,
  isComment,
  isContainer,
  startOf,
  valueOf,
  type ChildNode,
  type ContainerNode,
  type JsonDocument,
} from "./document.ts";
import { renderMember, renderValue, type JsonStyle, type JsonValue } from "./render.ts";
import { hasLineEnd, indentationAt, isBlank, isFirstOnLine, lineEndOf, type TextEdit } from "./text.ts";

/** Puts another value in the place of a child's. */
export function replaceValue(document: JsonDocument, container: ContainerNode, child: ChildNode, value: JsonValue): TextEdit {
  const { text } = document;
  const node = valueOf(child);
  const indentation = spansLines(text, container) ? indentationAt(text, startOf(child)) : undefined;
  return { start: startOf(node), end: endOf(node), text: renderValue(value, styleOf(document, container, indentation)) };
}

/** Adds a member to an object, or an element to a list, after those that are there. */
export function insertMember(document: JsonDocument, container: ContainerNode, name: string, value: JsonValue): readonly TextEdit[] {
  const render = (indentation: string | undefined): string => {
    const style = styleOf(document, container, indentation);
    return container.type === "Array" ? renderValue(value, style) : renderMember(name, value, style);
  };
  const last = childrenOf(container).at(-1);
  return last === undefined ? [insertFirst(document, container, render)] : insertAfter(document, container, last, render);
}

type Render = (indentation: string | undefined) => string;

function insertFirst(document: JsonDocument, container: ContainerNode, render: Render): TextEdit {
  const { text, root } = document;
  const [start, end] = [startOf(container) + 1, endOf(container) - 1];
  const outer = indentationAt(text, startOf(container));
  const inner = outer + unitOf(document);
  const lineEnd = lineEndOf(text);
  if (isBlank(text.slice(start, end))) {
    const isOnOneLine = container !== root && !spansLines(text, root);
    return { start, end, text: isOnOneLine ? render(undefined) : lineEnd + inner + render(inner) + lineEnd + outer };
  }
  // Comments and nothing else: they stay before it.
  const comment = document.tokens.findLast((token) => isComment(token) && startOf(token) >= start && endOf(token) <= end);
  const at = comment === undefined ? start : endOf(comment);
  if (!hasLineEnd(text.slice(at, end))) return { start: at, end: at, text: ` ${render(undefined)}` };
  const isAligned = comment !== undefined && isFirstOnLine(text, startOf(comment));
  const indentation = isAligned ? indentationAt(text, startOf(comment)) : inner;
  return { start: at, end: at, text: lineEnd + indentation + render(indentation) };
}

function insertAfter(document: JsonDocument, container: ContainerNode, last: ChildNode, render: Render): readonly TextEdit[] {
  const { text, tokens } = document;
  const following = tokens.filter((token) => startOf(token) >= endOf(last) && startOf(token) < endOf(container) - 1);
  const comma = following.find((token) => token.type === "Comma");
  // A comma at the end stays the style of the list.
  const separator: TextEdit[] = comma === undefined ? [{ start: endOf(last), end: endOf(last), text: "," }] : [];
  const trailing = comma === undefined ? "" : ",";
  let at = comma === undefined ? endOf(last) : endOf(comma);
  if (!(isFirstOnLine(text, startOf(last)) && hasLineEnd(text.slice(startOf(container), startOf(last))))) {
    const space = isCompact(text, container) ? "" : " ";
    return [...separator, { start: at, end: at, text: space + render(undefined) + trailing }];
  }
  // Comments on the last line speak of what is on it.
  for (const token of following.filter((token) => isComment(token) && startOf(token) >= at)) {
    if (hasLineEnd(text.slice(at, startOf(token)))) break;
    at = endOf(token);
  }
  const indentation = indentationAt(text, startOf(last));
  return [...separator, { start: at, end: at, text: lineEndOf(text) + indentation + render(indentation) + trailing }];
}

function styleOf(document: JsonDocument, container: ContainerNode, indentation: string | undefined): JsonStyle {
  const { text } = document;
  const members = container.type === "Object" ? container.members : [];
  return {
    indentation,
    unit: unitOf(document),
    lineEnd: lineEndOf(text),
    hasBareNames: members.length > 0 && members.every(({ name }) => name.type === "Identifier"),
    isCompact: isCompact(text, container),
  };
}

/** Whether there is no space after the colons of an object, or the commas of a list. */
function isCompact(text: string, container: ContainerNode): boolean {
  if (container.type === "Object") {
    return (
      container.members.length > 0 && container.members.every(({ name, value }) => text.slice(name.loc.end.offset, startOf(value)) === ":")
    );
  }
  const [first, second] = container.elements;
  return first !== undefined && second !== undefined && text.slice(endOf(first), startOf(second)) === ",";
}

function spansLines(text: string, node: ValueNode): boolean {
  return hasLineEnd(text.slice(startOf(node), endOf(node)));
}

/** What one level is indented by: as the first nested line of the document is, or two spaces. */
function unitOf({ text, root }: JsonDocument): string {
  const find = (node: ValueNode): string | undefined => {
    if (!isContainer(node) || !spansLines(text, node)) return undefined;
    const outer = indentationAt(text, startOf(node));
    const first = childrenOf(node).find((child) => isFirstOnLine(text, startOf(child)));
    const inner = first === undefined ? "" : indentationAt(text, startOf(first));
    if (inner.length > outer.length && inner.startsWith(outer)) return inner.slice(outer.length);
    for (const child of childrenOf(node)) {
      const unit = find(valueOf(child));
      if (unit !== undefined) return unit;
    }
    return undefined;
  };
  return find(root) ?? "  ";
}

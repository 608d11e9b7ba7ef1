import type { Token } from "@humanwhocodes/momoa";
import { childrenOf, endOf, isComment, startOf, type ChildNode, type ContainerNode, type JsonDocument } from "./document.ts";
import { hasLineEnd, isFirstOnLine, lineStart, restIsBlank, skipSpace, skipSpaceBack, type TextEdit } from "./text.ts";

/**
 * Takes a member or element out, with its comma and the comments on its own line. Its line goes when nothing else is
 * on it. A container that holds nothing else then, not even a comment, is closed up.
 */
export function removeChild(document: JsonDocument, container: ContainerNode, child: ChildNode): readonly TextEdit[] {
  const { text } = document;
  const inside = tokensInside(document, container);
  const before = inside.filter((token) => endOf(token) <= startOf(child));
  const after = inside.filter((token) => startOf(token) >= endOf(child));
  const commaBefore = before.findLast((token) => token.type === "Comma");
  const commaAfter = after.find((token) => token.type === "Comma");

  let start = startOf(child);
  for (const token of before.toReversed()) {
    if (!isComment(token) || hasLineEnd(text.slice(endOf(token), start))) break;
    start = startOf(token);
  }
  let end = endOfOwnLine(text, after, endOf(child));
  const edits: TextEdit[] = [];
  if (commaAfter === undefined || startOf(commaAfter) >= end) {
    const comma = commaBefore ?? commaAfter;
    const isJustBefore = comma !== undefined && endOf(comma) === skipSpaceBack(text, start);
    if (isJustBefore) start = startOf(comma);
    else if (comma !== undefined) edits.push({ start: startOf(comma), end: endOf(comma), text: "" });
  }

  const isOnly = childrenOf(container).length === 1;
  const [open, close] = [startOf(container) + 1, endOf(container) - 1];
  const rest = inside.filter((token) => isComment(token) && (endOf(token) <= start || startOf(token) >= end));
  if (isOnly && rest.length === 0) return [{ start: open, end: close, text: "" }];

  const nextLine = restIsBlank(text, end);
  if (nextLine === undefined) {
    // Somebody else is on the line, after it.
    if (text.charAt(start) !== ",") end = skipSpace(text, end);
  } else if (isFirstOnLine(text, start)) {
    start = lineStart(text, start);
    end = nextLine;
  } else {
    start = skipSpaceBack(text, start);
  }
  return [...edits, { start, end, text: "" }];
}

/** Where what belongs to a child ends: after its comma and the comments on its line, but before what follows on it. */
function endOfOwnLine(text: string, after: readonly Token[], childEnd: number): number {
  let end = childEnd;
  let withComments = end;
  for (const token of after) {
    if (hasLineEnd(text.slice(withComments, startOf(token)))) return withComments;
    // Comments between the comma and a neighbour on the same line are the neighbour's.
    if (!isComment(token) && token.type !== "Comma") return end;
    withComments = endOf(token);
    if (token.type === "Comma") end = withComments;
  }
  return withComments;
}

/** The tokens of a container between its brackets. */
function tokensInside({ tokens }: JsonDocument, container: ContainerNode): readonly Token[] {
  return tokens.filter((token) => startOf(token) > startOf(container) && endOf(token) < endOf(container));
}

import { childrenOf, type ChildNode, type ContainerNode } from "./document.ts";
import { dropChild, firstOfChild, lastOfChild, type Draft } from "./draft.ts";
import { commaAfter, commaBefore, isComment, isFirstOnLine, takeOut, type Piece } from "./piece.ts";
import { afterFirstLine, beforeLastLine, hasLineEnd } from "./text.ts";

/**
 * Takes a member or element out, with its comma and the comments on its own line. Its line goes when nothing else is
 * on it. A container that holds nothing else then, not even a comment, is closed up.
 */
export function removeChild(draft: Draft, container: ContainerNode, child: ChildNode): void {
  const [open, close] = [draft.firstOf(container), draft.lastOf(container)];
  const isOnly = childrenOf(container).length === 1;
  dropChild(draft, container, child);

  let from = firstOfChild(draft, child);
  while (isComment(from.previous) && !hasLineEnd(from.space)) from = from.previous;
  const { to, comma } = endOfOwnLine(lastOfChild(draft, child), close);
  // The last of its line leaves the comma before it behind, or the one on a line below.
  let left: Piece | undefined;
  if (comma === undefined) {
    left = commaBefore(from) ?? commaAfter(to);
    if (left !== undefined && left === from.previous && !hasLineEnd(from.space)) [from, left] = [left, undefined];
  }
  if (isOnly && !hasComment(open, from) && !hasComment(to, close)) {
    if (open.next !== undefined && close.previous !== undefined) takeOut(open.next, close.previous);
    close.space = "";
    return;
  }
  const { next } = to;
  if (next !== undefined) next.space = spaceWithout(from, next);
  takeOut(from, to);
  if (left !== undefined) takeOutAlone(left);
}

/** The last piece that belongs to a child: its comma or a comment on its line, but none of what follows on it. */
function endOfOwnLine(end: Piece, close: Piece): { readonly to: Piece; readonly comma: Piece | undefined } {
  let to = end;
  let withComments = end;
  let comma: Piece | undefined;
  for (let at = end.next; at !== undefined && at !== close && !hasLineEnd(at.space); at = at.next) {
    // Comments between the comma and a neighbour on the same line are the neighbour's.
    if (!isComment(at) && at.type !== "Comma") return { to, comma };
    withComments = at;
    if (at.type === "Comma") [to, comma] = [at, at];
  }
  return { to: withComments, comma };
}

/** Whether there is a comment between two pieces. */
function hasComment(after: Piece, before: Piece): boolean {
  for (let at = after.next; at !== undefined && at !== before; at = at.next) if (isComment(at)) return true;
  return false;
}

/** What stands before the piece after those that go, which begin with `from`. */
function spaceWithout(from: Piece, next: Piece): string {
  // Somebody else is on the line, after them.
  if (!hasLineEnd(next.space)) return from.type === "Comma" ? from.space + next.space : from.space;
  return isFirstOnLine(from) ? beforeLastLine(from.space) + afterFirstLine(next.space) : next.space;
}

function takeOutAlone(piece: Piece): void {
  if (piece.next !== undefined) piece.next.space = piece.space + piece.next.space;
  takeOut(piece, piece);
}

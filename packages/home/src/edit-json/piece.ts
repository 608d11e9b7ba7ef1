import type { Token } from "@humanwhocodes/momoa";
import { endOf, startOf } from "./document.ts";
import { firstLineEnd, hasLineEnd, lastLine } from "./text.ts";

/**
 * A token of a text and the space before it, which holds nothing else. Pieces know their neighbours: an edit changes
 * a few of them and moves none.
 */
export interface Piece {
  /** What follows the last token is space before the end. */
  readonly type: Token["type"] | "End";
  readonly text: string;
  /** Whether a line ends within it, as in a comment. */
  readonly hasLineEnd: boolean;
  space: string;
  previous: Piece | undefined;
  next: Piece | undefined;
}

interface Comment extends Piece {
  readonly type: "LineComment" | "BlockComment";
}

/** Cuts a text at its tokens. The last piece is its end. */
export function piecesOf(text: string, tokens: readonly Token[]): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const token of tokens) {
    pieces.push(pieceOf(token.type, text.slice(startOf(token), endOf(token)), text.slice(at, startOf(token))));
    at = endOf(token);
  }
  pieces.push(pieceOf("End", "", text.slice(at)));
  for (const [index, piece] of pieces.entries()) {
    piece.previous = pieces[index - 1];
    piece.next = pieces[index + 1];
  }
  return pieces;
}

/** A comma right after what is before it. */
export function comma(): Piece {
  return pieceOf("Comma", ",", "");
}

function pieceOf(type: Piece["type"], text: string, space: string): Piece {
  return { type, text, hasLineEnd: hasLineEnd(text), space, previous: undefined, next: undefined };
}

/** Puts pieces after another, in their order. */
export function putAfter(piece: Piece, pieces: readonly Piece[]): void {
  const next = piece.next;
  let last = piece;
  for (const added of pieces) {
    last.next = added;
    added.previous = last;
    last = added;
  }
  last.next = next;
  if (next !== undefined) next.previous = last;
}

/** Takes out pieces and the space before the first; `to` is the last of them. */
export function takeOut(from: Piece, to: Piece): void {
  if (from.previous !== undefined) from.previous.next = to.next;
  if (to.next !== undefined) to.next.previous = from.previous;
}

/** Whether a piece is a comment. */
export function isComment(piece: Piece | undefined): piece is Comment {
  return piece?.type === "LineComment" || piece?.type === "BlockComment";
}

/** The comma that follows a piece, comments between them or not. */
export function commaAfter(piece: Piece): Piece | undefined {
  let at = piece.next;
  while (isComment(at)) at = at.next;
  return at?.type === "Comma" ? at : undefined;
}

/** The comma that a piece follows, comments between them or not. */
export function commaBefore(piece: Piece): Piece | undefined {
  let at = piece.previous;
  while (isComment(at)) at = at.previous;
  return at?.type === "Comma" ? at : undefined;
}

/** Whether one piece stands between two, and no space. */
export function isBetween(before: Piece, after: Piece): boolean {
  return after.space === "" && after.previous?.space === "" && after.previous.previous === before;
}

/** Whether nothing but space is before it on its line: what ends a line is space, for no token ends with one. */
export function isFirstOnLine(piece: Piece): boolean {
  return piece.previous === undefined || hasLineEnd(piece.space);
}

/** The space that the line begins with that a piece begins on. */
export function indentationAt(piece: Piece): string {
  let at = piece;
  while (at.previous !== undefined && !hasLineEnd(at.space)) {
    if (at.previous.hasLineEnd) return /^\s*/.exec(lastLine(at.previous.text))?.[0] ?? "";
    at = at.previous;
  }
  return lastLine(at.space);
}

/** Whether a line ends between the beginning of one piece and the end of another. */
export function spansLines(from: Piece, to: Piece): boolean {
  if (from.hasLineEnd) return true;
  for (let at = from; at !== to && at.next !== undefined; at = at.next) {
    if (at.next.hasLineEnd || (at.next.space !== "" && hasLineEnd(at.next.space))) return true;
  }
  return false;
}

/** What the lines of a text end with, from its first piece on: as the first does, or a newline. */
export function lineEndFrom(start: Piece): string {
  for (let at: Piece | undefined = start; at !== undefined; at = at.next) {
    const found = firstLineEnd(at.space) ?? firstLineEnd(at.text);
    if (found !== undefined) return found;
  }
  return "\n";
}

/** The text that begins with a piece. */
export function textFrom(start: Piece): string {
  const parts: string[] = [];
  for (let at: Piece | undefined = start; at !== undefined; at = at.next) parts.push(at.space, at.text);
  return parts.join("");
}

import { isDeepStrictEqual } from "node:util";
import { evaluate, type MemberNode, type ObjectNode, type ValueNode } from "@humanwhocodes/momoa";
import {
  cannotBeEdited,
  childrenOf,
  endOf,
  isContainer,
  parseDocument,
  parsePart,
  startOf,
  valueOf,
  type ChildNode,
  type ContainerNode,
  type JsonDialect,
  type JsonDocument,
} from "./document.ts";
import { countMembers, type Members } from "./members.ts";
import { isBetween, piecesOf, textFrom, type Piece } from "./piece.ts";

/** What a draft knows the pieces of. */
type DraftNode = ValueNode | MemberNode["name"];

/** A document that is being changed: a tree, and the pieces of text it stands on. Both change in place, and together. */
export interface Draft {
  readonly root: ValueNode;
  /** The first piece of the text, which no edit takes out. */
  readonly start: Piece;
  firstOf(node: DraftNode): Piece;
  lastOf(node: DraftNode): Piece;
  membersOf(object: ObjectNode): Members;
  /** Reads the text of a new member or element, with that space before it. It is not in the draft yet. */
  grow(type: ContainerNode["type"], text: string, space: string): Growth;
  /**
   * The text as it is now.
   *
   * @throws {HomeError} `json-invalid` when it does not read as the tree says: the fault is ours.
   */
  finish(): string;
}

/** A new child, and what it is written with. */
interface Growth {
  readonly child: ChildNode;
  readonly pieces: readonly Piece[];
}

/** Parses a text once, to be changed many times. */
export function createDraft(text: string, dialect: JsonDialect): Draft {
  const ends = new Map<DraftNode, { readonly first: Piece; readonly last: Piece }>();
  const read = ({ text, root, tokens }: Omit<JsonDocument, "value">) => {
    const pieces = piecesOf(text, tokens);
    const starting = new Map(tokens.map((token, index) => [startOf(token), pieces[index]]));
    const note = (node: DraftNode): void => {
      // What has nothing inside is one token; what has ends with a bracket.
      const first = starting.get(startOf(node));
      const last = node.type === "Object" || node.type === "Array" ? starting.get(endOf(node) - 1) : first;
      if (first === undefined || last === undefined) throw cannotBeEdited(dialect);
      ends.set(node, { first, last });
      if (node.type === "Identifier" || !isContainer(node)) return;
      for (const child of childrenOf(node)) {
        if (child.type === "Member") note(child.name);
        note(valueOf(child));
      }
    };
    note(root);
    return { root, pieces };
  };
  const endsOf = (node: DraftNode) => {
    const found = ends.get(node);
    if (found === undefined) throw new TypeError("a node of another document");
    return found;
  };
  const counted = new Map<ObjectNode, Members>();
  const isCompactMember = ({ name, value }: MemberNode) => isBetween(endsOf(name).last, endsOf(value).first);
  const {
    root,
    pieces: [start],
  } = read(parseDocument(text, dialect));
  if (start === undefined) throw cannotBeEdited(dialect);

  return {
    root,
    start,
    firstOf: (node) => endsOf(node).first,
    lastOf: (node) => endsOf(node).last,
    membersOf(object) {
      const members = counted.get(object) ?? countMembers(object, isCompactMember);
      counted.set(object, members);
      return members;
    },
    grow(type, text, space) {
      const [open, close] = type === "Object" ? ["{", "}"] : ["[", "]"];
      const { root, pieces } = read(parsePart(open + space + text + close, dialect));
      const [child] = isContainer(root) ? childrenOf(root) : [];
      if (child === undefined) throw cannotBeEdited(dialect);
      // Without the brackets and the end.
      return { child, pieces: pieces.slice(1, -2) };
    },
    finish() {
      const after = textFrom(start);
      if (after === text) return text;
      // What was written must be readable, and say what was meant: a fault here is ours, and must not reach the file.
      if (!isDeepStrictEqual(parseDocument(after, dialect).value, evaluate(root))) throw cannotBeEdited(dialect);
      return after;
    },
  };
}

/** Adds a child to the tree, among those of its kind. */
export function addChild(draft: Draft, container: ContainerNode, child: ChildNode): void {
  if (container.type === "Object" && child.type === "Member") draft.membersOf(container).add(child);
  if (container.type === "Array" && child.type === "Element") container.elements.push(child);
}

/** Takes a child from the tree. */
export function dropChild(draft: Draft, container: ContainerNode, child: ChildNode): void {
  if (container.type === "Object" && child.type === "Member") draft.membersOf(container).drop(child);
  if (container.type === "Array" && child.type === "Element") container.elements.splice(container.elements.indexOf(child), 1);
}

/** Where a member or an element begins. */
export function firstOfChild(draft: Draft, child: ChildNode): Piece {
  return draft.firstOf(child.type === "Member" ? child.name : child.value);
}

/** Where a member or an element has ended. */
export function lastOfChild(draft: Draft, child: ChildNode): Piece {
  return draft.lastOf(child.value);
}

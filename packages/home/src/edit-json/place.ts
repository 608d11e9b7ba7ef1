import type { MemberNode, ObjectNode, ValueNode } from "@humanwhocodes/momoa";
import { HomeError } from "../errors.ts";
import { childrenOf, isContainer, valueOf, type ChildNode, type ContainerNode } from "./document.ts";

/** What a path leads to. */
export type Place =
  | { readonly kind: "there"; readonly container: ContainerNode; readonly child: ChildNode }
  /** `rest` begins with what `container` lacks. */
  | { readonly kind: "missing"; readonly container: ContainerNode; readonly rest: readonly string[] }
  | { readonly kind: "blocked"; readonly reason: string };

const INDEX = /^(?:0|[1-9]\d*)$/;

/** The members of an object that have a name. */
type MembersNamed = (object: ObjectNode, name: string) => readonly MemberNode[];

/** What a member is called. */
export function nameOf({ name }: MemberNode): string {
  return name.type === "String" ? name.value : name.name;
}

const lookAtEach: MembersNamed = (object, name) => object.members.filter((member) => nameOf(member) === name);

/**
 * Follows a path from the top of a document.
 *
 * @throws {HomeError} `json-path-refused` when a name on the way occurs twice.
 */
export function findPlace(root: ValueNode, path: readonly string[], membersNamed: MembersNamed = lookAtEach): Place {
  let at = root;
  let found: Place = { kind: "blocked", reason: "it is the whole document" };
  for (const [depth, segment] of path.entries()) {
    const way = path.slice(0, depth);
    if (!isContainer(at)) return { kind: "blocked", reason: `${pathText(way)} has no members` };
    if (at.type === "Array" && !(INDEX.test(segment) && Number(segment) <= at.elements.length)) {
      return { kind: "blocked", reason: `${pathText(way)} is a list of ${at.elements.length}` };
    }
    const child = findChild(at, segment, path.slice(0, depth + 1), membersNamed);
    if (child === undefined) return { kind: "missing", container: at, rest: path.slice(depth) };
    found = { kind: "there", container: at, child };
    at = valueOf(child);
  }
  return found;
}

/** A path as people write it: `profiles["openai:default"].key`. */
export function pathText(path: readonly string[]): string {
  if (path.length === 0) return "(top level)";
  const parts = path.map((segment) => (/^[A-Za-z_$][\w$]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`));
  return parts.join("").replace(/^\./, "");
}

function findChild(container: ContainerNode, segment: string, path: readonly string[], membersNamed: MembersNamed): ChildNode | undefined {
  if (container.type === "Array") return childrenOf(container)[Number(segment)];
  const [first, second] = membersNamed(container, segment);
  if (second === undefined) return first;
  throw new HomeError("json-path-refused", `${pathText(path)} occurs twice`, { hint: "remove the one that should not count" });
}

import type { MemberNode, ObjectNode } from "@humanwhocodes/momoa";
import { nameOf } from "./place.ts";

/** The members of an object that is being changed, counted so that an edit need not look at each. */
export interface Members {
  /** More than one where the name occurs twice. */
  named(name: string): readonly MemberNode[];
  /** Whether there are any, and none has a name in quotes. */
  hasBareNames(): boolean;
  /** Whether there are any, and none has space around its colon. */
  isCompact(): boolean;
  add(member: MemberNode): void;
  drop(member: MemberNode): void;
}

/** Counts the members of an object once. What makes a member compact does not change while it is there. */
export function countMembers(object: ObjectNode, isCompactMember: (member: MemberNode) => boolean): Members {
  const byName = new Map<string, readonly MemberNode[]>();
  const [quoted, spaced] = [new Set<MemberNode>(), new Set<MemberNode>()];
  const named = (name: string) => byName.get(name) ?? [];
  const count = (member: MemberNode) => {
    byName.set(nameOf(member), [...named(nameOf(member)), member]);
    if (member.name.type !== "Identifier") quoted.add(member);
    if (!isCompactMember(member)) spaced.add(member);
  };
  for (const member of object.members) count(member);

  return {
    named,
    hasBareNames: () => object.members.length > 0 && quoted.size === 0,
    isCompact: () => object.members.length > 0 && spaced.size === 0,
    add(member) {
      object.members.push(member);
      count(member);
    },
    drop(member) {
      object.members.splice(object.members.indexOf(member), 1);
      byName.set(
        nameOf(member),
        named(nameOf(member)).filter((other) => other !== member),
      );
      quoted.delete(member);
      spaced.delete(member);
    },
  };
}

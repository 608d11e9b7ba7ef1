import type { Strategy } from "@openclaw/key-rotation";
import type { ExplainedModel } from "./explanation.ts";

/** Who of several answers is for the moment to say. */
const spreading: ReadonlySet<Strategy> = new Set<Strategy>(["least-used", "most-headroom"]);

/** Whether each request of no session may go elsewhere, although nothing changed. */
export function isSpreading(strategy: Strategy): boolean {
  return spreading.has(strategy);
}

/** Whether which credential of a model a request of no session asks first is not for files to say. */
export function isSpread({ strategy, candidates }: Pick<ExplainedModel, "strategy" | "candidates">): boolean {
  return isSpreading(strategy) && candidates.filter(({ isUsableNow }) => isUsableNow).length > 1;
}

/** Why what files say does not tell which credential comes first. */
export function spreadNote(strategy: Strategy): string {
  return strategy === "most-headroom"
    ? "most-headroom goes by what a running gateway has under way and was told of limits, which is not known here"
    : `${strategy} goes by what a running gateway has under way, which is not known here`;
}

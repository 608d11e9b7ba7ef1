import type { Advance, Failure } from "@openclaw/key-rotation";

/** How a credential counts that could not be had because its reference leads nowhere. Nothing was sent, and nothing cools down. */
const unresolvedReference: Failure = Object.freeze({ class: "auth", scope: "credential", rule: "ref-unresolved" });

/**
 * A profile whose reference leads nowhere is off, and the other profiles go on. What comes after the profiles,
 * the keys of the environment and of the configuration, never takes its place: nobody asked for those.
 */
export function failClosed(advance: Advance): Advance {
  return (failure, from, to, history) => {
    if (failure.rule === unresolvedReference.rule && to?.via !== "profile") return "stop";
    return advance(failure, from, to, history);
  };
}

/** How a profile counts whose credential could not be had, by the code of the error. Nothing was sent, and nothing cools down. */
export function unusableCredential(code: string): Failure {
  return code === unresolvedReference.rule || code === "ref-policy"
    ? unresolvedReference
    : { class: "auth", scope: "credential", rule: code };
}

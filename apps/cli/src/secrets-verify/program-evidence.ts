import type { Evidence, Observation } from "./evidence.ts";
import type { Ended } from "./own-program.ts";
import type { ScratchHome } from "./scratch-home.ts";

/** What a part of the exercise brought to light. */
export interface Captured {
  readonly evidence: readonly Evidence[];
  readonly observations: readonly Observation[];
}

/** Everything that came out of a program, and what could be seen of it while it ran. */
export function evidenceOf(
  check: string,
  { stdout, stderr, processes }: Ended,
  scratch: ScratchHome,
  printed: readonly string[] = [],
): readonly Evidence[] {
  const program = `openclaw ${check}`;
  return [
    { check, place: "stdout", bytes: stdout, allowed: printed },
    { check, place: "stderr", bytes: stderr, allowed: [] },
    ...processes.flatMap(({ isOwn, cmdline, environ }) => {
      const who = isOwn ? program : `a child of ${program}`;
      return [
        { check: "process arguments", place: `arguments of ${who}`, bytes: cmdline, allowed: [] },
        // What we gave the program ourselves stays in its environment for good; nothing of it is passed on.
        { check: "process environments", place: `environment of ${who}`, bytes: environ, allowed: isOwn ? scratch.envLabels : [] },
      ];
    }),
  ];
}

/** Why a program did not do what it was asked: it ended in another way than these codes. */
export function exitProblem({ code }: Pick<Ended, "code">, codes: readonly number[]): string | undefined {
  if (code === null) return "it did not end in time";
  return codes.includes(code) ? undefined : `it ended with exit code ${code}`;
}

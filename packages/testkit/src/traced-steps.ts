/**
 * Every call a thread makes until the script says something, with its number on that thread, as strace counts. The
 * `write`s are left out: but for the name of a lock's holder they go from thread to thread, not to a file.
 *
 * @param calls What `traceScript` wrote down.
 */
export function tracedSteps(calls: string): readonly (readonly [call: string, when: number])[] {
  const counts = new Map<string, number>();
  const steps = new Map<string, readonly [string, number]>();
  for (const line of calls.split("\n")) {
    if (line.includes(" write(1,")) break;
    const [, thread, call = ""] = /^(\d+) +(\w+)\(/.exec(line) ?? [];
    if (thread === undefined || call === "write") continue;
    const when = (counts.get(thread + call) ?? 0) + 1;
    counts.set(thread + call, when);
    steps.set(`${call} ${when}`, [call, when]);
  }
  return [...steps.values()];
}

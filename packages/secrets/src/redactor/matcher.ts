import { createAutomaton, type Automaton } from "./automaton.ts";
import { createAlphabet, type Alphabet } from "./escapes.ts";
import { patternsOf } from "./patterns.ts";
import { createWindows, type Windows } from "./windows.ts";

/** Everything needed to look for a set of values; never changed once made. */
export interface Matcher {
  readonly automaton: Automaton;
  readonly windows: Windows | undefined;
  readonly alphabet: Alphabet;
  /** Bytes of the longest pattern. */
  readonly longest: number;
  /** Whether some values are found between word boundaries only. */
  readonly hasWords: boolean;
}

/** Nothing where there is nothing to look for. */
export function createMatcher(values: Iterable<Buffer>): Matcher | undefined {
  const patterns = Array.from(values, patternsOf).flat();
  if (patterns.length === 0) return undefined;
  return {
    automaton: createAutomaton(patterns),
    windows: createWindows(patterns),
    alphabet: createAlphabet(patterns),
    longest: patterns.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 0),
    hasWords: patterns.some(({ isWord }) => isWord),
  };
}

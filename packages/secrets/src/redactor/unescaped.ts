import { step, type Automaton } from "./automaton.ts";

/** The automaton's way through a text with its escapes read, beside its way through the text as it is. */
export interface Unescaped {
  readonly state: number;
  /** Reads one byte of meaning, written from `at` on. */
  read(byte: number, at: number): void;
  /** Where the last `depth` bytes of meaning begin to be written. */
  startOf(depth: number): number;
}

/** Goes on from `state`, up to which, at `forkedAt`, nothing was escaped. Remembers places for little more than a longest pattern. */
export function createUnescaped(automaton: Automaton, state: number, forkedAt: number, longest: number): Unescaped {
  let places: number[] = [];
  let current = state;
  return {
    get state() {
      return current;
    },
    read(byte, at) {
      if (places.length > 2 * longest) places = places.slice(-longest);
      places.push(at);
      current = step(automaton, current, byte);
    },
    startOf: (depth) => places[places.length - depth] ?? forkedAt - (depth - places.length),
  };
}

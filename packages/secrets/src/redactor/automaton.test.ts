import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createAutomaton, openDepth, step } from "./automaton.ts";

const patternsFor = (texts: readonly string[]) => texts.map((text) => ({ bytes: Buffer.from(text), isWord: false }));
const text = (unit: string, maxLength: number) => fc.string({ unit: fc.constantFrom(...unit), minLength: 1, maxLength });

test("the state is the longest end of the text that begins a pattern", () => {
  fc.assert(
    fc.property(fc.array(text("abc", 9), { minLength: 1, maxLength: 8 }), text("abcd", 60), (patterns, text) => {
      const automaton = createAutomaton(patternsFor(patterns));
      let state = 0;
      for (let end = 1; end <= text.length; end += 1) {
        state = step(automaton, state, text.charCodeAt(end - 1));
        const begun = Array.from({ length: end }, (_, start) => text.slice(start, end)).find((part) =>
          patterns.some((p) => p.startsWith(part)),
        );
        expect(automaton.depths[state]).toBe(begun?.length ?? 0);
        const ended = patterns.filter((pattern) => text.slice(0, end).endsWith(pattern)).map(({ length }) => length);
        expect(automaton.depths[automaton.outputs[state] ?? 0]).toBe(Math.max(0, ...ended));
        const open = patterns
          .flatMap((p) => Array.from(p, (_, length) => p.slice(0, length)))
          .filter((part) => text.slice(0, end).endsWith(part));
        expect(openDepth(automaton, state)).toBe(Math.max(0, ...open.map(({ length }) => length)));
      }
    }),
    { numRuns: 500 },
  );
});

test("takes no more states than the patterns have bytes, and shared beginnings once [L10]", () => {
  const texts = Array.from({ length: 100_000 }, (_, index) => `sk-ant-api03-${(index * 7919) % 100_000}`);
  const automaton = createAutomaton(patternsFor(texts));
  // Of 13 characters in common and up to 5 digits each.
  expect(automaton.stateCount).toBeLessThan(13 + 111_111);
  expect(automaton.forks.children.length).toBeLessThanOrEqual(4 * texts.length);
});

test("adds nothing for a pattern that is there already", () => {
  const once = createAutomaton(patternsFor(["test-key-one"]));
  expect(createAutomaton(patternsFor(["test-key-one", "test-key-one", "test-key"])).stateCount).toBe(once.stateCount);
});

import { createInterface } from "node:readline";
import { Interrupted, type Choice, type Prompt, type Terminal } from "../prompt.ts";
import { askHidden } from "./hidden-input.ts";

/** Questions in plain lines, for a terminal that knows no more than a typewriter. */
export function createLinePrompt(
  { input, output }: { readonly input: NodeJS.ReadableStream; readonly output: Pick<Terminal["output"], "write"> },
  signal: AbortSignal,
): Prompt {
  const ahead: string[] = [];
  const write = (line: string) => void output.write(`${line}\n`);

  /** Asks until the answer reads as something. */
  async function ask<T>(question: string, read: (line: string) => { readonly value: T } | string): Promise<T> {
    for (;;) {
      output.write(`${question} `);
      const answer = read((await nextLine(input, ahead, signal)).trim());
      if (typeof answer !== "string") return answer.value;
      write(`  ${answer}`);
    }
  }

  function list(message: string, choices: readonly Choice<unknown>[]): void {
    write(message);
    for (const [index, { label, hint }] of choices.entries()) write(`  ${index + 1}. ${label}${hint === undefined ? "" : ` (${hint})`}`);
  }

  return {
    say: write,
    async select({ message, choices }) {
      list(message, choices);
      return ask("Number:", (line) => choiceOf(choices, line) ?? `a number from 1 to ${choices.length}`);
    },
    async selectMany({ message, choices }) {
      if (choices.length === 0) return [];
      list(message, choices);
      return ask("Numbers, with spaces between them; an empty line for none:", (line) => {
        const found = line
          .split(/[\s,]+/u)
          .filter((word) => word !== "")
          .map((word) => choiceOf(choices, word));
        const values = found.flatMap((choice) => (choice ? [choice.value] : []));
        return values.length === found.length ? { value: [...new Set(values)] } : `numbers from 1 to ${choices.length}`;
      });
    },
    text({ message, example, initial = "", check }) {
      const shown = initial === "" ? example && `for example ${example}` : `enter for ${initial}`;
      return ask(`${message}${shown === undefined ? ":" : ` (${shown}):`}`, (line) => {
        const value = line === "" ? initial : line;
        return check?.(value) ?? { value };
      });
    },
    secret: (question) => {
      // What was typed ahead was shown, and is no answer to what must not be seen.
      ahead.length = 0;
      return askHidden({ input, output }, question, { signal, canMark: false });
    },
    confirm({ message, initial }) {
      return ask(`${message} (${initial ? "Y/n" : "y/N"})`, (line) => {
        if (line === "") return { value: initial };
        return /^(?:y|yes|n|no)$/iu.test(line) ? { value: /^y/iu.test(line) } : "y or n";
      });
    },
  };
}

function choiceOf<T>(choices: readonly Choice<T>[], word: string): Choice<T> | undefined {
  return /^\d+$/u.test(word) ? choices[Number(word) - 1] : undefined;
}

/** The next line of the input. Its end, or the signal, is an answer too: no. What was typed ahead waits its turn. */
function nextLine(input: NodeJS.ReadableStream, ahead: string[], signal: AbortSignal): Promise<string> {
  const first = ahead.shift();
  if (first !== undefined) return Promise.resolve(first);
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input, terminal: false });
    const end = () => lines.close();
    lines.on("line", (line) => {
      ahead.push(line);
      // The lines that came with this one are told first, and the next question starts on an input that is at rest.
      queueMicrotask(end);
    });
    lines.once("close", () => {
      signal.removeEventListener("abort", end);
      const line = ahead.shift();
      if (line === undefined) reject(new Interrupted());
      else resolve(line);
    });
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

import { CANCEL_SYMBOL, confirm, multiselect, select, text, updateSettings } from "@clack/prompts";
import { Interrupted, type Choice, type Prompt, type Terminal } from "../prompt.ts";
import { askHidden } from "./hidden-input.ts";

/** Questions that are drawn and answered with the arrow keys. Colour follows `NO_COLOR`. */
export function createDrawnPrompt({ input, output }: Terminal, signal: AbortSignal): Prompt {
  // Ctrl-D would close the input and leave the question open.
  updateSettings({ aliases: { "\u0004": "cancel" } });
  const common = { input, output, signal };

  return {
    say: (message) => void output.write(`${message}\n`),
    async select({ message, choices }) {
      return itemAt(choices, answered(await select({ ...common, message, options: optionsOf(choices) })));
    },
    async selectMany({ message, choices }) {
      if (choices.length === 0) return [];
      const options = { ...common, message: `${message} (space marks, enter goes on)`, options: optionsOf(choices), required: false };
      return answered(await multiselect({ ...options, showInstructions: false })).map((index) => itemAt(choices, index));
    },
    async text({ message, example, initial, check }) {
      return answered(
        await text({
          ...common,
          message,
          ...(example !== undefined && { placeholder: example }),
          ...(initial !== undefined && { initialValue: initial }),
          ...(check && { validate: (value: string | undefined) => check(value ?? "") }),
        }),
      );
    },
    secret: (question) => askHidden({ input, output }, question, { signal, canMark: true }),
    async confirm({ message, initial }) {
      return answered(await confirm({ ...common, message, initialValue: initial }));
    },
  };
}

/** Choices are known by their place: values may be anything. */
function optionsOf(choices: readonly Choice<unknown>[]) {
  return choices.map(({ label, hint }, index) => ({ value: index, label, ...(hint !== undefined && { hint }) }));
}

function itemAt<T>(choices: readonly Choice<T>[], index: number): T {
  const choice = choices[index];
  if (choice === undefined) throw new RangeError("a choice that was not offered");
  return choice.value;
}

function answered<T>(answer: T | typeof CANCEL_SYMBOL): T {
  if (answer === CANCEL_SYMBOL) throw new Interrupted();
  return answer;
}

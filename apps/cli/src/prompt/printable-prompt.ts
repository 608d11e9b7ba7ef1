import { printable } from "../io.ts";
import type { ChoiceQuestion, Prompt } from "../prompt.ts";

/** A file or a provider can name a thing as it likes; none of it moves the cursor. */
export function printablePrompt(prompt: Prompt): Prompt {
  const choices = <T>(question: ChoiceQuestion<T>): ChoiceQuestion<T> => ({
    message: printable(question.message),
    choices: question.choices.map(({ value, label, hint }) => ({
      value,
      label: printable(label),
      ...(hint !== undefined && { hint: printable(hint) }),
    })),
  });
  return {
    say: (text) => prompt.say(text.split("\n").map(printable).join("\n")),
    select: (question) => prompt.select(choices(question)),
    selectMany: (question) => prompt.selectMany(choices(question)),
    text: ({ message, example, initial, check }) =>
      prompt
        .text({
          message: printable(message),
          ...(example !== undefined && { example: printable(example) }),
          ...(initial !== undefined && { initial: printable(initial) }),
          ...(check && {
            check: (text) => {
              const problem = check(text.trim());
              return problem === undefined ? undefined : printable(problem);
            },
          }),
        })
        .then((text) => text.trim()),
    secret: ({ message, read }) =>
      prompt.secret({
        message: printable(message),
        read: (pasted) => {
          const answer = read(pasted);
          return typeof answer === "string" ? printable(answer) : answer;
        },
      }),
    confirm: ({ message, initial }) => prompt.confirm({ message: printable(message), initial }),
  };
}

import type { AnswerWriter, OwnAnswer } from "./answer.ts";

const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };

/** As OpenAI's Chat Completions answers. */
export const chatCompletions: AnswerWriter = {
  whole: ({ text, ...answer }) => ({
    ...headOf("chat.completion", answer),
    choices: [{ index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: "stop" }],
    usage,
  }),
  events({ text, ...answer }) {
    const head = headOf("chat.completion.chunk", answer);
    const chunk = (delta: object, finishReason: string | null = null) => ({
      data: { ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }] },
    });
    return [
      chunk({ role: "assistant", content: "", refusal: null }),
      chunk({ content: text }),
      chunk({}, "stop"),
      ...(answer.hasUsage ? [{ data: { ...head, choices: [], usage } }] : []),
      { data: "[DONE]" },
    ];
  },
};

function headOf(object: string, { id, model, createdAt }: Omit<OwnAnswer, "text">): object {
  return { id: `chatcmpl-${id}`, object, created: createdAt, model };
}

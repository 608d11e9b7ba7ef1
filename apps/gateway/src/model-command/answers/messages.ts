import type { AnswerWriter, OwnAnswer, StreamEvent } from "./answer.ts";

const usage = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 };

/** As Anthropic's Messages answers. */
export const messages: AnswerWriter = {
  whole: ({ text, ...answer }) => messageOf(answer, { content: [{ type: "text", text }], stop_reason: "end_turn" }),
  events({ text, ...answer }) {
    const events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[] = [
      { type: "message_start", message: messageOf(answer, { content: [], stop_reason: null }) },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: 0 } },
      { type: "message_stop" },
    ];
    return events.map((data): StreamEvent => ({ event: data.type, data }));
  },
};

function messageOf({ id, model }: Omit<OwnAnswer, "text">, said: object): object {
  return { id: `msg_${id}`, type: "message", role: "assistant", model, ...said, stop_sequence: null, usage };
}

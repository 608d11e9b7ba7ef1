import type { AnswerWriter, OwnAnswer, StreamEvent } from "./answer.ts";

const usage = {
  input_tokens: 0,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 0,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 0,
};

/** As OpenAI's Responses answers. */
export const responses: AnswerWriter = {
  whole: (answer) => ({ ...responseOf(answer, "completed"), output: [messageOf(answer, "completed", answer.text)], usage }),
  events(answer) {
    const { text } = answer;
    const begun = { ...responseOf(answer, "in_progress"), output: [], usage: null };
    const item_id = messageId(answer);
    const place = { item_id, output_index: 0, content_index: 0 };
    const events: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[] = [
      { type: "response.created", response: begun },
      { type: "response.in_progress", response: begun },
      { type: "response.output_item.added", output_index: 0, item: messageOf(answer, "in_progress") },
      { type: "response.content_part.added", ...place, part: partOf("") },
      { type: "response.output_text.delta", ...place, delta: text, logprobs: [] },
      { type: "response.output_text.done", ...place, text, logprobs: [] },
      { type: "response.content_part.done", ...place, part: partOf(text) },
      { type: "response.output_item.done", output_index: 0, item: messageOf(answer, "completed", text) },
      { type: "response.completed", response: this.whole(answer) },
    ];
    return events.map((data, index): StreamEvent => ({ event: data.type, data: { ...data, sequence_number: index } }));
  },
};

function responseOf({ id, model, createdAt }: OwnAnswer, status: string): object {
  return {
    id: `resp_${id}`,
    object: "response",
    created_at: createdAt,
    status,
    error: null,
    incomplete_details: null,
    instructions: null,
    max_output_tokens: null,
    model,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    // It cannot be asked for again.
    store: false,
    temperature: null,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: null,
    truncation: "disabled",
    user: null,
    metadata: {},
  };
}

function messageId({ id }: OwnAnswer): string {
  return `msg_${id}`;
}

function messageOf(answer: OwnAnswer, status: string, text?: string): object {
  const content = text === undefined ? [] : [partOf(text)];
  return { id: messageId(answer), type: "message", status, role: "assistant", content };
}

function partOf(text: string): object {
  return { type: "output_text", text, annotations: [], logprobs: [] };
}

/** One event of a `text/event-stream` body: `event:` where named, `data:` as JSON unless it is text. */
export function sseEvent(data: unknown, event?: string): string {
  const text = typeof data === "string" ? data : JSON.stringify(data);
  return `${event === undefined ? "" : `event: ${event}\n`}data: ${text}\n\n`;
}

/** Chunks of an OpenAI chat completion stream: the role, one chunk per word, the end, `[DONE]`. */
export function openaiStream(words: readonly string[], model = "test-model"): readonly string[] {
  const chunk = (delta: object, finishReason: string | null) =>
    sseEvent({
      id: "chatcmpl-test",
      object: "chat.completion.chunk",
      created: 1_767_225_600,
      model,
      choices: [{ index: 0, delta, finish_reason: finishReason }],
    });
  return [
    chunk({ role: "assistant", content: "" }, null),
    ...words.map((word) => chunk({ content: word }, null)),
    chunk({}, "stop"),
    sseEvent("[DONE]"),
  ];
}

/** Body of an OpenAI chat completion that says `text`. */
export function openaiCompletion(text: string, model = "test-model"): object {
  return {
    id: "chatcmpl-test",
    object: "chat.completion",
    created: 1_767_225_600,
    model,
    choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  };
}

/** Body of an OpenAI error. */
export function openaiError(message: string, type = "invalid_request_error", code: string | null = null): object {
  return { error: { message, type, param: null, code } };
}

/** Chunks of an Anthropic messages stream: start, a ping, one text delta per word, stop. */
export function anthropicStream(words: readonly string[], model = "test-model"): readonly string[] {
  const event = (type: string, fields: object = {}) => sseEvent({ type, ...fields }, type);
  return [
    event("message_start", { message: { ...message([], model), stop_reason: null } }),
    event("content_block_start", { index: 0, content_block: { type: "text", text: "" } }),
    event("ping"),
    ...words.map((word) => event("content_block_delta", { index: 0, delta: { type: "text_delta", text: word } })),
    event("content_block_stop", { index: 0 }),
    event("message_delta", { delta: { stop_reason: "end_turn", stop_sequence: null }, usage: { output_tokens: words.length } }),
    event("message_stop"),
  ];
}

/** Body of an Anthropic message that says `text`. */
export function anthropicMessage(text: string, model = "test-model"): object {
  return message([{ type: "text", text }], model);
}

/** Body of an Anthropic error. */
export function anthropicError(text: string, type = "invalid_request_error"): object {
  return { type: "error", error: { type, message: text } };
}

function message(content: readonly object[], model: string): object {
  return {
    id: "msg_test",
    type: "message",
    role: "assistant",
    model,
    content,
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
}

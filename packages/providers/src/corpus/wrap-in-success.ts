import type { CorpusCase } from "./corpus-case.ts";
import { textOf, type CorpusInput } from "./corpus-input.ts";

/** A success in which a model, or a tool, says what a case sends as an error. */
export interface WrappedCase {
  readonly id: string;
  /** Name of the answer it is wrapped in. */
  readonly wrapping: string;
  readonly input: CorpusInput;
}

type Wrap = (said: string, body: unknown) => unknown;

const usage = { input_tokens: 429, output_tokens: 402, prompt_tokens: 429, completion_tokens: 402, total_tokens: 831 };

const chat = (message: Record<string, unknown>) => ({
  id: "chatcmpl-test",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: "stop" }],
  usage,
});

const message = (...content: readonly unknown[]) => ({
  id: "msg_test",
  type: "message",
  role: "assistant",
  content,
  stop_reason: "end_turn",
  usage,
});

/** Whole answers. */
const answers: Readonly<Record<string, Wrap>> = {
  "chat-completion": (said) => chat({ content: said }),
  "chat-tool-call": (said) =>
    chat({ content: null, tool_calls: [{ id: "call_test", type: "function", function: { name: "report", arguments: said } }] }),
  "chat-with-status": (said) => ({ ...chat({ content: said }), base_resp: { status_code: 0, status_msg: "" } }),
  "anthropic-message": (said) => message({ type: "text", text: said }),
  "anthropic-tool-use": (said, body) => message({ type: "tool_use", id: "toolu_test", name: "report", input: { said, body } }),
  "anthropic-tool-result": (said) =>
    message({ type: "mcp_tool_result", tool_use_id: "toolu_test", is_error: true, content: [{ type: "text", text: said }] }),
  "responses-output": (said, body) => ({
    id: "resp_test",
    object: "response",
    status: "completed",
    error: null,
    output: [
      { type: "message", role: "assistant", content: [{ type: "output_text", text: said }] },
      { type: "function_call_output", call_id: "call_test", output: body },
    ],
    usage,
  }),
  "google-candidate": (said, body) => ({
    candidates: [
      { content: { role: "model", parts: [{ text: said }, { functionCall: { name: "report", args: { body } } }] }, finishReason: "STOP" },
    ],
  }),
  "bedrock-converse": (said) => ({ output: { message: { role: "assistant", content: [{ text: said }] } }, stopReason: "end_turn", usage }),
  "ollama-chat": (said) => ({ model: "test", message: { role: "assistant", content: said }, done: true }),
};

/** First events of a stream. */
const events: Readonly<Record<string, Wrap>> = {
  "chat-delta": (said) => ({
    id: "chatcmpl-test",
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta: { content: said }, finish_reason: null }],
  }),
  "anthropic-delta": (said) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: said } }),
  "anthropic-input-delta": (said) => ({ type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: said } }),
  "responses-delta": (said) => ({ type: "response.output_text.delta", item_id: "msg_test", output_index: 0, delta: said }),
  "google-chunk": (said) => ({ candidates: [{ content: { role: "model", parts: [{ text: said }] } }] }),
};

/**
 * The same words as a success: a model that says them, a tool that is called with them or returns them,
 * and the first event of a stream that carries them. A right classifier finds no failure in any of these.
 */
export function wrapInSuccess(entry: CorpusCase): readonly WrappedCase[] {
  const { id, provider, body, now } = entry;
  const said = textOf(body);
  const wrap =
    (arrives: "response" | "stream-event") =>
    ([wrapping, write]: readonly [string, Wrap]) => ({
      id,
      wrapping,
      input: { provider, arrives, status: 200, headers: {}, body: JSON.stringify(write(said, body)), now },
    });
  return [...Object.entries(answers).map(wrap("response")), ...Object.entries(events).map(wrap("stream-event"))];
}

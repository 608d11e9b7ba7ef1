import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sandboxKeys } from "@openclaw/home";
import { readBody } from "./request-body.ts";
import { sendJson } from "./send-json.ts";

/** Seconds the always-limited demo key asks to be left alone. */
const RETRY_AFTER_SECONDS = 20;

/** Seconds since 1970, as every answer of the sandbox has it. */
const SANDBOX_CREATED_AT = 1_700_000_000;

export interface SandboxProvider {
  /** Base URL, such as `http://127.0.0.1:40123/v1`. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A small provider on this machine that speaks OpenAI Chat Completions, so that the gateway can be seen
 * at work without an account anywhere. Of its three demo keys the first is always rate limited.
 */
export async function startSandboxProvider(): Promise<SandboxProvider> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const key = sandboxKeys.indexOf((request.headers.authorization ?? "").replace(/^Bearer /u, "")) + 1;
  const body = await readBody(request, 1024 * 1024);
  if (request.method !== "POST" || request.url !== "/v1/chat/completions")
    return sendError(response, 404, "not_found", "The sandbox serves POST /v1/chat/completions only.");
  if (key === 0) return sendError(response, 401, "invalid_api_key", "The sandbox does not know this key.");
  if (key === 1) {
    return sendError(response, 429, "rate_limit_exceeded", "Demo key 1 is always rate limited.", {
      "retry-after": String(RETRY_AFTER_SECONDS),
    });
  }
  const { model, question, isStream } = readQuestion(body);
  const words = `Hello from the sandbox. Demo key ${key} answered${question === "" ? "" : `: you said "${question.slice(0, 200)}"`}.`.split(
    /(?<= )/u,
  );
  const head = { id: `chatcmpl-sandbox-${key}`, created: SANDBOX_CREATED_AT, model };
  if (!isStream) {
    const message = { role: "assistant", content: words.join("") };
    const usage = { prompt_tokens: 1, completion_tokens: words.length, total_tokens: words.length + 1 };
    return sendJson(response, 200, { ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason: "stop" }], usage });
  }
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  const send = (delta: object, finishReason: string | null) =>
    response.write(
      `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finishReason }] })}\n\n`,
    );
  send({ role: "assistant", content: "" }, null);
  for (const word of words) send({ content: word }, null);
  send({}, "stop");
  response.end("data: [DONE]\n\n");
}

function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, status, { error: { message, type: code, param: null, code } }, headers);
}

interface Question {
  readonly model: string;
  readonly question: string;
  readonly isStream: boolean;
}

function readQuestion(body: Buffer): Question {
  const value: unknown = parse(body);
  if (typeof value !== "object" || value === null) return { model: "demo", question: "", isStream: false };
  const messages = "messages" in value && Array.isArray(value.messages) ? value.messages : [];
  const last: unknown = messages.at(-1);
  const content = typeof last === "object" && last !== null && "content" in last ? last.content : "";
  return {
    model: "model" in value && typeof value.model === "string" ? value.model : "demo",
    question: typeof content === "string" ? content : "",
    isStream: "stream" in value && value.stream === true,
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

import type { Dialect } from "@openclaw/providers";
import type { Call } from "../call.ts";
import { sendJson } from "../send-json.ts";
import type { Surface } from "../surfaces.ts";
import type { AnswerWriter, OwnAnswer, StreamEvent } from "./answers/answer.ts";
import { chatCompletions } from "./answers/chat-completions.ts";
import { generateContent } from "./answers/generate-content.ts";
import { messages } from "./answers/messages.ts";
import { responses } from "./answers/responses.ts";

/** What is said, and how the client asked for it. */
export interface SendAnswerOptions {
  readonly call: Pick<Call, "request" | "response" | "record">;
  readonly surface: Surface;
  readonly body: Buffer;
  readonly text: string;
  /** The word of the command that is answered. */
  readonly command: string;
  readonly model: string;
  readonly now: number;
}

const writers: Readonly<Record<Dialect, AnswerWriter>> = {
  "openai-completions": chatCompletions,
  "openai-responses": responses,
  "anthropic-messages": messages,
  "google-generative-ai": generateContent,
};

/** Answers a request as a provider of its dialect would, as a stream where one was asked for. Nobody is paid for it. */
export function sendAnswer({ call, surface, body, text, command, model, now }: SendAnswerOptions): void {
  const { request, response, record } = call;
  const wishes = wishesOf(body);
  const answer: OwnAnswer = {
    text,
    model,
    id: record.id.replaceAll("-", ""),
    createdAt: Math.floor(now / 1000),
    hasUsage: wishes.hasUsage,
  };
  const headers = { "x-openclaw-request-id": record.id, "x-openclaw-command": command };
  const writer = writers[surface.dialect];
  const isGoogle = surface.dialect === "google-generative-ai";
  if (isGoogle ? surface.operation !== "streamGenerateContent" : !wishes.isStream) {
    sendJson(response, 200, writer.whole(answer), headers);
    return;
  }
  const events = writer.events(answer);
  if (isGoogle && new URL(request.url ?? "", "http://gateway").searchParams.get("alt") !== "sse") {
    sendJson(response, 200, `[${events.map(({ data }) => JSON.stringify(data)).join(",\r\n")}]`, headers);
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store", ...headers });
  response.end(events.map(eventText).join(""));
}

function eventText({ event, data }: StreamEvent): string {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** It was parsed when the command was found. */
function wishesOf(body: Buffer): { readonly isStream: boolean; readonly hasUsage: boolean } {
  const request: unknown = JSON.parse(body.toString("utf8"));
  const stream = memberOf(request, "stream");
  return { isStream: stream === true, hasUsage: memberOf(memberOf(request, "stream_options"), "include_usage") === true };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)).get(name) : undefined;
}

import type { ApiKind } from "../spec.ts";
import { findErrorRecords, isRecord, readJson } from "../classify/error-records.ts";
import { isPage } from "./plain-line.ts";

/** What the body of a success is: an answer of the interface, an error in its place, or neither, in words. */
export type BodyVerdict =
  | { readonly kind: "answer" }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "other"; readonly what: string };

/** How the answer of each interface is told from whatever else may come with status 200. */
const isAnswer: Partial<Readonly<Record<ApiKind, (body: Record<string, unknown>) => boolean>>> = {
  "openai-completions": hasChoices,
  "github-copilot": hasChoices,
  "mistral-conversations": hasChoices,
  "openai-responses": isResponse,
  "azure-openai-responses": isResponse,
  // Before anything is written it may still turn out that nothing will be.
  "openai-codex-responses": ({ type }) =>
    typeof type === "string" && /^response\.(?:output|reasoning|content_part|completed|incomplete)/u.test(type),
  "anthropic-messages": ({ type, content }) => type === "message" || Array.isArray(content),
  "google-generative-ai": isGenerated,
  "google-vertex": isGenerated,
  "google-gemini-cli": ({ response }) => isRecord(response) && isGenerated(response),
  "bedrock-converse-stream": ({ output, stopReason }) => isRecord(output) || typeof stopReason === "string",
  ollama: ({ message }) => isRecord(message),
};

/**
 * Judges the body of a success by its shape alone: what a model wrote does not matter. A stream counts by its first event
 * that is an answer or an error, for some servers stream whatever they are asked.
 */
export function readAnswer(text: string, api: ApiKind): BodyVerdict {
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "other", what: "nothing in it" };
  if (isPage(trimmed)) return { kind: "other", what: "a web page" };
  if (/^(?:data|event|id|retry)?:/u.test(trimmed)) return readStream(trimmed, api);
  const body = readJson(trimmed);
  if (body === undefined) return { kind: "other", what: "something that is no JSON" };
  return judge(body, trimmed, api) ?? { kind: "other", what: `JSON that is no answer of ${api}` };
}

/** Whether a line of a stream decides what it is. */
export function isDecisiveLine(line: string, api: ApiKind): boolean {
  return judgeLine(line, api) !== undefined;
}

function readStream(text: string, api: ApiKind): BodyVerdict {
  for (const line of text.split("\n")) {
    const verdict = judgeLine(line, api);
    if (verdict) return verdict;
  }
  return { kind: "other", what: `a stream without an answer of ${api}` };
}

function judgeLine(line: string, api: ApiKind): BodyVerdict | undefined {
  const data = /^data:(.*)/u.exec(line)?.[1]?.trim();
  const body = data === undefined ? undefined : readJson(data);
  return data === undefined || body === undefined ? undefined : judge(body, data, api);
}

function judge(body: unknown, text: string, api: ApiKind): BodyVerdict | undefined {
  if (findErrorRecords(body).isError) return { kind: "error", text };
  const check = isAnswer[api];
  // A service answers as it likes.
  if (check === undefined) return typeof body === "object" && body !== null ? { kind: "answer" } : undefined;
  return isRecord(body) && check(body) ? { kind: "answer" } : undefined;
}

function hasChoices({ choices }: Record<string, unknown>): boolean {
  return Array.isArray(choices);
}

function isResponse({ object, output }: Record<string, unknown>): boolean {
  return object === "response" || Array.isArray(output);
}

/** A prompt that is blocked, or an answer that ends before its first word, has no text and is an answer all the same. */
function isGenerated({ candidates, promptFeedback, usageMetadata }: Record<string, unknown>): boolean {
  return Array.isArray(candidates) || isRecord(promptFeedback) || isRecord(usageMetadata);
}

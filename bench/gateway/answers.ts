/** What the mock provider says, as the bytes of HTTP. */

/** As much as large providers send beside an answer. */
const headers = [
  "Date: Thu, 01 Jan 2026 00:00:00 GMT",
  "Server: cloudflare",
  "Connection: keep-alive",
  "openai-organization: org-bench",
  "openai-processing-ms: 412",
  "openai-version: 2020-10-01",
  "x-ratelimit-limit-requests: 10000",
  "x-ratelimit-remaining-requests: 9999",
  "x-ratelimit-reset-requests: 6ms",
  "x-ratelimit-limit-tokens: 30000000",
  "x-ratelimit-remaining-tokens: 29999000",
  "x-ratelimit-reset-tokens: 2ms",
  "x-request-id: req_5b0e7f0d7a2f4b7c9d3b1a2c3d4e5f60",
  "Strict-Transport-Security: max-age=31536000; includeSubDomains; preload",
  "CF-Cache-Status: DYNAMIC",
  "X-Content-Type-Options: nosniff",
  "CF-RAY: 8e1f2a3b4c5d6e7f-FRA",
  'alt-svc: h3=":443"; ma=86400',
];

function head(status: string, ...own: readonly string[]): Buffer {
  return Buffer.from(`HTTP/1.1 ${status}\r\n${[...own, ...headers].join("\r\n")}\r\n\r\n`);
}

function json(status: string, value: unknown, ...own: readonly string[]): Buffer {
  const body = Buffer.from(JSON.stringify(value));
  return Buffer.concat([head(status, "Content-Type: application/json", `Content-Length: ${body.length}`, ...own), body]);
}

function completion(words: number): object {
  const message = { role: "assistant", content: "word ".repeat(words), refusal: null, annotations: [] };
  return {
    id: "chatcmpl-bench",
    object: "chat.completion",
    created: 1_767_225_600,
    model: "m-2026-01-01",
    choices: [{ index: 0, message, logprobs: null, finish_reason: "stop" }],
    usage: { prompt_tokens: 200, completion_tokens: words, total_tokens: 200 + words },
  };
}

/** 1 kB of content. */
export const jsonAnswer: Buffer = json("200 OK", completion(200));
/** 32 kB of content. */
export const largeAnswer: Buffer = json("200 OK", completion(6400));

/** The refusal of a key that can be used again in so many seconds. */
export function limitedAnswer(seconds: number): Buffer {
  const error = { message: "Rate limit reached", type: "requests", param: null, code: "rate_limit_exceeded" };
  return json("429 Too Many Requests", { error }, `retry-after: ${seconds}`);
}

export const streamHead: Buffer = head("200 OK", "Content-Type: text/event-stream; charset=utf-8", "Transfer-Encoding: chunked");

function event(data: string): Buffer {
  const bytes = Buffer.from(`data: ${data}\n\n`);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

function chunk(delta: object): Buffer {
  const choice = { index: 0, delta, logprobs: null, finish_reason: null };
  const base = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_767_225_600, model: "m-2026-01-01" };
  return event(JSON.stringify({ ...base, service_tier: "default", system_fingerprint: "fp_bench", choices: [choice] }));
}

/** The 50 events of a stream, the first of which says nothing but the role. */
export const streamChunks: readonly Buffer[] = [
  chunk({ role: "assistant", content: "" }),
  ...Array.from({ length: 48 }, (_, index) => chunk({ content: ` word${index}` })),
  event("[DONE]"),
];
export const streamEnd: Buffer = Buffer.from("0\r\n\r\n");
/** A stream that says one thing at once and ends. */
export const shortStream: Buffer = Buffer.concat([streamHead, chunk({ content: "word" }), event("[DONE]"), streamEnd]);

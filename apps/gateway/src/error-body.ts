import type { Dialect } from "@openclaw/providers";

/** What a client is told, before it is put into the shape its SDK knows. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Anthropic's error types by status (docs: API errors). Anything else is `api_error`. */
const anthropicTypes: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  503: "overloaded_error",
};

const openaiTypes: Readonly<Record<number, string>> = {
  401: "authentication_error",
  403: "permission_error",
  429: "rate_limit_error",
};

/** An error of our own in the shape the client's SDK parses. */
export function errorBody(dialect: Dialect, answer: ErrorAnswer): string {
  if (dialect === "anthropic-messages") {
    const type = anthropicTypes[answer.status] ?? (answer.status < 500 ? "invalid_request_error" : "api_error");
    return JSON.stringify({ type: "error", error: { type, message: answer.message } });
  }
  const type = openaiTypes[answer.status] ?? (answer.status < 500 ? "invalid_request_error" : "server_error");
  return JSON.stringify({ error: { message: answer.message, type, param: null, code: answer.code.replaceAll("-", "_") } });
}

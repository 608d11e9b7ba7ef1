import type { Dialect } from "@openclaw/providers";

/** What a client is told, before it is put into the shape its SDK knows. */
export interface ErrorAnswer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** What to type or change. */
  readonly hint?: string | undefined;
}

/** Whose errors these look like: the admin API's own, or those of the SDKs of a dialect. */
export type ErrorShape = Dialect | "admin";

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

/** Google's names of errors by status. */
const googleStatuses: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  504: "DEADLINE_EXCEEDED",
};

/** A code as clients are told it, and so the log and the metrics too: what is looked for is found in all of them. */
export function toldCode(code: string): string {
  return code.replaceAll("-", "_");
}

/** An error of our own in the shape the client parses. */
export function errorBody(shape: ErrorShape, { hint, ...answer }: ErrorAnswer): string {
  const code = toldCode(answer.code);
  if (shape === "admin") return JSON.stringify({ error: { code, message: answer.message, ...(hint !== undefined && { hint }) } });
  const message = withHint(answer.message, hint);
  if (shape === "anthropic-messages") {
    const type = anthropicTypes[answer.status] ?? (answer.status < 500 ? "invalid_request_error" : "api_error");
    return JSON.stringify({ type: "error", error: { type, message } });
  }
  if (shape === "google-generative-ai") {
    const status = googleStatuses[answer.status] ?? (answer.status < 500 ? "INVALID_ARGUMENT" : "UNAVAILABLE");
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: code.toUpperCase(), domain: "openclaw" }];
    return JSON.stringify({ error: { code: answer.status, message, status, details } });
  }
  const type = openaiTypes[answer.status] ?? (answer.status < 500 ? "invalid_request_error" : "server_error");
  return JSON.stringify({ error: { message, type, param: null, code } });
}

/** The message of an error with what helps against it. */
export function withHint(message: string, hint: string | undefined): string {
  return hint === undefined ? message : `${message} (${hint})`;
}

import type { Failure } from "@openclaw/key-rotation";
import { describe, expect, test } from "vitest";
import { classifyFailure } from "./classify.ts";
import type { Outcome } from "./classify/evidence.ts";
import { ProviderError } from "./errors.ts";
import { findProvider } from "./table.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

function classify(outcome: Outcome, provider = "openai"): Failure | undefined {
  return classifyFailure(outcome, findProvider(provider), now);
}

/** `class rule`, which is what most cases are about. */
function short(outcome: Outcome, provider?: string): string {
  const failure = classify(outcome, provider);
  return failure ? `${failure.class} ${failure.rule}` : "none";
}

const body = (error: Record<string, unknown>): string => JSON.stringify({ error });

/** Bodies as providers send them. */
const groqTooLarge = body({
  message: "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 9000, please reduce your message size",
  type: "tokens",
  code: "rate_limit_exceeded",
});
const zaiOverloaded = body({ code: "1305", message: "The service may be temporarily overloaded, please try again later" });
const dashscopeThrottled = body({ code: "insufficient_quota", message: "Allocated quota exceeded, please increase your quota limit." });
const openaiUnpaid = body({
  message: "You exceeded your current quota, please check your plan and billing details.",
  type: "insufficient_quota",
  code: "insufficient_quota",
});
const openaiBadKey = body({ message: "Incorrect API key provided: test.", type: "invalid_request_error", code: "invalid_api_key" });
const anthropicError = (type: string, message: string) =>
  JSON.stringify({ type: "error", error: { type, message }, request_id: "req_4290" });
const googleError = (code: number, status: string, message: string, details: readonly unknown[] = []) =>
  body({ code, message, status, details });
const htmlPage = "<!DOCTYPE html><html><title>Just a moment...</title>quota exceeded, api key revoked, 429, overloaded</html>";

describe("the status decides first", () => {
  test.each<[number, string | undefined, string]>([
    [429, undefined, "rate_limit status-429"],
    [429, "", "rate_limit status-429"],
    [429, "billing: payment required, api key revoked", "rate_limit status-429"],
    [429, zaiOverloaded, "rate_limit status-429"],
    [429, anthropicError("rate_limit_error", "This request would exceed your rate limit"), "rate_limit status-429"],
    [401, undefined, "auth status-401"],
    [401, "quota exceeded", "auth status-401"],
    [401, body({ code: "insufficient_quota", message: "no quota" }), "auth status-401"],
    [401, body({ code: "rate_limit_exceeded" }), "auth status-401"],
    [401, openaiBadKey, "auth_permanent status-401-permanent"],
    [401, "This API key has been disabled: key has been revoked", "auth_permanent status-401-permanent"],
    [401, anthropicError("authentication_error", "invalid x-api-key"), "auth status-401"],
    [403, undefined, "auth status-403"],
    [403, htmlPage, "auth status-403"],
    [403, "Your account has been deactivated", "auth_permanent status-403-permanent"],
    [403, "quota, says the text", "auth status-403"],
    [408, undefined, "timeout status-408"],
    [410, undefined, "timeout status-410"],
    [410, "session expired", "session_expired text-session-expired"],
    [410, "credit balance is too low", "billing text-billing"],
    [410, "unauthorized", "auth text-auth"],
    [410, "rate limit", "timeout status-410"],
    [499, undefined, "timeout status-499"],
    [499, "overloaded", "overloaded status-499-overloaded"],
    [500, "rate limit, overloaded, quota", "server status-500"],
    [500, anthropicError("api_error", "Internal server error"), "server status-500"],
    [502, htmlPage, "server status-502"],
    [503, undefined, "server status-503"],
    [503, "Service Unavailable", "server status-503"],
    [503, htmlPage, "server status-503"],
    [503, "The model is overloaded. Please try again later.", "overloaded status-503-overloaded"],
    [503, "This model is currently experiencing high demand.", "overloaded status-503-overloaded"],
    [503, "service unavailable: no capacity", "overloaded status-503-overloaded"],
    [504, undefined, "server status-504"],
    [520, undefined, "server status-520"],
    [524, undefined, "server status-524"],
    [529, undefined, "overloaded status-529"],
    [529, "rate limit", "overloaded status-529"],
    [507, undefined, "server status-5xx"],
    [501, "Rate limit reached", "rate_limit text-rate-limit"],
    [404, undefined, "unknown no-rule"],
    [404, "404 page not found", "model_not_found text-model-not-found"],
    [404, "session not found", "session_expired text-session-expired"],
    [409, "nothing known", "unknown no-rule"],
    [418, undefined, "unknown no-rule"],
    [400, undefined, "format status-400"],
    [422, body({ message: "x is required", type: "invalid_request_error" }), "format status-422"],
    [400, anthropicError("invalid_request_error", "Your credit balance is too low to access the API."), "billing text-billing"],
    [400, "This model's maximum context length is 8192 tokens", "context_overflow text-context-overflow"],
    [400, "API key expired. Please renew the API key.", "auth text-auth"],
    [413, "nothing known", "unknown no-rule"],
  ])("%d %s: %s", (status, errorText, expected) => {
    expect(short({ status, ...(errorText !== undefined && { errorText }) })).toBe(expected);
  });
});

describe("a structured code decides next", () => {
  test.each<[number | undefined, string, string]>([
    [403, body({ code: "RESOURCE_EXHAUSTED" }), "rate_limit code-resource_exhausted"],
    [403, body({ code: "insufficient_quota" }), "billing code-insufficient_quota"],
    [403, anthropicError("permission_error", "no"), "auth_permanent code-permission_error"],
    [403, body({ code: "forbidden", message: "no access" }), "auth status-403"],
    [403, body({ code: "forbidden", message: "this key has been revoked" }), "auth_permanent status-403-permanent"],
    [504, googleError(504, "DEADLINE_EXCEEDED", "x"), "timeout code-deadline_exceeded"],
    [503, googleError(503, "UNAVAILABLE", "The model is overloaded."), "overloaded status-503-overloaded"],
    [413, groqTooLarge, "rate_limit code-rate_limit_exceeded"],
    [500, body({ code: "rate_limit_exceeded" }), "rate_limit code-rate_limit_exceeded"],
    [500, anthropicError("overloaded_error", "Overloaded"), "overloaded code-overloaded_error"],
    [400, body({ code: "context_length_exceeded", message: "x" }), "context_overflow code-context_length_exceeded"],
    [400, JSON.stringify({ __type: "com.amazon.coral#ThrottlingException", message: "x" }), "rate_limit code-throttling_exception"],
    [424, JSON.stringify({ __type: "ModelNotReadyException" }), "overloaded code-model_not_ready_exception"],
    [400, JSON.stringify({ code: "Throttling.RateQuota", message: "x" }), "rate_limit code-throttling_rate_quota"],
    [
      400,
      googleError(400, "INVALID_ARGUMENT", "API key not valid.", [{ reason: "API_KEY_INVALID" }]),
      "auth_permanent code-api_key_invalid",
    ],
    [400, JSON.stringify([JSON.parse(googleError(400, "RESOURCE_EXHAUSTED", "x"))]), "rate_limit code-resource_exhausted"],
    [404, anthropicError("not_found_error", "model: claude-x"), "model_not_found code-not_found_error"],
    [404, body({ code: "DeploymentNotFound", message: "x" }), "model_not_found code-deployment_not_found"],
    [413, anthropicError("request_too_large", "Request exceeds the maximum size"), "format code-request_too_large"],
    [undefined, anthropicError("overloaded_error", "Overloaded"), "overloaded code-overloaded_error"],
    [undefined, anthropicError("rate_limit_error", "x"), "rate_limit code-rate_limit_error"],
    [undefined, anthropicError("invalid_request_error", "x"), "format code-invalid_request_error"],
    [undefined, anthropicError("api_error", "x"), "server code-api_error"],
    [
      undefined,
      JSON.stringify({ type: "response.failed", response: { error: { code: "rate_limit_exceeded" } } }),
      "rate_limit code-rate_limit_exceeded",
    ],
    [undefined, body({ code: 429, message: "Provider returned error" }), "rate_limit status-429"],
    [undefined, body({ code: "402", message: "x" }), "billing status-402"],
    [undefined, '429 {"error":{"message":"x"}}', "rate_limit status-429"],
  ])("%s %s: %s", (status, errorText, expected) => {
    expect(short({ errorText, ...(status !== undefined && { status }) })).toBe(expected);
  });

  test("numbers of one vendor mean nothing at another", () => {
    expect(short({ status: 400, errorText: zaiOverloaded }, "zai")).toBe("overloaded code-1305");
    expect(short({ status: 400, errorText: body({ code: "1113", message: "x" }) }, "zai")).toBe("billing code-1113");
    expect(short({ status: 400, errorText: body({ code: "1113", message: "x" }) }, "openai")).toBe("format status-400");
    expect(short({ status: 429, errorText: body({ code: "1113", message: "x" }) }, "zai")).toBe("rate_limit status-429-unpaid");
  });
});

describe("the text of an error decides last", () => {
  test.each([
    ["Rate limit reached for requests", "rate_limit text-rate-limit"],
    ["HTTP 500x: model_cooldown", "rate_limit text-rate-limit"],
    ["You exceeded your current quota", "rate_limit text-rate-limit"],
    ["Resource has been exhausted (e.g. check quota).", "rate_limit text-rate-limit"],
    ["Too many concurrent requests", "rate_limit text-rate-limit"],
    ["concurrency limit of 5 reached", "rate_limit text-rate-limit"],
    ["Limit 6000 TPM", "rate_limit text-rate-limit"],
    ["got 429 from upstream", "rate_limit text-rate-limit"],
    ["prompt is too long on tokens per minute", "rate_limit text-rate-limit"],
    ["usage limit reached", "rate_limit text-usage-limit"],
    ["You've reached your weekly (7-day) usage limit", "rate_limit text-periodic-limit"],
    ["daily limit reached", "rate_limit text-periodic-limit"],
    ["monthly spending limit reached: payment required", "billing text-periodic-limit-unpaid"],
    ["The server is overloaded", "overloaded text-overloaded"],
    ["ModelNotReadyException", "overloaded text-overloaded"],
    ["insufficient credits", "billing text-billing"],
    ["This request requires more credits", "billing text-billing"],
    ["Insufficient USD or Diem balance", "billing text-billing"],
    ["error code: 402", "billing status-402"],
    ["402 Payment Required", "billing status-402"],
    ["API key revoked", "auth_permanent text-auth-permanent"],
    ["apikey_deleted", "auth_permanent text-auth-permanent"],
    ["could not validate your credentials", "auth_permanent text-auth-permanent"],
    ["OAuth authentication is not allowed for this organization", "auth_permanent text-auth-permanent"],
    ["Invalid API key", "auth text-auth"],
    ["OAuth token refresh failed", "auth text-auth"],
    ["Missing scope: model.request", "auth text-auth"],
    ["failed to extract account id from token", "auth text-auth"],
    ["got 403 from upstream", "auth text-auth"],
    ["bad gateway", "server text-server-error"],
    ["Service unavailable", "server text-server-error"],
    ["string should match pattern", "format text-format"],
    ["tool call id was x but must be y", "format text-format"],
    ["image exceeds 5 MB maximum: quota", "format text-image-size"],
    ["deadline exceeded", "timeout text-timeout"],
    ["socket hang up", "timeout text-timeout"],
    ["Unhandled stop reason: error", "timeout text-timeout"],
    ["no such session", "session_expired text-session-expired"],
    ["Unknown model: x", "model_not_found text-model-not-found"],
    ["The model `x` does not exist or you do not have access to it", "model_not_found text-model-not-found"],
    ["models/gemini-x is not found for API version v1beta", "model_not_found text-model-not-found"],
    ["something else entirely", "unknown no-rule"],
    ["", "unknown no-rule"],
  ])("%s: %s", (errorText, expected) => {
    expect(short({ errorText })).toBe(expected);
  });

  test("only the first 8 KiB are looked at", () => {
    expect(short({ errorText: `${"x ".repeat(5000)} rate limit` })).toBe("unknown no-rule");
  });

  test("credit words in a long text are in passing, a 402 is not", () => {
    const long = "x ".repeat(300);
    expect(short({ errorText: `${long} credit balance` })).toBe("unknown no-rule");
    expect(short({ errorText: `${long} payment required` })).toBe("billing text-billing");
  });
});

describe("a 402 is about money unless an allowance comes back by itself", () => {
  test.each([
    ["", "billing status-402"],
    ["Insufficient credits", "billing status-402"],
    ["hard limit reached", "billing status-402"],
    ["upgrade your plan to raise the limit, try again later", "billing status-402"],
    ["subscription quota limit, waiting for automatic quota refresh", "rate_limit status-402-limit"],
    ["subscription quota limit in the rolling time window", "rate_limit status-402-limit"],
    ["too many requests", "rate_limit status-402-limit"],
    ["organization usage is high, retry", "rate_limit status-402-limit"],
    ["Daily spend limit; your limit will reset tomorrow", "rate_limit status-402-limit"],
    ["workspace limit exceeded", "rate_limit status-402-limit"],
    [htmlPage, "billing status-402"],
  ])("%s: %s", (errorText, expected) => {
    expect(short({ status: 402, errorText })).toBe(expected);
  });
});

describe("near misses", () => {
  test.each<[string, Outcome, string]>([
    [
      "a success that talks of errors",
      { status: 200, errorText: 'The docs say "error 402" means you must pay; 429 is a rate limit.' },
      "none",
    ],
    [
      "A9: a success of a chat about quotas",
      { status: 200, errorText: JSON.stringify({ choices: [{ message: { content: "quota exceeded" } }] }) },
      "none",
    ],
    ["a success with an empty error field", { status: 200, errorText: JSON.stringify({ error: null, output: "rate limit" }) }, "none"],
    ["a request id that begins with 429", { status: 404, errorText: "request_id: 4290817 went nowhere" }, "unknown no-rule"],
    ["a 429 inside an id", { errorText: "trace a-429-b, req_429, 429.5, 4.429" }, "unknown no-rule"],
    ["a 402 inside a number", { errorText: "code 4021 at line 1402" }, "unknown no-rule"],
    ["the word quotation", { errorText: "bad quotation" }, "unknown no-rule"],
    ["A9: a 401 that talks of quota", { status: 401, errorText: "your quota could not be read" }, "auth status-401"],
    ["a page of a proxy", { status: 403, errorText: htmlPage }, "auth status-403"],
    ["a page without a status", { errorText: htmlPage }, "unknown no-rule"],
    ["a broken body", { status: 400, errorText: '{"error":{"code":"rate_limit_exceeded"' }, "rate_limit text-rate-limit"],
    [
      "a key that was echoed",
      { status: 400, errorText: body({ message: "bad value", param: "quota rate limit 429" }) },
      "format status-400",
    ],
  ])("%s", (_name, outcome, expected) => {
    expect(short(outcome)).toBe(expected);
  });

  test("Alibaba's insufficient_quota is a throttle, and disables nothing", () => {
    for (const provider of ["modelstudio", "qwen-dashscope"]) {
      const failure = classify({ status: 429, errorText: dashscopeThrottled }, provider);
      expect(failure).toMatchObject({ class: "rate_limit", scope: "model", rule: "status-429" });
      expect(failure).not.toHaveProperty("window");
    }
  });

  test("A9: no error body is an error once a model says it", () => {
    for (const said of [groqTooLarge, zaiOverloaded, openaiUnpaid, openaiBadKey, htmlPage, "error 402", "429 Too Many Requests"]) {
      const openai = JSON.stringify({ choices: [{ message: { role: "assistant", content: said } }], usage: {} });
      const anthropic = JSON.stringify({ type: "message", content: [{ type: "text", text: said }] });
      for (const errorText of [openai, anthropic, said.startsWith("{") ? openai : said]) {
        expect(short({ status: 200, errorText })).toBe("none");
      }
    }
  });

  test("a success that carries an error object is judged by its codes alone", () => {
    expect(short({ status: 200, errorText: body({ code: 429, message: "x" }) })).toBe("rate_limit status-429");
    expect(short({ status: 200, errorText: anthropicError("overloaded_error", "x") })).toBe("overloaded code-overloaded_error");
    expect(short({ status: 200, errorText: body({ message: "quota exceeded" }) })).toBe("unknown no-rule");
  });
});

describe("a success that is none", () => {
  const minimax = (code: number, text = "x") => JSON.stringify({ choices: null, base_resp: { status_code: code, status_msg: text } });

  test.each<[string, string, string, string]>([
    ["a code of MiniMax's", "minimax", minimax(1002), "rate_limit code-1002"],
    ["a code of MiniMax's that nobody knows", "minimax", minimax(9999, "rate limit"), "unknown no-rule"],
    ["a code of MiniMax's at somebody else", "openai", minimax(1008), "unknown no-rule"],
    ["MiniMax's code for a success", "minimax", minimax(0, "rate limit"), "none"],
    ["a success that is false", "zai", JSON.stringify({ code: 500, msg: "404 NOT_FOUND", success: false }), "server status-500"],
    [
      "an exception of AWS's",
      "amazon-bedrock",
      JSON.stringify({ throttlingException: { message: "x" } }),
      "rate_limit code-throttling_exception",
    ],
    ["an event of AWS's", "amazon-bedrock", JSON.stringify({ contentBlockDelta: { delta: { text: "ThrottlingException" } } }), "none"],
  ])("%s", (_name, provider, errorText, expected) => {
    expect(short({ status: 200, errorText }, provider)).toBe(expected);
  });
});

describe("what an error holds beside its own words", () => {
  test("an error within the message of another knows more", () => {
    const inner = body({ code: "insufficient_quota", message: "x" });
    for (const message of [inner, `429 ${inner}`, `litellm.RateLimitError: OpenAIException - ${inner}`]) {
      expect(short({ status: 403, errorText: body({ message, type: "invalid_request_error" }) })).toBe("billing code-insufficient_quota");
    }
  });

  test("JSON that a message only quotes is the request's", () => {
    const message = `Invalid JSON in messages[0]: ${body({ code: "insufficient_quota", message: "credit balance" })}`;
    for (const errorText of [message, `Bad request: ${message.slice(28)}`, body({ message })])
      expect(short({ status: 400, errorText })).toBe("format status-400");
    expect(short({ status: 403, errorText: body({ message }) })).toBe("auth status-403");
  });

  test("a code in a header is one, without what follows it", () => {
    const header = (name: string) => (name === "x-amzn-errortype" ? "ThrottlingException:http://internal" : undefined);
    expect(classify({ status: 400, header, errorText: "{}" })).toMatchObject({ class: "rate_limit", providerCode: "ThrottlingException" });
  });

  test.each([
    ["resets_in_seconds", { resets_in_seconds: 90, resets_at: 1 }, 90_000],
    ["a point in time in seconds", { resets_at: now / 1000 + 60 }, 60_000],
    ["a point in time in milliseconds", { reset_at: now + 60_000 }, 60_000],
    ["a duration", { retryDelay: "1.5s" }, 1500],
    ["a time that is past", { resets_at: now / 1000 - 60 }, undefined],
    ["an absurd time", { resets_in_seconds: 1e12 }, undefined],
    ["no time at all", { resets_at: "soon" }, undefined],
    ["a text with a zone", { message: "Your limit resets at 2026-03-01T12:01:00Z" }, 60_000],
    ["a text without one", { message: "Your limit will reset at 2026-03-01 12:01:00" }, undefined],
    ["a text with a delay", { message: "please wait 2 minutes" }, 120_000],
  ])("%s in a body", (_name, error, expected) => {
    const retryAt = classify({ status: 429, errorText: body(error) })?.retryAt;
    expect(retryAt === undefined ? undefined : retryAt - now).toBe(expected);
  });

  test("headers know the time better than a body", () => {
    const header = (name: string) => (name === "retry-after" ? "5" : undefined);
    expect(classify({ status: 429, header, errorText: body({ resets_in_seconds: 90 }) })?.retryAt).toBe(now + 5000);
  });
});

describe("what was thrown", () => {
  const coded = (code: string, message = "x") => Object.assign(new Error(message), { code });

  test.each<[string, unknown, string]>([
    ["a reset connection", coded("ECONNRESET"), "timeout code-ECONNRESET"],
    ["a fetch that failed, by its cause", new TypeError("fetch failed", { cause: coded("ECONNREFUSED") }), "timeout code-ECONNREFUSED"],
    [
      "undici's timeout",
      new TypeError("fetch failed", { cause: coded("UND_ERR_HEADERS_TIMEOUT") }),
      "timeout code-UND_ERR_HEADERS_TIMEOUT",
    ],
    [
      "an expired certificate, which is no expired login",
      coded("CERT_HAS_EXPIRED", "certificate has expired"),
      "timeout code-CERT_HAS_EXPIRED",
    ],
    ["a timeout signal", new DOMException("The operation was aborted due to timeout", "TimeoutError"), "timeout text-timeout"],
    ["an SDK's error with a status", Object.assign(new Error("429 x"), { status: 429 }), "rate_limit status-429"],
    [
      "an SDK's error with a body",
      Object.assign(new Error("x"), { status: 400, error: { error: { code: "context_length_exceeded" } } }),
      "context_overflow code-context_length_exceeded",
    ],
    [
      "an SDK's error with an error object",
      Object.assign(new Error("x"), { status: 403, error: { type: "permission_error" } }),
      "auth_permanent code-permission_error",
    ],
    ["an error with a nested status", new Error("x", { cause: { statusCode: 529 } }), "overloaded status-529"],
    [
      "an AWS error with the status of its answer",
      Object.assign(new Error("x"), { name: "SomeException", $metadata: { httpStatusCode: 429 } }),
      "rate_limit status-429",
    ],
    ["an error with the text of its body", Object.assign(new Error("x"), { body: openaiUnpaid }), "rate_limit unpaid-without-status"],
    [
      "an error with an answer in it",
      Object.assign(new Error("x"), { response: { status: 403, data: { error: { code: "insufficient_quota" } } }, status: 403 }),
      "billing code-insufficient_quota",
    ],
    ["an AWS error by its name", Object.assign(new Error("x"), { name: "ThrottlingException" }), "rate_limit code-throttling_exception"],
    ["a string", "too many requests", "rate_limit text-rate-limit"],
    ["a bug", new TypeError("x is not a function"), "unknown no-rule"],
    ["nothing useful", null, "unknown no-rule"],
    ["a number", 7, "unknown no-rule"],
    ["our refusal of a host", new ProviderError("foreign-host", "x may not be sent to y"), "unknown no-rule"],
    ["our refusal of a value", new ProviderError("secret-unsendable", "x"), "auth credential-unavailable"],
    ["a profile that cannot be had", Object.assign(coded("oauth-expired"), { name: "AuthProfileError" }), "auth credential-unavailable"],
    [
      "a reference that cannot be had",
      Object.assign(coded("reference-unresolved", "rate limit"), { name: "SecretsError" }),
      "auth credential-unavailable",
    ],
  ])("%s", (_name, error, expected) => {
    expect(short({ error })).toBe(expected);
  });

  test.each([
    ["a fetch that was aborted", new DOMException("This operation was aborted", "AbortError")],
    ["undici's abort", Object.assign(new Error("aborted"), { name: "AbortError", code: "UND_ERR_ABORTED" })],
    ["Node's abort", Object.assign(new Error("aborted"), { code: "ABORT_ERR" })],
    ["an abort that was wrapped", new TypeError("terminated", { cause: new DOMException("x", "AbortError") })],
  ])("%s is nobody's failure", (_name, error) => {
    expect(classify({ error })).toBeUndefined();
  });

  test("a chain of causes that bites its tail comes to an end", () => {
    const error = new Error("quota exceeded");
    error.cause = error;
    expect(short({ error })).toBe("rate_limit text-rate-limit");
  });

  test.each([
    ["as Headers", { headers: new Headers({ "Retry-After": "20" }) }],
    ["as a record", { headers: { "retry-after": "20" } }],
    ["of Vercel's SDK", { responseHeaders: { "retry-after": "20" } }],
    ["of an answer within it", { response: { headers: new Headers({ "Retry-After": "20" }) } }],
    ["of its cause", { cause: { headers: { "retry-after": "20" } } }],
  ])("an SDK's headers %s say when to come back", (_name, fields) => {
    expect(classify({ error: Object.assign(new Error("x"), { status: 429 }, fields) })?.retryAt).toBe(now + 20_000);
  });
});

describe("success", () => {
  test.each<Outcome>([
    {},
    { status: 200 },
    { status: 204 },
    { status: 200, errorText: "" },
    { status: 307 },
    { status: 399, errorText: "quota" },
  ])("%j is no failure", (outcome) => {
    expect(classify(outcome)).toBeUndefined();
  });
});

describe("how wide a failure is", () => {
  test.each<[string, Outcome, Partial<Failure>]>([
    ["a rate limit is one model's", { status: 429 }, { scope: "model" }],
    ["a plan's allowance is the account's", { status: 429, errorText: body({ type: "usage_limit_reached" }) }, { scope: "credential" }],
    ["so is a weekly one that only the text tells", { status: 429, errorText: "weekly limit reached" }, { scope: "credential" }],
    ["tokens per day are one model's", { status: 429, errorText: "on tokens per day (TPD): Limit 100" }, { scope: "model" }],
    [
      "an unpaid quota rotates and opens the billing window",
      { status: 429, errorText: openaiUnpaid },
      { class: "rate_limit", scope: "credential", window: "billing" },
    ],
    ["also in words", { status: 429, errorText: "Insufficient quota" }, { class: "rate_limit", scope: "credential", window: "billing" }],
    ["also in a stream, without its status", { errorText: openaiUnpaid }, { class: "rate_limit", scope: "credential", window: "billing" }],
    ["a 402 is the account's", { status: 402 }, { class: "billing", scope: "credential" }],
    ["so is its limit", { status: 402, errorText: "too many requests" }, { class: "rate_limit", scope: "credential" }],
    ["a refused key is the credential's", { status: 401 }, { scope: "credential" }],
    ["an overload is the provider's", { status: 529 }, { scope: "provider" }],
    ["a broken server is the provider's", { status: 500 }, { scope: "provider" }],
    ["a timeout is the provider's", { status: 408 }, { scope: "provider" }],
    ["a bad request is one model's", { status: 400 }, { scope: "model" }],
    ["an unknown failure is one model's", { status: 418 }, { scope: "model" }],
  ])("%s", (_name, outcome, expected) => {
    expect(classify(outcome)).toMatchObject(expected);
  });

  test.each([401, 402, 403, 429])("nothing is about all of an aggregator, not even a %d", (status) => {
    for (const provider of ["openrouter", "kilocode"]) {
      expect(classify({ status, errorText: openaiUnpaid }, provider)?.scope).toBe("model");
    }
  });
});

describe("what a failure tells", () => {
  test("status, the provider's code, and when to come back", () => {
    const headers: Readonly<Record<string, string>> = { "retry-after": "20" };
    expect(classify({ status: 429, header: (name) => headers[name], errorText: openaiUnpaid })).toEqual({
      class: "rate_limit",
      scope: "credential",
      window: "billing",
      rule: "status-429-unpaid",
      status: 429,
      providerCode: "insufficient_quota",
      retryAt: now + 20_000,
    });
  });

  test("a body's hint, where no header has one", () => {
    expect(classify({ status: 429, errorText: "Please try again in 1m30.5s." })?.retryAt).toBe(now + 90_500);
  });

  test("no code that is not a code: it might be anything the provider echoes", () => {
    const echoed = body({ code: "Some resource has been exhausted", type: "your key is test key one" });
    expect(classify({ status: 429, errorText: echoed })).not.toHaveProperty("providerCode");
  });

  test("that a login for Claude Code is for Claude Code, whatever the status", () => {
    const message = "This credential is only authorized for use with Claude Code and cannot be used for other API requests.";
    for (const status of [400, 401, 403]) {
      const failure = classify({ status, errorText: anthropicError("invalid_request_error", message) }, "anthropic");
      expect(failure).toMatchObject({ class: "auth", rule: "claude-code-only", scope: "credential" });
    }
  });

  test("the same without a provider that is known", () => {
    expect(classifyFailure({ status: 429 }, undefined, now)).toMatchObject({ class: "rate_limit", rule: "status-429" });
  });
});

test("every status from 400 to 599 has a class, with any body", () => {
  for (let status = 400; status < 600; status += 1) {
    for (const errorText of [undefined, "", "x", "{}", "[]", "null", "{", htmlPage, openaiUnpaid]) {
      expect(classify({ status, ...(errorText !== undefined && { errorText }) })?.class).toBeDefined();
    }
  }
});

test("hostile texts are judged in linear time", () => {
  const started = performance.now();
  const pieces = [
    "model ",
    "api key ",
    "image ",
    "daily/",
    "session ",
    "could not validate ",
    "failed to parse ",
    "{[",
    "<html",
    "error: ",
    " ",
  ];
  for (const piece of pieces) {
    classify({ status: 400, errorText: piece.repeat(100_000) });
    classify({ errorText: piece.repeat(100_000) });
  }
  expect(performance.now() - started).toBeLessThan(1000);
});

import { Secret, SecretsError, systemClock, type Candidate, type Credential } from "@openclaw/secrets";
import {
  anthropicError,
  anthropicMessage,
  manualClock,
  openaiCompletion,
  openaiError,
  openaiStream,
  sseEvent,
  startFakeProvider,
  type FakeProvider,
  type Reply,
} from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { customSpec } from "./custom-spec.ts";
import { probe, type ProbeOptions } from "./probe.ts";
import type { ProbeFetch } from "./probe/ask.ts";
import type { ApiKind } from "./spec.ts";

const KEY = "test-key-one";

let provider: FakeProvider;
beforeEach(async () => {
  provider = await startFakeProvider();
});
afterEach(() => provider.close());

function candidateOf(resolve: Candidate["resolve"], more: Partial<Candidate> = {}): Candidate {
  return { ...info(), via: "profile", resolve, ...more };
}

function info() {
  return {
    id: "mine",
    provider: "mine",
    origin: "MINE_API_KEY",
    billing: "metered" as const,
    hosts: [provider.origin, "https://llm.example"],
  };
}

function key(value = KEY, kind: "api-key" | "bearer" = "api-key"): Credential {
  return { ...info(), generation: 0, kind, secret: Secret.of(value) };
}

function run(options: Partial<ProbeOptions> & { readonly api?: ApiKind } = {}) {
  const { api = "openai-completions", ...more } = options;
  return probe({
    spec: customSpec({ id: "mine", api, baseUrl: provider.url }),
    baseUrl: new URL(provider.url),
    model: "m",
    candidate: candidateOf(() => key()),
    timeoutMs: 8000,
    maxTokens: 8,
    fetch,
    clock: systemClock,
    ...more,
  });
}

/** A `fetch` that answers with this body, read as slowly as it likes. */
function answering(status: number, body: AsyncIterable<Uint8Array> | null, headers: Record<string, string> = {}): ProbeFetch {
  return async () => ({ status, headers: new Headers(headers), body });
}

async function* chunksOf(...chunks: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Sends this much and then nothing more, without an end. */
async function* hanging(text: string, sent: () => void): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
  sent();
  await new Promise(() => undefined);
}

describe("an answer with an error status", () => {
  test.each<[number, Reply, string, string]>([
    [401, { body: openaiError("Incorrect API key", undefined, "invalid_api_key") }, "auth", "HTTP 401: Incorrect API key"],
    [402, { body: openaiError("Insufficient credits") }, "billing", "HTTP 402: Insufficient credits"],
    [403, { body: openaiError("Access denied") }, "auth", "HTTP 403: Access denied"],
    [403, { body: openaiError("too many", undefined, "rate_limit_exceeded") }, "rate_limit", "HTTP 403: too many"],
    [
      404,
      { body: openaiError("The model `m` does not exist", undefined, "model_not_found") },
      "format",
      "HTTP 404: The model `m` does not exist",
    ],
    [400, { body: openaiError("max_tokens is too small") }, "format", "HTTP 400: max_tokens is too small"],
    [408, { body: "slow" }, "timeout", "HTTP 408: slow"],
    [410, { body: openaiError("session has expired") }, "auth", "HTTP 410: session has expired"],
    [429, { body: openaiError("Rate limit reached") }, "rate_limit", "HTTP 429: Rate limit reached"],
    [500, { body: openaiError("oops") }, "timeout", "HTTP 500: oops"],
    [502, { body: "<html><body>Bad gateway 401</body></html>" }, "timeout", "HTTP 502"],
    [503, { body: openaiError("we are overloaded") }, "rate_limit", "HTTP 503: we are overloaded"],
    [529, { body: anthropicError("Overloaded", "overloaded_error") }, "rate_limit", "HTTP 529: Overloaded"],
    [418, { body: "\u001b[31mteapot\u001b[0m\u0008\nsecond line" }, "unknown", "HTTP 418: teapot second line"],
    [401, {}, "auth", "HTTP 401"],
  ])("%i is %j", async (status, reply, expected, error) => {
    provider.setReplies(KEY, [{ status, ...reply }]);
    expect(await run()).toMatchObject({ status: expected, httpStatus: status, error, latencyMs: expect.any(Number) });
    expect(provider.keysSeen()).toEqual([KEY]);
  });

  test("tells by which rule, and when the provider says to come back", async () => {
    provider.setReplies(KEY, [{ status: 429, headers: { "retry-after": "30" }, body: openaiError("slow down") }]);
    const before = Date.now();
    const { failure } = await run();
    expect(failure).toMatchObject({ class: "rate_limit", rule: "status-429" });
    expect(failure?.retryAt).toBeGreaterThanOrEqual(before + 29_000);
  });

  test("shows no key, nor the ends of one", async () => {
    provider.setReplies(KEY, [
      {
        status: 401,
        body: openaiError(`Incorrect API key: ${KEY}, also known as test-ke***********one (${Buffer.from(KEY).toString("base64")})`),
      },
    ]);
    const { error } = await run();
    expect(error).toBe("HTTP 401: Incorrect API key: [redacted], also known as [redacted] ([redacted])");
  });

  test("is bounded, however much there is to read", async () => {
    provider.setReplies(KEY, [{ status: 400, body: openaiError("x".repeat(1000)) }]);
    expect((await run()).error).toHaveLength("HTTP 400: ".length + 301);
  });

  test("keeps its status when the rest of it never comes", async () => {
    const clock = manualClock();
    const sent = Promise.withResolvers<void>();
    const running = run({ clock, fetch: answering(401, hanging("{", sent.resolve)) });
    await sent.promise;
    clock.advance(8000);
    expect(await running).toMatchObject({ status: "auth", httpStatus: 401, latencyMs: 8000 });
  });

  test("Anthropic's refusal of a login for Claude Code says what to use", async () => {
    const refusal = anthropicError(
      "This credential is only authorized for use with Claude Code and cannot be used",
      "invalid_request_error",
    );
    provider.setReplies(KEY, [{ status: 400, body: refusal }]);
    expect(await run({ api: "anthropic-messages" })).toMatchObject({ status: "auth", hint: expect.stringContaining("API key") });
  });
});

describe("an answer that says it is none", () => {
  const redirect = { status: 302, headers: { location: "https://elsewhere.example/login?key=test-key-one" } };

  test("a redirect is not followed", async () => {
    provider.setReplies(KEY, [redirect]);
    expect(await run()).toMatchObject({
      status: "unknown",
      httpStatus: 302,
      error: "HTTP 302: a redirect to https://elsewhere.example, which is not followed",
    });
  });

  test.each<[string, Reply, string, string]>([
    ["an error object", { body: openaiError("Rate limit reached", undefined, "rate_limit_exceeded") }, "rate_limit", "Rate limit reached"],
    ["an error object without a known code", { body: { error: { message: "nope" } } }, "unknown", "nope"],
    ["an error event", { stream: [sseEvent({ error: { message: "full", code: "overloaded_error" } })] }, "rate_limit", "full"],
    ["a web page", { body: "<!DOCTYPE html><p>Welcome to the hotel</p>" }, "unknown", "a web page"],
    ["no JSON", { body: "OK" }, "unknown", "something that is no JSON: OK"],
    ["other JSON", { body: { status: "up" } }, "unknown", 'JSON that is no answer of openai-completions: {"status":"up"}'],
    ["nothing", { body: "" }, "unknown", "nothing in it"],
    ["204 and nothing", { status: 204 }, "unknown", "nothing in it"],
    ["half an answer", { body: '{"choices":[{"mess' }, "unknown", "something that is no JSON"],
    ["an empty stream", { stream: [": ping\n\n"] }, "unknown", "a stream without an answer"],
  ])("%s in a success", async (_name, reply, status, error) => {
    provider.setReplies(KEY, [reply]);
    expect(await run()).toMatchObject({ status, error: expect.stringContaining(error) });
  });

  test("no timer is left behind", async () => {
    const clock = manualClock();
    provider.setReplies(KEY, [{ body: openaiCompletion("hi") }]);
    await run({ clock });
    expect(clock.sleeping()).toEqual([]);
  });

  test("what a model said is not looked at", async () => {
    provider.setReplies(KEY, [{ body: openaiCompletion("error 401 unauthorized: rate limit, quota exceeded") }]);
    expect(await run()).toMatchObject({ status: "ok" });
  });

  test("more than 64 KiB are not read", async () => {
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      while (sent < 1_048_576) {
        sent += 16_384;
        yield Buffer.alloc(16_384, "x");
      }
    }
    expect(await run({ fetch: answering(200, endless()) })).toMatchObject({
      status: "unknown",
      error: expect.stringContaining("more than"),
    });
    expect(sent).toBe(65_536);
  });
});

describe("an answer of each interface is ok", () => {
  test.each<[ApiKind, Reply]>([
    ["openai-completions", { body: openaiCompletion("hi") }],
    ["openai-completions", { stream: openaiStream(["hi"]) }],
    ["github-copilot", { body: openaiCompletion("hi") }],
    ["mistral-conversations", { body: openaiCompletion("hi") }],
    ["openai-responses", { body: { object: "response", status: "incomplete", error: null, output: [] } }],
    ["azure-openai-responses", { body: { object: "response", error: null, output: [] } }],
    ["anthropic-messages", { body: anthropicMessage("hi") }],
    ["google-generative-ai", { body: { candidates: [{ finishReason: "MAX_TOKENS" }] } }],
    ["google-vertex", { body: { usageMetadata: { promptTokenCount: 1 } } }],
    ["google-gemini-cli", { body: { response: { candidates: [] } } }],
    ["bedrock-converse-stream", { body: { output: { message: {} }, stopReason: "max_tokens" } }],
    ["ollama", { body: { message: { role: "assistant", content: "hi" }, done: true } }],
    ["openai-codex-responses", { stream: [sseEvent({ type: "response.created" }), sseEvent({ type: "response.output_text.delta" })] }],
    ["search", { body: { results: [] } }],
  ])("%s", async (api, reply) => {
    provider.setReplies(KEY, [reply]);
    const service = { ...customSpec({ id: "mine", api, baseUrl: provider.url }), probe: { method: "GET", path: "usage" } as const };
    expect(await run({ api, ...(api === "search" && { spec: service }) })).toEqual({
      status: "ok",
      httpStatus: 200,
      latencyMs: expect.any(Number),
    });
    expect(provider.hits).toHaveLength(1);
  });

  test("a stream is read to its first content and no further", async () => {
    const events = [sseEvent({ type: "response.created" }), sseEvent({ type: "response.output_text.delta" })];
    provider.setReplies(KEY, [{ stream: events, afterHeaders: "hang" }]);
    expect(await run({ api: "openai-codex-responses" })).toMatchObject({ status: "ok" });
    await provider.waitForAborted();
  });

  test("a stream that fails before its first content is no answer", async () => {
    const failed = { type: "response.failed", response: { error: { code: "rate_limit_exceeded", message: "limit" } } };
    provider.setReplies(KEY, [{ stream: [sseEvent({ type: "response.created", response: { error: null } }), sseEvent(failed)] }]);
    expect(await run({ api: "openai-codex-responses" })).toMatchObject({ status: "rate_limit", error: expect.stringContaining("limit") });
  });

  test("a key of Bedrock goes as a bearer token, and what needs a signature is not sent", async () => {
    provider.setReplies(KEY, [{ body: { output: {} } }]);
    expect(await run({ api: "bedrock-converse-stream" })).toMatchObject({ status: "ok" });
    const aws = candidateOf(() => ({ ...info(), generation: 0, kind: "aws" }));
    const result = await run({ api: "bedrock-converse-stream", candidate: aws });
    expect(result).toMatchObject({ status: "unknown", error: expect.stringContaining("AWS signature") });
    expect(provider.hits).toHaveLength(1);
  });
});

describe("no answer", () => {
  test("a provider that does not answer is given up at the deadline", async () => {
    const clock = manualClock();
    provider.setReplies(KEY, [{ beforeHeaders: "hang" }]);
    const running = run({ clock });
    await provider.waitForHit();
    clock.advance(7999);
    expect(clock.sleeping()).toHaveLength(1);
    clock.advance(1);
    expect(await running).toEqual({ status: "timeout", error: "No answer within 8000 ms.", latencyMs: 8000 });
    expect(clock.sleeping()).toEqual([]);
    await provider.waitForAborted();
  });

  test("so is a fetch that does not heed its signal, and a success that never ends", async () => {
    const clock = manualClock();
    const deaf = run({ clock, fetch: () => new Promise(() => undefined) });
    await clock.waitForSleepers();
    clock.advance(8000);
    expect(await deaf).toMatchObject({ status: "timeout" });

    const sent = Promise.withResolvers<void>();
    const endless = run({ clock, fetch: answering(200, hanging('{"choices":[', sent.resolve)) });
    await sent.promise;
    clock.advance(8000);
    expect(await endless).toMatchObject({ status: "timeout", httpStatus: 200, error: "No answer within 8000 ms." });
  });

  test("a connection that is cut, refused or leads nowhere says so, and by which code", async () => {
    provider.setReplies(KEY, [{ beforeHeaders: "destroy" }]);
    expect(await run()).toMatchObject({
      status: "timeout",
      error: expect.stringMatching(/^The connection to http:\S+ failed \(\w+\)\.$/u),
    });
    const baseUrl = new URL(provider.url);
    await provider.close();
    expect(await run({ baseUrl })).toMatchObject({ status: "timeout", error: expect.stringContaining("(ECONNREFUSED)") });
    const dns: ProbeFetch = () =>
      Promise.reject(new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ENOTFOUND" }) }));
    expect(await run({ fetch: dns })).toMatchObject({ status: "timeout", error: expect.stringContaining("(ENOTFOUND)") });
  });

  test("an error without a code is not quoted, for it may quote a header; one with a hint is ours", async () => {
    const quoting: ProbeFetch = () => Promise.reject(new TypeError(`invalid header: Bearer ${KEY}`));
    const quoted = await run({ fetch: quoting });
    expect(quoted).toMatchObject({ status: "unknown", error: `The connection to ${provider.origin} failed.` });
    const ours = Object.assign(new Error("no permitted address"), { code: "address-refused", hint: "set local" });
    expect(await run({ fetch: () => Promise.reject(ours) })).toMatchObject({ error: "no permitted address", hint: "set local" });
  });

  test("half a success that is cut off is judged by what cut it", async () => {
    async function* cut(): AsyncGenerator<Uint8Array> {
      yield* chunksOf('{"choices":[');
      throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
    }
    expect(await run({ fetch: answering(200, cut()) })).toMatchObject({ status: "timeout", httpStatus: 200 });
  });

  test("an abort is rethrown as it came, before and while", async () => {
    const stop = new AbortController();
    const reason = new Error("enough");
    provider.setReplies(KEY, [{ beforeHeaders: "hang" }]);
    const running = run({ signal: stop.signal });
    await provider.waitForHit();
    stop.abort(reason);
    await expect(running).rejects.toBe(reason);
    await expect(run({ signal: stop.signal })).rejects.toBe(reason);
    expect(provider.hits).toHaveLength(1);
  });

  test("without a model nothing is asked, and the credential is left alone", async () => {
    const candidate = candidateOf(() => {
      throw new Error("resolved");
    });
    expect(await run({ model: undefined, candidate })).toMatchObject({ status: "no_model", reasonCode: "no_model" });
  });
});

describe("a credential that cannot be had", () => {
  const profileError = (code: string, reason?: string) =>
    Object.assign(new Error(`it is ${code}`), { name: "AuthProfileError", code, hint: "log in", ...(reason !== undefined && { reason }) });

  test.each([
    ["a reference that leads nowhere", new SecretsError("reference-unresolved", "it leads nowhere"), "unknown", "unresolved_ref"],
    ["a profile's reference", profileError("ref-unresolved"), "unknown", "unresolved_ref"],
    ["a login that holds one", profileError("ref-policy"), "unknown", "ineligible_profile"],
    ["a blank profile", profileError("profile-unusable", "missing_credential"), "unknown", "missing_credential"],
    ["an expired token", profileError("profile-unusable", "expired"), "unknown", "expired"],
    ["a profile of another mode", profileError("profile-unusable", "mode_mismatch"), "unknown", "ineligible_profile"],
    ["a login that has ended", profileError("oauth-expired"), "auth", "expired"],
    ["one that is refused", profileError("oauth-refresh-rejected"), "auth", "expired"],
    ["one whose refresh is lost", profileError("refresh-indeterminate"), "auth", "expired"],
    ["one that cannot be asked for now", profileError("oauth-unavailable"), "timeout", undefined],
    ["one that others hold", profileError("refresh-busy"), "unknown", undefined],
  ])("%s", async (_name, error, status, reasonCode) => {
    const result = await run({ candidate: candidateOf(() => Promise.reject(error)) });
    expect(result).toMatchObject({ status, error: error.message });
    expect(result.reasonCode).toBe(reasonCode);
    expect(provider.hits).toEqual([]);
  });

  test("what else is thrown is not quoted", async () => {
    const candidate = candidateOf(() => {
      throw new Error(`bad value ${KEY}`);
    });
    expect(await run({ candidate })).toEqual({ status: "unknown", error: "The credential could not be had." });
  });

  test("one that takes too long", async () => {
    const clock = manualClock();
    const running = run({ clock, candidate: candidateOf(() => new Promise(() => undefined)) });
    await clock.waitForSleepers();
    clock.advance(8000);
    expect(await running).toEqual({ status: "timeout", error: "The credential could not be had within 8000 ms." });
  });

  test("one that may not go there is not sent", async () => {
    const candidate = candidateOf(() => ({ ...key(), hosts: ["https://other.example"] }));
    expect(await run({ candidate })).toMatchObject({ status: "unknown", error: expect.stringContaining("may not be sent to") });
    expect(await run({ candidate: candidateOf(() => key("${UNSET}")) })).toMatchObject({ status: "auth" });
    expect(provider.hits).toEqual([]);
  });
});

describe("a refused credential that can be renewed", () => {
  const renewable = (second: () => Credential | Promise<Credential>) =>
    candidateOf(({ rejected }) => (rejected ? second() : key()), { isRenewable: true });
  const refused: Reply = { status: 401, body: openaiError("expired", undefined, "invalid_api_key") };

  test("is renewed and tried once more, as a request would", async () => {
    provider.setReplies(KEY, [refused]);
    provider.setReplies("test-key-two", [{ body: openaiCompletion("hi") }]);
    expect(await run({ candidate: renewable(() => key("test-key-two")) })).toMatchObject({ status: "ok" });
    expect(provider.keysSeen()).toEqual([KEY, "test-key-two"]);
  });

  test.each<[string, () => Credential | Promise<Credential>]>([
    ["there is no other", () => key()],
    ["it cannot be", () => Promise.reject(new Error("down"))],
  ])("stays refused where %s", async (_name, second) => {
    provider.setReplies(KEY, [refused]);
    expect(await run({ candidate: renewable(second) })).toMatchObject({ status: "auth", httpStatus: 401 });
    expect(provider.hits).toHaveLength(1);
  });

  test("is left alone where it cannot be renewed, whatever it would resolve to", async () => {
    provider.setReplies(KEY, [refused]);
    const candidate = candidateOf(({ rejected }) => (rejected ? key("test-key-two") : key()));
    expect(await run({ candidate })).toMatchObject({ status: "auth" });
    expect(provider.keysSeen()).toEqual([KEY]);
  });

  test("a plain key is sent once, and so is one that got another refusal than 401", async () => {
    provider.setReplies(KEY, [refused, { status: 403, body: openaiError("no") }]);
    expect(await run()).toMatchObject({ status: "auth" });
    expect(await run({ candidate: renewable(() => key("test-key-two")) })).toMatchObject({ status: "auth", httpStatus: 403 });
    expect(provider.keysSeen()).toEqual([KEY, KEY]);
  });
});

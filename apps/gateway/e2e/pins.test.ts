import { openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const profile = (key: string, more: object = {}) => ({ type: "api_key", provider: "test", key, ...more });
const store = {
  version: 1,
  profiles: {
    "test:a": profile("test-key-a"),
    "test:me@example.com": profile("test-key-b"),
    "test:blank": profile(""),
    "test:old": { type: "token", provider: "test", token: "test-token-old", expires: 1 },
    "other:x": { type: "api_key", provider: "other", key: "test-key-x" },
  },
};
const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "60" } };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };

/** Two providers, with a fallback from one to the other. `auth` is the configuration's. */
const scene = (
  replies: TestGatewayOptions["replies"] & object,
  auth: object = {},
  { env = {}, profiles = store.profiles }: { readonly env?: Record<string, string>; readonly profiles?: object } = {},
) =>
  start({
    store: { ...store, profiles },
    env,
    config: {
      agents: {
        defaults: { model: { primary: "test/first", fallbacks: ["other/second"] }, models: { "test/first": { alias: "first" } } },
      },
      models: { providers: { test: provider, other: provider } },
      auth,
    },
    replies,
  });
const ask = (model: string) => ({ model, messages: [{ role: "user", content: "hi" }] });

describe("a profile behind the model's name", () => {
  test.each([
    ["provider/model", "test/first@test:me@example.com"],
    ["an alias", "first@test:me@example.com"],
    ["an agent", "openclaw/main@test:me@example.com"],
    ["the default", "openclaw@test:me@example.com"],
  ])("is the one that is asked, and the provider gets the name without it: %s", async (_what, model) => {
    const { post, provider } = await scene({ "test-key-b": [{ body: openaiCompletion("b") }] });
    const response = await post("/v1/chat/completions", ask(model));
    expect([response.status, response.headers.get("x-openclaw-pin")]).toEqual([200, null]);
    expect(provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString()).model])).toEqual([["test-key-b", "first"]]);
  });

  test("counts in x-openclaw-model as well, where a version is no profile", async () => {
    const { post, provider } = await scene({
      "test-key-b": [{ body: openaiCompletion("b") }],
      "test-key-a": [{ body: openaiCompletion("a") }],
    });
    const pinned = { "x-openclaw-model": "test/first@20260115@test:me@example.com" };
    await post("/v1/chat/completions", ask("test/another"), pinned);
    await post("/v1/chat/completions", ask("test/first@20260115"));
    expect(provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString()).model])).toEqual([
      ["test-key-b", "first@20260115"],
      ["test-key-a", "first@20260115"],
    ]);
  });

  test("is asked alone: neither another profile, nor a key, nor another model takes its place", async () => {
    const { post, provider, events } = await scene({ "test-key-b": [limited] }, {}, { env: { TEST_API_KEY: "test-key-env" } });
    const first = await post("/v1/chat/completions", ask("test/first@test:me@example.com"));
    expect([first.status, await first.json()]).toEqual([429, limited.body]);

    const second = await post("/v1/chat/completions", ask("test/first@test:me@example.com"));
    const text = await second.text();
    expect([second.status, Number(second.headers.get("retry-after"))]).toEqual([429, 60]);
    expect(text).toMatch(/#[0-9a-f]{8} for \d+ s/u);
    expect(text).not.toContain("example.com");
    expect(provider.keysSeen()).toEqual(["test-key-b"]);
    expect(events.filter(({ type }) => type === "fallback")).toEqual([]);
  });

  const { "test:old": _flatPlan, ...keys } = store.profiles;

  test("comes first and no more than that where pins are a preference", async () => {
    const { post, provider } = await scene(
      { "test-key-b": [limited], "test-key-a": [limited], "test-key-x": [{ body: openaiCompletion("x") }] },
      { pins: "prefer" },
      { profiles: keys },
    );
    const response = await post("/v1/chat/completions", ask("test/first@test:me@example.com"));
    expect([response.status, response.headers.get("x-openclaw-pin")]).toEqual([200, "passed-over"]);
    expect(provider.keysSeen()).toEqual(["test-key-b", "test-key-a", "test-key-x"]);
  });

  test.each([
    ["passed over", "test:blank", keys, "test-key-a", null],
    ["from a flat plan passed over only to another model", "test:old", store.profiles, "test-key-x", "subscription-to-metered"],
  ])("that cannot be used is %s where pins are a preference", async (_what, pin, profiles, served, crossing) => {
    const answers = Object.fromEntries(["a", "x"].map((name) => [`test-key-${name}`, { body: openaiCompletion(name) }]));
    const { post, provider } = await scene(answers, { pins: "prefer" }, { profiles });
    const { status, headers } = await post("/v1/chat/completions", ask(`test/first@${pin}`));
    expect([status, headers.get("x-openclaw-pin"), headers.get("x-openclaw-billing-crossing")]).toEqual([200, "passed-over", crossing]);
    expect(provider.keysSeen()).toEqual([served]);
  });

  test.each(["strict", "prefer"])("that is not there is an error that says what to do, with nobody's name in it (%s)", async (pins) => {
    const { post, provider } = await scene({}, { pins });
    const response = await post("/v1/chat/completions", ask("test/first@test:gone@example.com"));
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([404, { error: { code: "profile_not_found" } }]);
    expect(text).toContain("test:gone@example.com");
    expect(text).toContain("without @profile");
    expect(text).not.toContain("test:me@example.com");
    expect(provider.hits).toEqual([]);
  });

  test.each([
    ["has expired", "test:old", "expired"],
    ["is another provider's", "other:x", "provider_mismatch"],
  ])("that %s is an error of its own", async (_what, pin, reason) => {
    const { post, provider } = await scene({});
    const response = await post("/v1/chat/completions", ask(`test/first@${pin}`));
    expect([response.status, await response.json()]).toEqual([
      503,
      { error: expect.objectContaining({ code: "profile_unusable", message: expect.stringContaining(reason) }) },
    ]);
    expect(provider.hits).toEqual([]);
  });

  test("neither follows a session nor moves one", async () => {
    const answers = Object.fromEntries(["a", "b"].map((name) => [`test-key-${name}`, { body: openaiCompletion(name) }]));
    const { post, provider } = await scene(answers);
    const session = { "x-openclaw-session-key": "mine" };
    await post("/v1/chat/completions", ask("test/first"), session);
    await post("/v1/chat/completions", ask("test/first@test:me@example.com"), session);
    await post("/v1/chat/completions", ask("test/first"), session);
    expect(provider.keysSeen()).toEqual(["test-key-a", "test-key-b", "test-key-a"]);
  });
});

import { describe, expect, test } from "vitest";
import { testGateways, TOKEN } from "./test-gateway.ts";

const start = testGateways();

const config = {
  agents: {
    defaults: { model: { primary: "test/a", fallbacks: ["other/b"] }, models: { "test/deep/name": { alias: "Deep" } } },
    list: [{ id: "main" }, { id: "ops", model: "other/ops" }],
  },
  gateway: {
    clients: {
      some: { token: "test-client-token-0123456789abcdef0123456789ab", models: ["test/*"] },
    },
  },
  models: {
    providers: {
      test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", models: [{ id: "declared" }] },
      other: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" },
    },
  },
};
const client = "test-client-token-0123456789abcdef0123456789ab";
const anthropic = { "anthropic-version": "2023-06-01" };

async function reader(env: Record<string, string> = {}) {
  const { gateway } = await start({ config, env: { TEST_API_KEY: "test-key-one", ...env } });
  return async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}${path}`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
}

const everything = [
  "openclaw/default",
  "openclaw/main",
  "openclaw/ops",
  "test/a",
  "other/b",
  "other/ops",
  "test/deep/name",
  "test/declared",
];
const allowed = ["openclaw/default", "openclaw/main", "test/a", "test/deep/name", "test/declared"];

describe("the list of models", () => {
  test.each([
    ["the operator", TOKEN, everything],
    ["a client, as far as it may use them", client, allowed],
  ])("is for %s", async (_name, token, expected) => {
    const read = await reader();
    const authorization = `Bearer ${token}`;
    const { body } = await read("/v1/models", { authorization });
    expect(body).toEqual({
      object: "list",
      data: expected.map((id) => ({ id, object: "model", created: 0, owned_by: id.split("/")[0] })),
    });
    const named = expected.map((id) => expect.objectContaining({ type: "model", id, display_name: id }));
    expect((await read("/v1/models?limit=20", { authorization, ...anthropic })).body).toEqual({
      data: named,
      has_more: false,
      first_id: expected[0],
      last_id: expected.at(-1),
    });
    expect((await read("/v1beta/models?pageSize=50", { authorization })).body).toEqual({
      models: expected.map((id) => expect.objectContaining({ name: `models/${id}` })),
    });
  });
});

describe("one model", () => {
  test.each([
    ["test/a", "test"],
    ["test%2Fa", "test"],
    ["test/deep/name", "test"],
    ["test%2Fdeep%2Fname", "test"],
    ["test/nobody/wrote/this", "test"],
    ["openclaw/ops", "openclaw"],
    ["Deep", "openclaw"],
    ["openclaw", "openclaw"],
    ["test/a@test:me+you@example.com", "test"],
  ])("%s is there, like for a request", async (path, owner) => {
    const read = await reader();
    const id = decodeURIComponent(path);
    expect(await read(`/v1/models/${path}`)).toEqual({ status: 200, body: { id, object: "model", created: 0, owned_by: owner } });
    expect((await read(`/v1beta/models/${path}`)).status).toBe(200);
  });

  test("that is named as its vendor names it is the vendor's, where there is a key for it", async () => {
    const read = await reader({ OPENAI_API_KEY: "test-key-two" });
    expect((await read("/v1/models/gpt-x")).status).toBe(200);
    expect((await read("/v1/models/claude-x", anthropic)).status).toBe(404);
    expect((await read("/v1beta/models/gemini-x")).status).toBe(404);
    expect((await read("/v1/models/gpt-x", { authorization: `Bearer ${client}` })).status).toBe(403);
  });

  test("has the shape its client knows", async () => {
    const read = await reader();
    expect((await read("/v1/models/test/a", anthropic)).body).toMatchObject({ type: "model", id: "test/a", display_name: "test/a" });
    expect((await read("/v1beta/models/test/a")).body).toMatchObject({ name: "models/test/a" });
  });

  test.each(["nobody/x", "nonsense", "openclaw/nobody", "claude-x"])("%s is not there, in the shape its client knows", async (id) => {
    const read = await reader();
    expect(await read(`/v1/models/${id}`)).toMatchObject({ status: 404, body: { error: { code: "model_not_found" } } });
    expect(await read(`/v1/models/${id}`, anthropic)).toMatchObject({
      status: 404,
      body: { type: "error", error: { type: "not_found_error" } },
    });
    expect(await read(`/v1beta/models/${id}`)).toMatchObject({ status: 404, body: { error: { code: 404, status: "NOT_FOUND" } } });
  });

  test("that a client may not use is refused as a request for it would be", async () => {
    const read = await reader();
    const authorization = `Bearer ${client}`;
    expect(await read("/v1/models/other/b", { authorization })).toMatchObject({
      status: 403,
      body: { error: { code: "model_not_allowed" } },
    });
    expect((await read("/v1/models/openclaw/ops", { authorization })).status).toBe(403);
    expect((await read("/v1/models/test/anything", { authorization })).status).toBe(200);
  });
});

test.each([
  ["/v1/models", {}, { error: { type: "authentication_error", code: "unauthorized" } }],
  ["/v1/models", anthropic, { type: "error", error: { type: "authentication_error" } }],
  ["/v1/messages/nothing", {}, { type: "error", error: { type: "authentication_error" } }],
  ["/v1beta/models", {}, { error: { code: 401, status: "UNAUTHENTICATED" } }],
  ["/v1beta/nothing", {}, { error: { code: 401, status: "UNAUTHENTICATED" } }],
  ["/nothing", { "x-goog-api-key": "wrong" }, { error: { code: 401, status: "UNAUTHENTICATED" } }],
])("without a token %s tells nothing, in the shape of who asks there (%j)", async (path, headers, body) => {
  const { gateway } = await start({ config });
  const response = await fetch(`${gateway.url}${path}`, { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject(body);
});

test.each([
  ["/v1/nothing", {}, { error: { type: "invalid_request_error", code: "not_found" } }],
  ["/v1/messages/nothing", {}, { type: "error", error: { type: "not_found_error" } }],
  ["/v1beta/nothing", {}, { error: { code: 404, status: "NOT_FOUND" } }],
])("nor is there anything at %s with one", async (path, headers, body) => {
  const read = await reader();
  expect(await read(path, headers)).toMatchObject({ status: 404, body });
});

import { openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, TOKEN, type TestGateway } from "./test-gateway.ts";

const start = testGateways();
const CI = "test-gateway-client-ci-0123456789abcdef0123456789";
const BOSS = "test:boss@example.com";
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const profile = (key: string) => ({ type: "api_key", provider: "test", key });
const everybody = { [BOSS]: profile("test-key-boss"), "test:a": profile("test-key-a"), "test:b@example.com": profile("test-key-b") };
const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "60" } };

/** `test:a` is what would be tried first, and the configuration pins others. */
const scene = (
  replies: NonNullable<Parameters<typeof start>[0]["replies"]>,
  {
    profiles = everybody,
    client = {},
    pins = "strict",
    models = {},
  }: Partial<Record<"profiles" | "client" | "models", object>> & { readonly pins?: string } = {},
) =>
  start({
    store: { version: 1, profiles, order: { test: ["test:a"] } },
    config: {
      auth: { pins },
      agents: {
        defaults: {
          model: { primary: `test/first@${BOSS}`, fallbacks: ["helper"] },
          models: { [`test/first@${BOSS}`]: {}, "test/second@test:b@example.com": { alias: "helper" }, ...models },
        },
      },
      models: { providers: { test: provider } },
      gateway: { clients: { ci: { token: CI, ...client } } },
    },
    replies,
  });

async function chat({ post }: Pick<TestGateway, "post">, content: string, model = "openclaw", more: Record<string, string> = {}) {
  const headers = { authorization: `Bearer ${CI}`, "x-openclaw-session-key": "s", ...more };
  const response = await post("/v1/chat/completions", { model, messages: [{ role: "user", content }] }, headers);
  const text = await response.text();
  expect(text).not.toContain("example.com");
  return { status: response.status, text };
}

const asked = ({ provider: { hits } }: TestGateway) => hits.map(({ key, body }) => [key, JSON.parse(body.toString()).model]);

describe("a profile behind a model of the configuration", () => {
  test("is the one that is asked, and the provider is sent the model alone; its fallbacks go with theirs", async () => {
    const gateway = await scene({ "test-key-boss": [limited], "test-key-b": [{ body: openaiCompletion("b") }] });
    expect((await chat(gateway, "hi")).status).toBe(200);
    expect(asked(gateway)).toEqual([
      ["test-key-boss", "first"],
      ["test-key-b", "second"],
    ]);
  });

  test("stands behind an alias too, and not behind the model that is named itself", async () => {
    const gateway = await scene({ "test-key-b": [{ body: openaiCompletion("b") }], "test-key-a": [{ body: openaiCompletion("a") }] });
    expect([(await chat(gateway, "hi", "helper")).status, (await chat(gateway, "hi", "test/first")).status]).toEqual([200, 200]);
    expect(asked(gateway)).toEqual([
      ["test-key-b", "second"],
      ["test-key-a", "first"],
    ]);
  });

  test("is named to no client: not in /v1/models, by no command and in no error", async () => {
    const gateway = await scene({ "test-key-boss": [limited], "test-key-b": [limited, limited] });
    const response = await fetch(`${gateway.gateway.url}/v1/models`, { headers: { authorization: `Bearer ${CI}` } });
    const { data }: { data: readonly { id: string }[] } = JSON.parse(await response.text());
    expect(data.map(({ id }) => id)).toEqual(["openclaw/default", "openclaw/main", "test/first", "test/second"]);
    for (const command of ["/model", "/model list", "/model status"]) expect((await chat(gateway, command)).text).toContain("test/first");
    expect((await chat(gateway, "/model")).text).toMatch(/Profile: #[0-9a-f]{8} \(pinned\)/u);
    expect((await chat(gateway, "hi")).status).toBe(429);
    expect((await chat(gateway, "hi")).text).toMatch(/#[0-9a-f]{8}/u);
  });

  test("that is gone is an error, whose name the operator alone sees", async () => {
    const gateway = await scene({}, { profiles: { "test:a": profile("test-key-a") } });
    const { status, text } = await chat(gateway, "hi");
    expect([status, JSON.parse(text).error.code]).toEqual([404, "profile_not_found"]);
    const admin = await gateway.post("/v1/chat/completions", { model: "openclaw", messages: [] });
    expect(await admin.text()).toContain(BOSS);
    const seen = await fetch(`${gateway.gateway.url}/api/v1/status`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([seen.status, await seen.text()]).toEqual([200, expect.stringContaining("test/first")]);
    expect(gateway.provider.hits).toEqual([]);
  });

  test("is kept by a session that chooses the model by its alias or number, and by a message alone", async () => {
    const gateway = await scene({
      "test-key-b": Array.from({ length: 3 }, () => ({ body: openaiCompletion("b") })),
      "test-key-boss": [{ body: openaiCompletion("boss") }],
    });
    expect((await chat(gateway, "/model helper")).text).toMatch(
      /pinned to test\/second.* with the profile #[0-9a-f]{8}|pinned to helper.* with the profile #[0-9a-f]{8}/u,
    );
    await chat(gateway, "hi");
    await chat(gateway, "/model 2");
    await chat(gateway, "hi");
    expect((await chat(gateway, "/model default")).text).toContain("pinned to nothing");
    await chat(gateway, "hi");
    await chat(gateway, "/model helper hi");
    expect(asked(gateway).map(([key]) => key)).toEqual(["test-key-b", "test-key-b", "test-key-boss", "test-key-b"]);
  });

  test("that a client may not use is refused, or passed over in a fallback and where pins are a preference", async () => {
    const strict = await scene({ "test-key-boss": [limited] }, { client: { profiles: ["test:a"] } });
    const { status, text } = await chat(strict, "hi");
    expect([status, JSON.parse(text).error.code]).toEqual([403, "profile_not_allowed"]);
    expect((await chat(strict, "/model helper")).text).toContain("a profile that you may not use");

    const boss = await scene({ "test-key-boss": [limited] }, { client: { profiles: [BOSS] } });
    expect((await chat(boss, "hi")).status).toBe(429);
    expect(asked(boss)).toEqual([["test-key-boss", "first"]]);

    const prefer = await scene({ "test-key-a": [{ body: openaiCompletion("a") }] }, { client: { profiles: ["test:a"] }, pins: "prefer" });
    expect((await chat(prefer, "hi")).status).toBe(200);
  });

  test("in the models of a client keeps the gateway from starting: it would allow more than it says", async () => {
    await expect(scene({}, { client: { models: [`test/first@${BOSS}`] } })).rejects.toMatchObject({
      code: "client-invalid",
      hint: expect.stringContaining("gateway.clients.ci.profiles"),
    });
  });
});

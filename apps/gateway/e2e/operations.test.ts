import { rm } from "node:fs/promises";
import { join } from "node:path";
import { manualClock, openaiCompletion, openaiError, openaiStream } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { TOKEN, testGateways, type TestGateway } from "./test-gateway.ts";

const start = testGateways();
const ask = { model: "test/some-model", messages: [{ role: "user", content: "hi" }] };
const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };
const headers = { authorization: `Bearer ${TOKEN}` };

/** `test` with one declared model, and a client that may read metrics beside one that may not. */
const config = {
  agents: { defaults: { model: "test/some-model" } },
  models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } },
  gateway: {
    clients: {
      prometheus: { token: "test-token-prometheus-0123456789abcdef0123456789", metrics: true },
      other: { token: "test-token-other-0123456789abcdef0123456789abcd" },
    },
  },
};

const readyAnswer = z.object({ status: z.string(), warnings: z.array(z.looseObject({ code: z.string() })) });

async function metricsOf({ gateway }: TestGateway, token: string = TOKEN): Promise<string> {
  const response = await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  expect(response.status).toBe(200);
  return response.text();
}

const lines = (text: string, name: string) => text.split("\n").filter((line) => line.startsWith(`openclaw_${name}`));

describe("metrics", () => {
  test("count requests, attempts, rotations and refusals, and show what cools down", async () => {
    const clock = manualClock();
    const running = await start({
      clock,
      config,
      env: { TEST_API_KEYS: "test-key-one,test-key-two" },
      replies: { "test-key-one": [limited], "test-key-two": [{ body: openaiCompletion("two") }, { stream: openaiStream(["a", "b"]) }] },
    });
    await (await running.post("/v1/chat/completions", ask)).text();
    await (await running.post("/v1/chat/completions", { ...ask, stream: true })).text();
    await (await running.post("/v1/chat/completions", { model: "nobody/knows", messages: [] })).text();
    await (await fetch(`${running.gateway.url}/v1/models`)).text();
    const text = await metricsOf(running);

    expect(lines(text, "requests_total")).toEqual(
      expect.arrayContaining([
        'openclaw_requests_total{route="/v1/chat/completions",client="admin",status="200"} 2',
        'openclaw_requests_total{route="/v1/chat/completions",client="admin",status="404"} 1',
        'openclaw_requests_total{route="/v1/models",client="none",status="401"} 1',
      ]),
    );
    expect(lines(text, "attempts_total").toSorted()).toEqual([
      'openclaw_attempts_total{provider="test",outcome="ok"} 2',
      'openclaw_attempts_total{provider="test",outcome="rate_limit"} 1',
    ]);
    expect(lines(text, "rotations_total")).toEqual(['openclaw_rotations_total{provider="test",reason="rate_limit"} 1']);
    expect(lines(text, "model_answers_total")).toEqual([
      'openclaw_model_answers_total{provider="test",model="some-model",credential_class="metered",status="2xx"} 2',
    ]);
    expect(lines(text, "refused_total").toSorted()).toEqual([
      'openclaw_refused_total{code="model_not_found"} 1',
      'openclaw_refused_total{code="unauthorized"} 1',
    ]);
    expect(lines(text, "cooldowns{")).toEqual(['openclaw_cooldowns{provider="test",reason="rate_limit"} 1']);
    expect(lines(text, "credentials{")).toContain('openclaw_credentials{provider="test",state="ok"} 2');
    expect(lines(text, "first_byte_seconds_count")).toEqual(['openclaw_first_byte_seconds_count{provider="test"} 2']);
    // The one that asks is under way.
    expect(lines(text, "requests_in_flight")).toEqual(["openclaw_requests_in_flight 1"]);
    expect(lines(text, "ready")).toEqual(["openclaw_ready 1"]);
    expect(lines(text, "model_ready")).toEqual(['openclaw_model_ready{provider="test",model="some-model"} 1']);

    clock.advance(3_600_000);
    expect(lines(await metricsOf(running), "cooldowns{")).toEqual([]);
  });

  test("have no label that a client makes up, whatever it asks for", async () => {
    const running = await start({
      config,
      env: { TEST_API_KEY: "test-key-one" },
      replies: { "test-key-one": { body: openaiCompletion("one"), repeat: true } },
    });
    for (let count = 0; count < 50; count += 1) {
      await (await running.post("/v1/chat/completions", { ...ask, model: `test/made-up-${count}` })).text();
      await (await fetch(`${running.gateway.url}/made-up-${count}`, { method: "PUT", headers })).text();
    }
    const text = await metricsOf(running);
    expect(text).not.toContain("made-up");
    expect(lines(text, "model_answers_total")).toEqual([
      'openclaw_model_answers_total{provider="test",model="other",credential_class="metered",status="2xx"} 50',
    ]);
    expect(lines(text, "requests_total")).toContain('openclaw_requests_total{route="none",client="admin",status="404"} 50');
  });

  test("name no account, and how many of them work and when the first ends", async () => {
    const clock = manualClock();
    const [day, now] = [86_400_000, clock.now()];
    const running = await start({
      clock,
      config,
      store: {
        version: 1,
        profiles: {
          "test:me@example.com": { type: "token", provider: "test", token: "test-token-one", expires: now + day / 2 },
          "test:old@example.com": { type: "token", provider: "test", token: "test-token-two", expires: now - day },
          "test:key": { type: "api_key", provider: "test", key: "test-key-one" },
        },
      },
    });
    const text = await metricsOf(running);
    expect(lines(text, "credentials{").toSorted()).toEqual(
      ["expired", "expiring", "missing", "ok"].map(
        (state) => `openclaw_credentials{provider="test",state="${state}"} ${state === "missing" ? 0 : 1}`,
      ),
    );
    expect(lines(text, "soonest_expiry_seconds")).toEqual(['openclaw_soonest_expiry_seconds{provider="test"} -86400']);
    expect(text).not.toContain("example.com");
    expect(text).not.toContain("test:");
  });

  test("are for the operator, and for a client whose entry says so", async () => {
    const running = await start({ config, env: {} });
    const status = async (token?: string) =>
      (await fetch(`${running.gateway.url}/metrics`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })).status;
    expect([
      await status(),
      await status("test-token-other-0123456789abcdef0123456789abcd"),
      await status("test-token-prometheus-0123456789abcdef0123456789"),
      await status(TOKEN),
    ]).toEqual([401, 403, 200, 200]);
  });
});

describe("readiness", () => {
  const readyz = async ({ gateway }: TestGateway, token?: string) => {
    const response = await fetch(`${gateway.url}/readyz`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } });
    return [response.status, await response.json()];
  };

  test("says no more than yes or no without the gateway's own token", async () => {
    const running = await start({ config, env: {} });
    expect(await readyz(running)).toEqual([503, { status: "not-ready" }]);
    expect(await readyz(running, "test-token-other-0123456789abcdef0123456789abcd")).toEqual([503, { status: "not-ready" }]);
    expect(await readyz(running, TOKEN)).toEqual([
      503,
      {
        status: "not-ready",
        reasons: [
          {
            code: "no-usable-credential",
            what: "no provider has a credential that works, those of the configured models included: test/some-model",
            fix: "openclaw models status",
          },
        ],
        warnings: [],
      },
    ]);
  });

  test("a default model without a credential is a warning where others can be asked", async () => {
    const running = await start({
      config: { ...config, agents: { defaults: { model: "groq/some-model" } } },
      env: { TEST_API_KEY: "test-key-one" },
    });
    expect(await readyz(running)).toEqual([200, { status: "ready" }]);
    expect(await readyz(running, TOKEN)).toMatchObject([
      200,
      { warnings: [{ code: "default-model-unusable", fix: "openclaw models auth explain groq/some-model" }] },
    ]);
  });

  test("a credential that cools down is a warning: it comes back by itself", async () => {
    const clock = manualClock();
    const running = await start({
      clock,
      config,
      env: { TEST_API_KEY: "test-key-one" },
      replies: { "test-key-one": [{ ...limited, headers: { "retry-after": "60" } }] },
    });
    expect(await readyz(running, TOKEN)).toEqual([200, { status: "ready", reasons: [], warnings: [] }]);
    await (await running.post("/v1/chat/completions", ask)).text();
    expect(await readyz(running)).toEqual([200, { status: "ready" }]);
    expect(await readyz(running, TOKEN)).toMatchObject([
      200,
      { warnings: [{ code: "default-model-cooling", fix: "openclaw models status" }] },
    ]);
  });

  test("a credential that is refused for good or unpaid is a warning with what helps, as long as it is left alone", async () => {
    const clock = manualClock();
    const revoked = { status: 403, body: openaiError("This API key has been revoked", "invalid_request_error", "api_key_revoked") };
    const unpaid = { status: 402, body: openaiError("Insufficient credits", "billing", "insufficient_credits") };
    const running = await start({
      clock,
      config,
      env: { TEST_API_KEYS: "test-key-last" },
      store: {
        version: 1,
        profiles: {
          "test:gone": { type: "api_key", provider: "test", key: "test-key-gone" },
          "test:poor one": { type: "api_key", provider: "test", key: "test-key-poor" },
        },
      },
      replies: { "test-key-gone": [revoked], "test-key-poor": [unpaid], "test-key-last": [unpaid] },
    });
    await (await running.post("/v1/chat/completions", ask)).text();
    const until = new Date(clock.now() + 600_000).toISOString();
    const [, answer] = await readyz(running, TOKEN);
    const { status, warnings } = readyAnswer.parse(answer);
    expect(status).toBe("ready");
    expect(warnings.filter(({ code }) => code.startsWith("credential-"))).toEqual([
      {
        code: "credential-refused",
        what: `test:gone was refused for good by test, and is left alone until ${until}`,
        fix: "put another one in its place; if it is good after all, openclaw models auth clear-cooldown test:gone",
      },
      {
        code: "credential-unpaid",
        what: `test:poor one has no credit or quota left at test, and is left alone until ${until}`,
        fix: "pay, then openclaw models auth clear-cooldown 'test:poor one'",
      },
      {
        code: "credential-unpaid",
        what: expect.stringMatching(/^TEST_API_KEYS(?:\[1\])? #[0-9a-f]{8} has no credit/u),
        fix: expect.stringMatching(/^pay, then openclaw models auth clear-cooldown '#[0-9a-f]{8}'$/u),
      },
    ]);
    clock.advance(86_400_000);
    expect(await readyz(running, TOKEN)).toEqual([200, { status: "ready", reasons: [], warnings: [] }]);
  });

  test("files that cannot be taken over are a warning until they are mended", async () => {
    const running = await start({ config, env: { TEST_API_KEY: "test-key-one" } });
    await expect(running.gateway.reload()).resolves.toMatchObject({ outcome: "swapped" });
    await running.home.write(".openclaw/agents/main/agent/auth-profiles.json", "{");
    await expect.poll(() => readyz(running, TOKEN), { timeout: 5_000 }).toMatchObject([200, { warnings: [{ code: "reload-failed" }] }]);
    await running.home.write(".openclaw/agents/main/agent/auth-profiles.json", '{"version":1,"profiles":{}}');
    await expect.poll(() => readyz(running, TOKEN), { timeout: 5_000 }).toMatchObject([200, { warnings: [] }]);
  });
});

describe("a configuration that is gone", () => {
  const file = ".openclaw/openclaw.json";

  test("stays in effect, clients and addresses too, and readiness says how to go on", async () => {
    const running = await start({
      config,
      env: { TEST_API_KEY: "test-key-one" },
      replies: { "test-key-one": { body: openaiCompletion("one"), repeat: true } },
    });
    const text = await running.home.read(file);
    await rm(join(running.home.path, file));
    await expect
      .poll(() => running.events, { timeout: 5_000 })
      .toContainEqual({
        type: "reload-failed",
        message: `${join(running.home.path, file)} was there and is gone`,
        hint: "put it back, or restart to go on without one",
      });
    expect((await running.post("/v1/chat/completions", { ...ask, model: "openclaw" })).status).toBe(200);
    const client = { authorization: "Bearer test-token-prometheus-0123456789abcdef0123456789" };
    expect((await fetch(`${running.gateway.url}/metrics`, { headers: client })).status).toBe(200);
    const warnings = async () => {
      const answer: unknown = await (await fetch(`${running.gateway.url}/readyz`, { headers })).json();
      return answer;
    };
    expect(await warnings()).toMatchObject({
      status: "ready",
      warnings: [{ code: "reload-failed", fix: "put it back, or restart to go on without one" }],
    });
    await running.home.write(file, text);
    await expect.poll(warnings, { timeout: 5_000 }).toMatchObject({ warnings: [] });
  });
});

describe("the id of a request", () => {
  test("is in the answer and in everything told of the request, beside the provider's own", async () => {
    const running = await start({
      config,
      env: { TEST_API_KEYS: "test-key-one,test-key-two" },
      replies: {
        "test-key-one": [{ ...limited, headers: { "x-request-id": "req_limited" } }],
        "test-key-two": [{ body: openaiCompletion("two"), headers: { "x-request-id": "req_two" } }],
      },
    });
    const response = await running.post("/v1/chat/completions", ask, { "x-request-id": "from-the-client.1" });
    await response.text();
    const id = response.headers.get("x-openclaw-request-id");
    expect(id).toMatch(/^[0-9a-f]{10}-[0-9a-z]+$/u);
    expect(response.headers.get("x-request-id")).toBe("req_two");
    expect(running.events.map((event) => [event.type, "requestId" in event && event.requestId])).toEqual([
      ["failed", id],
      ["cooling", id],
      ["rotated", id],
    ]);
    await expect
      .poll(() => running.requests)
      .toMatchObject([{ id, clientRequestId: "from-the-client.1", upstreamRequestId: "req_two", model: "test/some-model" }]);
  });

  test("is in errors of the gateway's own, and no client chooses what is told", async () => {
    const running = await start({ config, env: { TEST_API_KEY: "test-key-one" } });
    const response = await running.post(
      "/v1/chat/completions",
      { model: "nobody/knows", messages: [] },
      { "x-request-id": "two words {}" },
    );
    await response.text();
    const id = response.headers.get("x-openclaw-request-id");
    expect(running.events).toMatchObject([{ type: "refused", code: "model_not_found", client: "admin", requestId: id }]);
    await expect.poll(() => running.requests).toMatchObject([{ id, clientRequestId: undefined }]);
  });
});

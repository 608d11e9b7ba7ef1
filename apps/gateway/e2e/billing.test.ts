import { anthropicError, anthropicMessage, manualClock, openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();
const FLAT = `sk-ant-oat01-${"test".repeat(20)}`;
const limited = { status: 429, body: anthropicError("slow down", "rate_limit_error"), headers: { "retry-after": "90" } };
const answered = { body: anthropicMessage("hello"), repeat: true };
const ask = { model: "anthropic/claude", max_tokens: 1, messages: [{ role: "user", content: "hi" }] };

/** A setup-token before a key of the environment. */
async function scene(options: Partial<TestGatewayOptions> = {}) {
  const clock = manualClock();
  const gateway = await start({
    clock,
    config: { models: { providers: { anthropic: { baseUrl: "@PROVIDER@" } } } },
    store: { version: 1, profiles: { "anthropic:flat": { type: "token", provider: "anthropic", token: FLAT } } },
    env: { ANTHROPIC_API_KEY: "test-key-metered" },
    ...options,
  });
  async function send(body: object = ask): Promise<readonly [number, string | null, string | null]> {
    const { status, headers } = await gateway.post("/v1/messages", body);
    return [status, headers.get("x-openclaw-credential-class"), headers.get("x-openclaw-billing-crossing")];
  }
  const crossings = () => gateway.events.flatMap((event) => (event.type === "billing-crossing" ? [`${event.from} to ${event.to}`] : []));
  return { ...gateway, clock, send, crossings };
}

const flat = [200, "subscription", null];
const crossed = [200, "metered", "subscription-to-metered"];

describe("from a flat plan to what is paid per token", () => {
  test("is said in every answer, told once, and told again when it is over", async () => {
    const { send, crossings, clock } = await scene({ replies: { [FLAT]: [answered, limited, answered], "test-key-metered": answered } });
    expect(await send()).toEqual(flat);
    expect([await send(), await send(), await send()]).toEqual([crossed, crossed, crossed]);
    expect(crossings()).toEqual(["subscription to metered"]);

    clock.advance(91_000);
    expect(await send()).toEqual(flat);
    expect(crossings()).toEqual(["subscription to metered", "metered to subscription"]);
  });

  test("is told again after it was over", async () => {
    const { send, crossings, clock } = await scene({ replies: { [FLAT]: [limited, answered, limited], "test-key-metered": answered } });
    expect(await send()).toEqual(crossed);
    clock.advance(91_000);
    expect([await send(), await send()]).toEqual([flat, crossed]);
    expect(crossings()).toEqual(["subscription to metered", "metered to subscription", "subscription to metered"]);
  });

  test("is told once where both serve in turns", async () => {
    const { send, crossings, clock } = await scene({ replies: { [FLAT]: [limited, answered], "test-key-metered": answered } });
    expect(await send()).toEqual(crossed);
    // Another model is not limited.
    for (let turn = 0; turn < 3; turn += 1) {
      expect([await send({ ...ask, model: "anthropic/other" }), await send()]).toEqual([flat, crossed]);
      clock.advance(20_000);
    }
    expect(crossings()).toEqual(["subscription to metered"]);
  });

  test("never happens with an explicit order, which is an error instead", async () => {
    const { send, crossings, provider, home, gateway } = await scene({ replies: { [FLAT]: [limited], "test-key-metered": answered } });
    await home.write(
      ".openclaw/agents/main/agent/auth-profiles.json",
      JSON.stringify({
        version: 1,
        profiles: {
          "anthropic:flat": { type: "token", provider: "anthropic", token: FLAT },
          "anthropic:key": { type: "api_key", provider: "anthropic", key: "test-key-stored" },
        },
        order: { anthropic: ["anthropic:flat", "anthropic:key"] },
      }),
    );
    await gateway.reload();
    expect(await send()).toEqual([429, "subscription", null]);
    expect(provider.keysSeen()).toEqual([FLAT]);
    expect(crossings()).toEqual([]);
  });

  test("by a fallback model is said too", async () => {
    const provider = { baseUrl: "@PROVIDER@", api: "anthropic-messages" };
    const { send, crossings, events } = await scene({
      env: { OTHER_API_KEY: "test-key-other" },
      config: {
        agents: { defaults: { model: { primary: "anthropic/claude", fallbacks: ["other/m"] } } },
        models: { providers: { anthropic: { baseUrl: "@PROVIDER@" }, other: provider } },
      },
      replies: { [FLAT]: [limited], "test-key-other": answered },
    });
    expect([await send(), await send()]).toEqual([crossed, crossed]);
    expect(crossings()).toEqual(["subscription to metered"]);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "billing-crossing",
        asked: "anthropic/claude",
        answered: "other/m",
        candidate: expect.objectContaining({ origin: "OTHER_API_KEY" }),
      }),
    );
  });

  test("is not what an answer does that failed", async () => {
    const broken = { status: 500, body: anthropicError("broken", "api_error"), repeat: true };
    const { send, crossings } = await scene({ replies: { [FLAT]: [limited], "test-key-metered": broken } });
    expect(await send()).toEqual([500, "metered", null]);
    expect(crossings()).toEqual([]);
  });
});

test("keys that follow keys cross nothing", async () => {
  const { post, events } = await start({
    env: { TEST_API_KEYS: "test-key-one test-key-two" },
    replies: { "test-key-one": [{ status: 429, body: openaiError("slow down") }], "test-key-two": [{ body: openaiCompletion("two") }] },
  });
  const { headers } = await post("/v1/chat/completions", { model: "test/m" });
  expect([headers.get("x-openclaw-credential-class"), headers.get("x-openclaw-billing-crossing")]).toEqual(["metered", null]);
  expect(events.filter(({ type }) => type === "billing-crossing")).toEqual([]);
});

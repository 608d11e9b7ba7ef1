import { manualClock, openaiCompletion, openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, type TestGateway } from "./test-gateway.ts";

const start = testGateways();
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const ask = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "60" } };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const keyed = (key: string) => ({ "x-openclaw-session-key": key });

/** Which key each session is answered with. */
async function keysOf(gateway: TestGateway, sessions: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>();
  const rest = sessions.values();
  const workers = Array.from({ length: 25 }, async () => {
    for (const session of rest) {
      const answer: unknown = await (await gateway.post("/v1/chat/completions", ask, keyed(session))).json();
      keys.set(session, JSON.stringify(answer).match(/"content":"(\w)"/u)?.[1] ?? "none");
    }
  });
  await Promise.all(workers);
  return keys;
}

test("a thousand sessions spread over four keys, and when one goes only its share moves", async () => {
  const names = ["a", "b", "c", "d"];
  const storeOf = (kept: readonly string[]) => ({
    version: 1,
    profiles: Object.fromEntries(kept.map((name) => [`test:${name}`, { type: "api_key", provider: "test", key: `test-key-${name}` }])),
  });
  const gateway = await start({
    config: { models: { providers: { test: provider } }, auth: { strategies: { test: "least-used" } } },
    store: storeOf(names),
    replies: Object.fromEntries(names.map((name) => [`test-key-${name}`, { body: openaiCompletion(name) }])),
  });
  const sessions = Array.from({ length: 1000 }, (_, index) => `session ${index}`);
  const before = await keysOf(gateway, sessions);
  const shareOf = (keys: ReadonlyMap<string, string>, name: string) => [...keys].filter(([, key]) => key === name);
  for (const name of names) expect(shareOf(before, name).length).toBeGreaterThan(150);

  await gateway.home.write(STORE, JSON.stringify(storeOf(["a", "b", "c"])));
  await gateway.gateway.reload();
  const after = await keysOf(gateway, sessions);
  const moved = sessions.filter((session) => before.get(session) !== after.get(session));
  expect(moved.toSorted()).toEqual(
    shareOf(before, "d")
      .map(([session]) => session)
      .toSorted(),
  );
  for (const name of ["a", "b", "c"]) expect(shareOf(after, name).length).toBeGreaterThan(shareOf(before, name).length);
});

describe("a session", () => {
  const scene = async () => {
    const clock = manualClock();
    const gateway = await start({
      clock,
      env: { TEST_API_KEYS: "test-key-one test-key-two" },
      replies: {
        "test-key-one": [limited, { body: openaiCompletion("one"), repeat: true }],
        "test-key-two": { body: openaiCompletion("two") },
      },
    });
    const send = async (headers: Record<string, string> = {}, model = "test/m") => {
      const response = await gateway.post("/v1/chat/completions", { ...ask, model }, headers);
      return JSON.stringify(await response.json()).match(/"content":"(\w+)"/u)?.[1];
    };
    return { ...gateway, clock, send };
  };

  test("keeps the key it was given when the first one recovers, and who has none goes back to it", async () => {
    const { clock, send } = await scene();
    expect(await send(keyed("mine"))).toBe("two");
    clock.advance(61_000);
    expect([await send(), await send(keyed("mine")), await send(keyed("another")), await send()]).toEqual(["one", "two", "one", "one"]);
  });

  test("of another agent is another one", async () => {
    const { clock, send } = await scene();
    expect(await send(keyed("mine"))).toBe("two");
    clock.advance(61_000);
    expect(await send(keyed("mine"), "test/m")).toBe("two");
    expect(await send({ ...keyed("mine"), "x-openclaw-model": "openclaw/main" })).not.toBe("two");
  });

  test("leaves a key that is limited, for good", async () => {
    const { clock, send, provider } = await scene();
    expect(await send(keyed("mine"))).toBe("two");
    clock.advance(61_000);
    provider.setReplies("test-key-two", [limited, { body: openaiCompletion("two"), repeat: true }]);
    expect(await send(keyed("mine"))).toBe("one");
    clock.advance(61_000);
    expect(await send(keyed("mine"))).toBe("one");
  });
});

test("no header that is meant for the gateway reaches a provider, and none of a provider's is taken for the gateway's", async () => {
  const { post, provider } = await start({
    env: { TEST_API_KEY: "test-key-one" },
    replies: { "test-key-one": { body: openaiCompletion("one"), headers: { "x-openclaw-billing-crossing": "none", "x-request-id": "1" } } },
  });
  const response = await post("/v1/chat/completions", ask, {
    ...keyed("someone@example.com"),
    "x-openclaw-model": "test/m",
    "x-openclaw-anything": "else",
  });
  expect(Object.keys(provider.hits[0]?.headers ?? {}).filter((name) => name.startsWith("x-openclaw"))).toEqual([]);
  expect(JSON.stringify(provider.hits[0]?.headers)).not.toContain("someone");
  expect([response.headers.get("x-openclaw-billing-crossing"), response.headers.get("x-request-id")]).toEqual([null, "1"]);
});

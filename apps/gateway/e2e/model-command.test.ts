import { manualClock, openaiCompletion, openaiError, type Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const profile = (key: string, more: object = {}) => ({ type: "api_key", provider: "test", key, ...more });
const profiles = {
  "test:a": profile("test-key-a"),
  "test:me+work@example.com": profile("test-key-b"),
  "test:old": { type: "token", provider: "test", token: "test-token-old", expires: 1 },
  "other:x": profile("test-key-x", { provider: "other" }),
};
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const config = {
  agents: {
    defaults: {
      model: { primary: "test/first", fallbacks: ["other/second"] },
      models: { "test/first": { alias: "one" }, "test/third": { alias: "Opus" }, "ant/claude": {} },
    },
  },
  models: { providers: { test: provider, other: provider, ant: { baseUrl: "@PROVIDER@", api: "anthropic-messages" } } },
};
const said = (name: string): Reply => ({ body: openaiCompletion(name), repeat: true });
const answers = { "test-key-a": said("a"), "test-key-b": said("b"), "test-key-x": said("x") };
const scene = (options: Partial<TestGatewayOptions> = {}) =>
  start({ store: { version: 1, profiles }, config, replies: answers, ...options });

const ask = (content: unknown, more: object = {}) => ({ model: "openclaw/default", messages: [{ role: "user", content }], ...more });
const inSession = { "x-openclaw-session-key": "one" };

/** What is said in a chat, and by whom. */
function chatOf({ post, provider }: TestGateway) {
  return async (content: unknown, headers: Record<string, string> = inSession, more: object = {}) => {
    const response = await post("/v1/chat/completions", ask(content, more), headers);
    const text = await response.text();
    const answer = /"content":("(?:[^"\\]|\\.)*")/u.exec(text)?.[1];
    return {
      status: response.status,
      command: response.headers.get("x-openclaw-command"),
      text: answer === undefined ? text : String(JSON.parse(answer)),
      hits: provider.hits.length,
    };
  };
}

describe("a message that is a command", () => {
  test("is answered without a provider: what is used, and how to change it", async () => {
    const chat = chatOf(await scene());
    const shown = await chat("/model");
    expect(shown).toMatchObject({ status: 200, command: "model", hits: 0 });
    expect(shown.text).toContain("Model: one (test/first), not pinned\nProfile: automatic\nPins: strict (that profile, or an error)");
    expect(shown.text).toContain("/model list");
  });

  test("numbers the models there are, without those that cannot answer here", async () => {
    const chat = chatOf(await scene());
    const { text } = await chat("/model list");
    expect(text.split("\n").slice(0, 3)).toEqual(["1. one (test/first) (current)", "2. other/second", "3. Opus (test/third)"]);
    expect(text).not.toContain("ant/claude");
  });

  test.each([
    ["/model Opus", "third", "test-key-a"],
    ["/model: opus", "third", "test-key-a"],
    ["/model 3", "third", "test-key-a"],
    ["/model 2", "second", "test-key-x"],
    ["/model third", "third", "test-key-a"],
    ["/model test/third@test:me+work@example.com", "third", "test-key-b"],
    ["/model opus@me+work@example.com", "third", "test-key-b"],
    ["/model default@test:me+work@example.com", "first", "test-key-b"],
  ])("%s pins the session, and no other", async (command, model, key) => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    const pinned = await chat(command);
    expect(pinned).toMatchObject({ command: "model", hits: 0 });
    expect(pinned.text).toMatch(/^This session is pinned to /u);
    await chat("hi");
    await chat("hi", { "x-openclaw-session-key": "another" });
    await chat("hi", {});
    const asked = gateway.provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString()).model]);
    expect(asked).toEqual([
      [key, model],
      ["test-key-a", "first"],
      ["test-key-a", "first"],
    ]);
  });

  test("/model default takes the pin away, and shows what is used then", async () => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    await chat("/model opus@test:me+work@example.com");
    expect((await chat("/model")).text).toContain(
      "Model: Opus (test/third), pinned to this session\nProfile: test:me+work@example.com (pinned)",
    );
    expect((await chat("/model default")).text).toBe("This session is pinned to nothing and uses one (test/first).");
    await chat("hi");
    expect(gateway.provider.keysSeen()).toEqual(["test-key-a"]);
  });

  test.each(["/new", "/reset"])("%s takes the pin away and the credential the session kept", async (command) => {
    const clock = manualClock();
    const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "60" } };
    const gateway = await scene({ clock, replies: { ...answers, "test-key-a": [limited, said("a")] } });
    const chat = chatOf(gateway);
    await chat("hi");
    clock.advance(61_000);
    await chat("hi");
    await chat("/model opus");
    expect(await chat(command)).toMatchObject({ command: command.slice(1), hits: 3, text: expect.stringContaining("begins anew") });
    await chat("hi");
    const asked = gateway.provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString()).model]);
    expect(asked).toEqual([
      ["test-key-a", "first"],
      ["test-key-b", "first"],
      ["test-key-b", "first"],
      ["test-key-a", "first"],
    ]);
  });

  test.each([
    ["/model test/unlisted", 'Model "test/unlisted" is not allowed. Use /model list to see what is.'],
    ["/model nothing", 'There is no model "nothing": it is neither an alias nor provider/model. Use /model list to see what there is.'],
    ["/model nowhere/x", 'There is no model "nowhere/x": it is neither an alias nor provider/model. Use /model list to see what there is.'],
    ["/model 9", "There is no model 9: /model list shows 1 to 3."],
    [
      "/model openclaw/main",
      '"openclaw/main" is an agent. A request names its agent in "model" or in x-openclaw-agent-id; /model chooses the model.',
    ],
    ["/model ant/claude", "ant does not speak openai-completions; it speaks anthropic-messages (send the request to /v1/messages)"],
    ["/model opus@nobody", 'There is no profile "nobody". Use one that /model status or openclaw models status shows.'],
    ["/model opus@other:x", 'The profile "other:x" is not one of test. Use one that /model status or openclaw models status shows.'],
    [
      "/model opus@test:old",
      'The profile "test:old" cannot be used (expired). Use one that /model status or openclaw models status shows.',
    ],
  ])("%s says why not, and changes nothing", async (command, why) => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    await chat("/model 2");
    expect((await chat(command)).text).toContain(why);
    await chat("hi");
    expect(gateway.provider.keysSeen()).toEqual(["test-key-x"]);
  });

  test("where there is no allow-list any model of a provider may be named", async () => {
    const open = { ...config, agents: { defaults: { model: "test/first" } } };
    const gateway = await scene({ config: open });
    const chat = chatOf(gateway);
    expect((await chat("/model list")).text).toContain("Any other provider/model that you may use can be named too.");
    await chat("/model test/anything@20260115");
    await chat("hi");
    expect(gateway.provider.hits.map((hit) => JSON.parse(hit.body.toString()).model)).toEqual(["anything@20260115"]);
  });

  test.each(["/model opus", "/model default", "/new"])("%s without a session keeps nothing and says what to send", async (command) => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    const { text } = await chat(command, {});
    expect(text).toContain("x-openclaw-session-key");
    expect(text).toMatch(/Nothing was changed|nothing to begin anew/u);
    await chat("hi", {});
    expect(gateway.provider.hits.map((hit) => JSON.parse(hit.body.toString()).model)).toEqual(["first"]);
  });

  test("of an agent that is not there is that error", async () => {
    const { post } = await scene();
    const response = await post("/v1/chat/completions", ask("/model", { model: "openclaw/nobody" }), inSession);
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: "model_not_found" } }]);
  });

  test("is a message like any other where vectors are asked for", async () => {
    const gateway = await scene();
    const response = await gateway.post("/v1/embeddings", { model: "test/e", input: "/model" }, inSession);
    expect([response.status, gateway.provider.hits.length]).toEqual([200, 1]);
  });
});

describe("/model status", () => {
  test("says where each provider is asked, with what, and how that is", async () => {
    const clock = manualClock();
    const now = clock.now();
    const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "300" } };
    const soon = { type: "token", provider: "test", token: "test-token-soon", expires: now + 3 * 3_600_000 };
    const store = { version: 1, profiles: { ...profiles, "test:soon": soon }, order: { test: ["test:a", "test:soon", "test:old"] } };
    const gateway = await scene({ clock, store, replies: { ...answers, "test-key-a": limited, "test-token-soon": said("soon") } });
    const chat = chatOf(gateway);
    await chat("hi");
    const { text } = await chat("/model status");
    const url = gateway.provider.url;
    expect(text.split("\n")).toEqual([
      "Model: one (test/first), not pinned",
      "Profile: automatic",
      "Pins: strict (that profile, or an error)",
      expect.stringMatching(/^Session: [\w-]{43}$/u),
      "",
      `[test] endpoint: ${url}/v1 api: openai-completions auth: test:a (cooldown 5m), test:soon (next) (lastGood) (exp 3h), test:old (expired), test:me+work@example.com (excluded_by_auth_order)`,
      `[other] endpoint: ${url}/v1 api: openai-completions auth: other:x (next)`,
    ]);
  });

  test("says what a pin does where it is a preference", async () => {
    const chat = chatOf(await scene({ config: { ...config, auth: { pins: "prefer" } } }));
    await chat("/model opus@test:me+work@example.com");
    const { text } = await chat("/model status");
    expect(text).toContain("Pins: prefer (that profile first, then the others)");
    expect(text).toMatch(/test:me\+work@example\.com \(next\) \(pinned\)/u);
  });

  test("shows no key", async () => {
    const chat = chatOf(await scene({ env: { TEST_API_KEY: "test-key-env" } }));
    const { text } = await chat("/model status");
    expect(text).toContain("TEST_API_KEY");
    expect(text).not.toMatch(/test-key|test-token/u);
  });
});

describe("a message that begins with /model and goes on", () => {
  test.each([{}, inSession])("is for that message alone, and loses it (%j)", async (headers) => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    const { text, command } = await chat("/model opus@test:me+work@example.com What is 2+2?", headers);
    expect([text, command]).toEqual(["b", null]);
    await chat("and 3+3?", headers);
    const asked = gateway.provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString())]);
    expect(asked).toEqual([
      ["test-key-b", ask("What is 2+2?", { model: "third" })],
      ["test-key-a", ask("and 3+3?", { model: "first" })],
    ]);
  });

  test("goes before the pin of the session", async () => {
    const gateway = await scene();
    const chat = chatOf(gateway);
    await chat("/model opus@test:me+work@example.com");
    await chat("/model default hi");
    await chat("/model 2 hi");
    await chat("hi");
    expect(gateway.provider.keysSeen()).toEqual(["test-key-a", "test-key-x", "test-key-b"]);
  });

  test("is answered by the gateway where the model may not be used", async () => {
    const chat = chatOf(await scene());
    expect(await chat("/model test/unlisted hi")).toMatchObject({
      command: "model",
      hits: 0,
      text: expect.stringContaining("is not allowed"),
    });
  });

  test("changes no other byte of the body", async () => {
    const gateway = await scene();
    const body = String.raw`{ "messages":[{"role":"user","content":"\/model opus caf\u00e9"}],  "model" : "openclaw" ,"n":1.0 }`;
    await gateway.post("/v1/chat/completions", body, inSession);
    expect(gateway.provider.hits[0]?.body.toString()).toBe(body.replace(String.raw`\/model opus `, "").replace('"openclaw"', '"third"'));
  });
});

describe("counting", () => {
  const counting = () =>
    scene({
      store: { version: 1, profiles: { "ant:x": profile("test-key-ant", { provider: "ant" }) } },
      replies: { "test-key-ant": { body: { input_tokens: 1 }, repeat: true } },
    });
  const count = ({ post }: TestGateway, content: unknown, model = "ant/other") =>
    post("/v1/messages/count_tokens", { model, messages: [{ role: "user", content }] }, inSession);
  const sent = ({ provider: { hits } }: TestGateway) => hits.map(({ body }) => JSON.parse(body.toString()));

  test("a message that chooses its model is counted for that one and without the command, as it would be sent", async () => {
    const gateway = await counting();
    const { status, headers } = await count(gateway, "/model ant/claude Hello", "test/first");
    expect([status, headers.get("x-openclaw-command")]).toEqual([200, null]);
    expect(sent(gateway)).toEqual([{ model: "claude", messages: [{ role: "user", content: "Hello" }] }]);
  });

  test.each(["/model nonsense Hello", "/model list", "/model ant/claude", "/new", "Hello"])("%j is counted as it is", async (content) => {
    const gateway = await counting();
    expect((await count(gateway, content)).status).toBe(200);
    await count(gateway, "Hello");
    expect(sent(gateway)).toEqual([content, "Hello"].map((each) => ({ model: "other", messages: [{ role: "user", content: each }] })));
  });
});

test("a name with a control character in it is no model", async () => {
  const open = { ...config, agents: { defaults: { model: "test/first" } } };
  const chat = chatOf(await scene({ config: open }));
  for (const command of ["/model test/a\u0000b", "/model test/a\u001b[2J hi"]) {
    const { status, text, hits } = await chat(command);
    expect([status, text.includes("control characters"), hits]).toEqual([200, true, 0]);
  }
});

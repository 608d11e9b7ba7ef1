import { chmod, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { anthropicMessage, manualClock, openaiCompletion, openaiError, type Reply } from "@openclaw/testkit";
import { describe, expect, test, vi } from "vitest";
import { testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const FILE = ".openclaw/agents/main/agent/sessions.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const profile = (key: string, more: object = {}) => ({ type: "api_key", provider: "test", key, ...more });
const profiles = {
  "test:a": profile("test-key-a"),
  "test:me@example.com": profile("test-key-b"),
  "other:x": profile("test-key-x", { provider: "other" }),
};
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const config = {
  agents: {
    defaults: { model: { primary: "test/first", fallbacks: ["other/second"] } },
    list: [{ id: "main", default: true }, { id: "ops" }],
  },
  models: { providers: { test: provider, other: provider, ant: { baseUrl: "@PROVIDER@", api: "anthropic-messages" } } },
};
const said = (name: string): Reply => ({ body: openaiCompletion(name), repeat: true });
const limited = { status: 429, body: openaiError("Rate limit reached"), headers: { "retry-after": "60" } };
const answers = { "test-key-a": said("a"), "test-key-b": said("b"), "test-key-x": said("x") };
const scene = (options: Partial<TestGatewayOptions> = {}) =>
  start({ store: { version: 1, profiles }, config, replies: answers, ...options });

const inSession = { "x-openclaw-session-key": "one" };
const ask = (content: string, model = "openclaw/default", more: object = {}) => ({ model, messages: [{ role: "user", content }], ...more });
const send = async ({ post }: TestGateway, content = "hi", model?: string, headers: Record<string, string> = inSession) =>
  post("/v1/chat/completions", ask(content, model), headers);
const pin = (gateway: TestGateway, what = "test/third@test:me@example.com", headers = inSession) =>
  send(gateway, `/model ${what}`, undefined, headers);
const askedOf = ({ provider }: TestGateway) => provider.hits.map((hit) => [hit.key, JSON.parse(hit.body.toString()).model]);
const written = (gateway: TestGateway, what: string | RegExp = "providerOverride") =>
  vi.waitFor(async () => expect(await gateway.home.read(FILE)).toMatch(what), { timeout: 5000 });

describe("a pin of a session", () => {
  test.each([
    ["the default", "openclaw/default", "third"],
    ["the default, in short", "openclaw", "third"],
    ["its agent", "openclaw/main", "third"],
    ["another model of the provider", "test/first", "first"],
  ])("holds after a restart for requests that name %s", async (_what, name, model) => {
    const gateway = await scene();
    await pin(gateway);
    await gateway.restart();
    expect((await send(gateway, "hi", name)).status).toBe(200);
    expect(askedOf(gateway)).toEqual([["test-key-b", model]]);
  });

  test.each([
    ["another provider", "other/second", "test-key-x", "second"],
    ["another profile", "openclaw@test:a", "test-key-a", "first"],
    ["another agent", "openclaw/ops", "test-key-a", "first"],
  ])("does not hold for requests that name %s", async (_what, name, key, model) => {
    const gateway = await scene();
    await pin(gateway);
    await send(gateway, "hi", name);
    expect(askedOf(gateway)).toEqual([[key, model]]);
  });

  test("of a model alone leaves the choice of credential and the fallbacks as they are", async () => {
    const gateway = await scene({ replies: { ...answers, "test-key-a": [limited], "test-key-b": [limited] } });
    await pin(gateway, "test/third");
    expect((await send(gateway)).status).toBe(200);
    expect(askedOf(gateway)).toEqual([
      ["test-key-a", "third"],
      ["test-key-b", "third"],
      ["test-key-x", "second"],
    ]);
  });

  test("of a profile is strict: neither another one nor a fallback takes its place", async () => {
    const gateway = await scene({ replies: { ...answers, "test-key-b": [limited] } });
    await pin(gateway);
    const response = await send(gateway);
    expect([response.status, await response.json()]).toEqual([429, limited.body]);
    expect(gateway.provider.keysSeen()).toEqual(["test-key-b"]);
  });

  test("of a profile is a first choice where pins are a preference", async () => {
    const gateway = await scene({ config: { ...config, auth: { pins: "prefer" } }, replies: { ...answers, "test-key-b": [limited] } });
    await pin(gateway);
    const response = await send(gateway);
    expect([response.status, response.headers.get("x-openclaw-pin")]).toEqual([200, "passed-over"]);
    expect(gateway.provider.keysSeen()).toEqual(["test-key-b", "test-key-a"]);
  });

  test.each(["strict", "prefer"])(
    "is an error that says what to do when its profile has gone, until somebody changes it (%s)",
    async (pins) => {
      const gateway = await scene({ config: { ...config, auth: { pins } } });
      await pin(gateway);
      const { "test:me@example.com": _gone, ...left } = profiles;
      await gateway.home.write(STORE, JSON.stringify({ version: 1, profiles: left }));
      await gateway.restart();
      for (const name of ["openclaw/default", "test/first"]) {
        const response = await send(gateway, "hi", name);
        const error = {
          code: "profile_not_found",
          message: expect.stringMatching(/me@example\.com.*\/model default.*openclaw models status/u),
        };
        expect([response.status, await response.json()]).toMatchObject([404, { error }]);
      }
      expect(await (await send(gateway, "/model")).text()).toContain("test:me@example.com (pinned, and gone");
      expect(gateway.provider.hits).toEqual([]);
      await send(gateway, "/model default");
      expect((await send(gateway)).status).toBe(200);
    },
  );

  test("comes to nothing in the file once it is taken away", async () => {
    const gateway = await scene();
    await pin(gateway);
    await written(gateway);
    await send(gateway, "/new");
    await vi.waitFor(async () => expect(JSON.parse(await gateway.home.read(FILE))).toEqual({}), { timeout: 5000 });
    await gateway.restart();
    await send(gateway);
    expect(askedOf(gateway)).toEqual([["test-key-a", "first"]]);
  });
});

describe("a session", () => {
  test("is named by the user of a request as well", async () => {
    const gateway = await scene();
    const asUser = (content: string, user: string) => gateway.post("/v1/chat/completions", ask(content, "openclaw", { user }));
    await asUser("/model test/third@test:me@example.com", "u1");
    await asUser("hi", "u1");
    await asUser("hi", "u2");
    expect(askedOf(gateway)).toEqual([
      ["test-key-b", "third"],
      ["test-key-a", "first"],
    ]);
  });

  test("is named by Claude Code in its metadata, and not by a user there", async () => {
    const store = {
      version: 1,
      profiles: { "ant:a": profile("test-key-a", { provider: "ant" }), "ant:b": profile("test-key-b", { provider: "ant" }) },
    };
    const replies = { "test-key-a": { body: anthropicMessage("a") }, "test-key-b": { body: anthropicMessage("b") } };
    const gateway = await scene({ store, replies });
    const as = (userId: string, content: string) =>
      gateway.post("/v1/messages", {
        model: "ant/claude",
        max_tokens: 1,
        metadata: { user_id: userId },
        messages: [{ role: "user", content }],
      });
    const session = "user_abc_account_def_session_0f9a5c1e-8f4a-4d6e-9a39-6c7f1f0f2a11";
    await as(session, "/model ant/claude@ant:b");
    expect(await (await as("someone", "/model ant/claude@ant:b")).text()).toContain("x-openclaw-session-key");
    await as(session, "hi");
    await as("someone", "hi");
    expect(gateway.provider.keysSeen()).toEqual(["test-key-b", "test-key-a"]);
  });
});

describe("the file", () => {
  test("is private, and holds no key of a session", async () => {
    const gateway = await scene();
    await pin(gateway, undefined, { "x-openclaw-session-key": "someone@example.org" });
    await written(gateway);
    const { mode } = await stat(join(gateway.home.path, FILE));
    expect(mode & 0o777).toBe(0o600);
    const text = await gateway.home.read(FILE);
    expect(text).not.toContain("someone");
    expect(Object.entries(JSON.parse(text))).toEqual([
      [
        expect.stringMatching(/^gateway:[\w-]{43}$/u),
        {
          updatedAt: expect.any(Number),
          client: "admin",
          providerOverride: "test",
          modelOverride: "third",
          authProfileOverride: "test:me@example.com",
          authProfileOverrideSource: "user",
        },
      ],
    ]);
  });

  test("keeps every byte that is not of a pin", async () => {
    const before = `{\r\n\t"agent:main:main": {"sessionId": "s-1", "updatedAt": 1.70e12, "authProfileOverride":"test:a","note":"caf\\u00e9"},\r\n\t"global" : [1,  2]\r\n}\r\n`;
    const gateway = await scene({ files: { [FILE]: before } });
    await pin(gateway);
    await written(gateway);
    const text = await gateway.home.read(FILE);
    for (const part of before.split("\r\n").slice(1, 3)) expect(text).toContain(part);
    await send(gateway, "/reset");
    await vi.waitFor(async () => expect(await gateway.home.read(FILE)).toBe(before), { timeout: 5000 });
  });

  test("keeps what others put beside a pin, when that changes and when it goes", async () => {
    const gateway = await scene();
    await pin(gateway);
    await written(gateway);
    const [[name, entry] = ["", {}]] = Object.entries(JSON.parse(await gateway.home.read(FILE)));
    const more = { label: "mine", authProfileOverrideCompactionCount: 3 };
    await gateway.home.write(FILE, JSON.stringify({ [name]: { ...Object(entry), ...more } }));
    await pin(gateway, "test/fourth");
    await written(gateway, "fourth");
    expect(JSON.parse(await gateway.home.read(FILE))).toEqual({
      [name]: { updatedAt: expect.any(Number), client: "admin", providerOverride: "test", modelOverride: "fourth", label: "mine" },
    });
    await send(gateway, "/new");
    await vi.waitFor(async () => expect(await gateway.home.read(FILE)).not.toContain("fourth"), { timeout: 5000 });
    expect(JSON.parse(await gateway.home.read(FILE))).toEqual({
      [name]: { updatedAt: expect.any(Number), client: "admin", label: "mine" },
    });
  });

  test("is followed while the gateway runs", async () => {
    const gateway = await scene();
    await pin(gateway);
    await written(gateway);
    const text = await gateway.home.read(FILE);
    await gateway.home.write(FILE, text.replace("third", "fifth"));
    await vi.waitFor(
      async () => {
        await send(gateway);
        expect(askedOf(gateway).at(-1)).toEqual(["test-key-b", "fifth"]);
      },
      { timeout: 5000 },
    );
    await gateway.home.write(FILE, "{}");
    await vi.waitFor(
      async () => {
        await send(gateway);
        expect(askedOf(gateway).at(-1)).toEqual(["test-key-a", "first"]);
      },
      { timeout: 5000 },
    );
  });

  test("a profile that nobody chose is no pin", async () => {
    const gateway = await scene();
    await pin(gateway);
    await written(gateway);
    const text = await gateway.home.read(FILE);
    await gateway.home.write(FILE, text.replace('"user"', '"auto"'));
    await gateway.restart();
    await send(gateway);
    expect(askedOf(gateway)).toEqual([["test-key-a", "third"]]);
  });

  test.each(['{"gateway:', "[]", "null", '{"a":1,"a":'])(
    "that is torn is an error that names it, for sessions alone, and stays as it is: %s",
    async (torn) => {
      const gateway = await scene({ files: { [FILE]: torn } });
      const refused = await pin(gateway);
      const error = {
        code: "sessions_unreadable",
        message: expect.stringMatching(/sessions\.json is not a JSON object \(mend .*sessions\.json/u),
      };
      expect([refused.status, await refused.json()]).toMatchObject([503, { error }]);
      expect((await send(gateway, "hi", undefined, {})).status).toBe(200);
      expect((await send(gateway, "hi", "openclaw/ops")).status).toBe(200);
      expect(gateway.events.filter(({ type }) => type === "sessions-not-kept")).toMatchObject([{ code: "sessions-unreadable" }]);
      expect(await gateway.home.read(FILE)).toBe(torn);

      await gateway.home.write(FILE, "{}");
      await vi.waitFor(async () => expect((await pin(gateway)).status).toBe(200), { timeout: 5000 });
      expect(gateway.events.filter(({ type }) => type === "sessions-kept")).toHaveLength(1);
      await written(gateway);
    },
  );

  test("that tears while the gateway runs takes no pin away, and what could not be kept is kept once it is mended", async () => {
    // Nothing is tried again by itself while its clock stands still.
    const gateway = await scene({ clock: manualClock() });
    await pin(gateway);
    await written(gateway);
    const text = await gateway.home.read(FILE);
    await gateway.home.write(FILE, text.slice(0, 40));
    await pin(gateway, "test/sixth", { "x-openclaw-session-key": "two" });
    await send(gateway);
    expect(askedOf(gateway)).toEqual([["test-key-b", "third"]]);
    await vi.waitFor(() => expect(gateway.events.some(({ type }) => type === "sessions-not-kept")).toBe(true), { timeout: 5000 });
    expect(await gateway.home.read(FILE)).toBe(text.slice(0, 40));
    await gateway.home.write(FILE, text);
    await written(gateway, "sixth");
    expect(await gateway.home.read(FILE)).toContain("third");
  });

  test("that cannot be written is told of, and the pin holds in memory", async () => {
    const gateway = await scene();
    const folder = join(gateway.home.path, ".openclaw/agents/main/agent");
    await chmod(folder, 0o777);
    await pin(gateway);
    await vi.waitFor(
      () => expect(gateway.events.find(({ type }) => type === "sessions-not-kept")).toMatchObject({ code: "sessions-unwritable" }),
      {
        timeout: 5000,
      },
    );
    await send(gateway);
    expect(askedOf(gateway)).toEqual([["test-key-b", "third"]]);
    await chmod(folder, 0o700);
  });

  test("takes many pins at once and loses none; of one client's more than a thousand the oldest give way", async () => {
    const gateway = await scene();
    const pinAs = (index: number) => pin(gateway, `test/m${index}`, { "x-openclaw-session-key": `session ${index}` });
    const rest = Array.from({ length: 1100 }, (_, index) => index).values();
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        for (const index of rest) await pinAs(index);
      }),
    );
    await gateway.restart();
    const kept = Object.values<{ readonly modelOverride: string }>(JSON.parse(await gateway.home.read(FILE)));
    expect(kept).toHaveLength(1000);
    await send(gateway, "hi", undefined, { "x-openclaw-session-key": "session 1099" });
    await send(gateway, "hi", undefined, { "x-openclaw-session-key": "session 0" });
    expect(askedOf(gateway).map(([, model]) => model)).toEqual(["m1099", "first"]);
  });

  test("is whole after every single write", async () => {
    const gateway = await scene();
    const path = join(gateway.home.path, FILE);
    const seen = new Set<string>();
    const done = new AbortController();
    const reading = (async () => {
      while (!done.signal.aborted) seen.add(await readFile(path, "utf8").catch(() => "{}"));
    })();
    for (let index = 0; index < 60; index += 1) await pin(gateway, `test/m${index}`, { "x-openclaw-session-key": `s${index}` });
    await gateway.restart();
    done.abort();
    await reading;
    expect(seen.size).toBeGreaterThan(2);
    for (const text of seen) expect(() => JSON.parse(text)).not.toThrow();
  });
});

describe("who may see what", () => {
  const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
  test("a session's id says nothing of token or key", async () => {
    const gateway = await scene();
    const text = await (await send(gateway, "/model status")).text();
    for (const secret of [TOKEN, hashOf(TOKEN)]) expect(text).not.toContain(secret);
  });
});

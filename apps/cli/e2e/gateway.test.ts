import { createServer } from "node:http";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  createCanary,
  createTempHome,
  findCanary,
  openaiCompletion,
  openaiError,
  openaiStream,
  startFakeProvider,
  type FakeProvider,
  type TempHome,
} from "@openclaw/testkit";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

let home: TempHome;
let provider: FakeProvider;
const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };

beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider();
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

/** A home whose `openai` is the fake provider. */
async function configure(config: object = {}): Promise<void> {
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local" },
    agents: { defaults: { model: "openai/some-model" } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
    ...config,
  });
}

describe("openclaw gateway", () => {
  test("that has nothing for its default model says so, and what to type, as it starts; and later what waits for another start", async () => {
    await configure();
    const { running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
    await expect.poll(() => running.stderr()).toContain("In use, but cannot work: openai: no credential; set OPENAI_API_KEY");
    // The port is the flag's.
    await configure({ gateway: { mode: "local", port: 18_999, limits: { maxRequests: 5 } } });
    await expect
      .poll(() => running.stderr(), { timeout: 5_000 })
      .toContain("read at the start alone: gateway.limits. openclaw gateway restart");
    await running.stop();
  });

  test("three keys of which the first two are limited: an OpenAI client is answered by the third", async () => {
    await configure();
    provider.setReplies("test-key-one", [limited]);
    provider.setReplies("test-key-two", [limited]);
    provider.setReplies("test-key-three", [{ body: openaiCompletion("from three") }, { stream: openaiStream(["Hello", " there"]) }]);
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], {
      OPENAI_API_KEYS: "test-key-one,test-key-two",
      OPENAI_API_KEY: "test-key-three",
    });
    const token = (await home.read(".openclaw/gateway-token")).trim();
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 });

    const completion = await client.chat.completions.create({ model: "openclaw/default", messages: [{ role: "user", content: "hi" }] });
    expect(completion.choices[0]?.message.content).toBe("from three");
    expect(provider.keysSeen()).toEqual(["test-key-one", "test-key-two", "test-key-three"]);

    const stream = await client.chat.completions.create({
      model: "openai/some-model",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
    });
    const words: string[] = [];
    for await (const chunk of stream) words.push(chunk.choices[0]?.delta.content ?? "");
    expect(words.join("")).toBe("Hello there");
    expect(provider.keysSeen().slice(3)).toEqual(["test-key-three"]);
    expect((await client.models.list()).data.map((model) => model.id)).toContain("openclaw/default");

    running.signal("SIGINT");
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.stdout()).toMatch(/rotated openai\/some-model: OPENAI_API_KEYS\[1\] #[0-9a-f]{8} -> OPENAI_API_KEYS\[2\]/u);
  });

  test("no key and no token reaches output, files or the process list", async () => {
    await configure();
    const canary = createCanary("key");
    provider.setReplies(canary, [limited, { status: 500, body: openaiError("broken") }, { beforeHeaders: "destroy" }]);
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], { OPENAI_API_KEY: canary });
    const token = (await home.read(".openclaw/gateway-token")).trim();
    const bodies: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "openclaw/default" }),
      });
      bodies.push(await response.text());
    }
    running.signal("SIGTERM");
    await running.exited;
    const texts = { bodies: bodies.join("\n"), stdout: running.stdout(), stderr: running.stderr() };
    expect(await findCanary(canary, { texts, folders: [home.path] })).toEqual([]);
    expect(await findCanary(token, { texts })).toEqual([]);
    expect((await stat(join(home.stateDir, "gateway-token"))).mode & 0o777).toBe(0o600);
  });

  test("says how many answers it cut off when it had to end", async () => {
    await configure();
    provider.setReplies("test-key-one", [{ stream: openaiStream(["Hello"]).slice(0, 2), afterHeaders: "hang" }]);
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0", "--drain-seconds", "1"], {
      OPENAI_API_KEY: "test-key-one",
    });
    const token = (await home.read(".openclaw/gateway-token")).trim();
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openclaw", stream: true, messages: [{ role: "user", content: "hi" }] }),
    });
    running.signal("SIGTERM");
    await expect(response.text()).rejects.toThrow();
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(running.stderr()).toContain("1 answer was not whole after 1 s and cut off");
  });

  test("does not start without gateway.mode, and names the key", async () => {
    const refused = await openclaw(home, ["gateway", "--port", "0"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("gateway.mode");
    expect(refused.stderr).toContain("--allow-unconfigured");
    expect(await home.list()).toEqual(expect.not.arrayContaining([expect.stringContaining("gateway-token")]));
  });

  test("a taken port is an error that says so", async () => {
    await configure();
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = String(typeof address === "object" ? address?.port : 0);
    const result = await openclaw(home, ["gateway", "--port", port]);
    other.close();
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`)]);
  });

  test("takes its token from --token-file, then from gateway.auth.token, then from its own file", async () => {
    const tokens = { file: `test-token-file-${"a1b2c3d4".repeat(4)}`, config: `test-token-config-${"a1b2c3d4".repeat(4)}` };
    await home.write("token", `${tokens.file}\n`);
    await configure({ gateway: { mode: "local", auth: { mode: "token", token: "${GATEWAY_TOKEN}" } } });
    const env = { GATEWAY_TOKEN: tokens.config };
    const flag = ["--token-file", join(home.path, "token")];
    expect((await openclaw(home, ["gateway", "token", ...flag], { env })).stdout).toBe(`${tokens.file}\n`);
    expect((await openclaw(home, ["gateway", "token"], { env })).stdout).toBe(`${tokens.config}\n`);

    const unresolved = await openclaw(home, ["gateway", "--port", "0"]);
    expect([unresolved.code, unresolved.stderr]).toEqual([1, expect.stringContaining("GATEWAY_TOKEN")]);

    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0", ...flag], env);
    const status = async (token: string) => (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect([await status(tokens.file), await status(tokens.config)]).toEqual([200, 401]);
    await running.stop();

    await configure();
    const missing = await openclaw(home, ["gateway", "token"]);
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("no gateway token yet")]);
  });

  test("others may not connect with a token that could be guessed", async () => {
    await home.write("token", "secret\n");
    await configure();
    const result = await openclaw(home, ["gateway", "--port", "0", "--bind", "lan", "--token-file", join(home.path, "token")]);
    expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("too weak")]);
  });

  test("keys of the state folder's .env are used, those of a .env in the working directory are not", async () => {
    await configure();
    await home.write(".openclaw/.env", "OPENAI_API_KEY=test-key-state\n");
    await home.write("project/.env", `OPENAI_API_KEY=test-key-evil\nOPENAI_BASE_URL=${provider.url}/evil\nOPENCLAW_STATE_DIR=/nowhere\n`);
    provider.setReplies("test-key-state", [{ body: openaiCompletion("ok") }]);
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"]);
    const token = (await home.read(".openclaw/gateway-token")).trim();
    await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: '{"model":"openclaw"}',
    });
    await running.stop();
    expect(provider.hits.map((hit) => [hit.key, hit.path])).toEqual([["test-key-state", "/v1/chat/completions"]]);
    const status = await openclaw(home, ["models", "status", "--json"], { cwd: join(home.path, "project") });
    expect(status.stdout).toContain('"layer": ".env"');
    expect(status.stdout).toContain(home.stateDir);
  });
});

import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import {
  createCanary,
  createTempHome,
  findCanary,
  openaiCompletion,
  openaiError,
  openaiStream,
  startFakeProvider,
  startProcess,
  type FakeProvider,
  type RunningProcess,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { BIN, openclaw, startOpenclawGateway } from "./openclaw.ts";

let home: TempHome;
let provider: FakeProvider;
const limited = { status: 429, body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded") };
const ask = { model: "openai/some-model", messages: [{ role: "user", content: "test-prompt-nobody-logs" }] };

beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider();
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

async function configure(log?: object): Promise<void> {
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", ...(log && { log }) },
    agents: { defaults: { model: "openai/some-model" } },
    models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
  });
}

interface Line {
  readonly time: string;
  readonly level: number;
  readonly event: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Each line of the output, which has to be JSON with what every line has. */
function linesOf(output: string): readonly Line[] {
  return output
    .trimEnd()
    .split("\n")
    .map((text) => {
      const line: Line = JSON.parse(text);
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-.*Z$/u),
        level: expect.any(Number),
        event: expect.any(String),
        msg: expect.any(String),
      });
      return line;
    });
}

async function startWithJsonLog(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ readonly url: string; readonly running: RunningProcess }> {
  const running = await startProcess(process.execPath, [BIN, "gateway", "run", "--port", "0", ...args], { env: { ...home.env, ...env } });
  onTestFinished(async () => void (await running.stop()));
  const [, url = ""] = await running.waitForOutput(/"event":"started","url":"(http:[^"]+)"/u, 20_000);
  return { url, running };
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const token = (await home.read(".openclaw/gateway-token")).trim();
  return fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

describe("--log-format json", () => {
  test("writes an object a line, and each request with its id, its client, its model and who answered", async () => {
    await configure();
    provider.setReplies("test-key-one", [{ ...limited, headers: { "x-request-id": "req_one" } }]);
    provider.setReplies("test-key-two", [{ body: openaiCompletion("two"), headers: { "x-request-id": "req_two" } }]);
    const { url, running } = await startWithJsonLog(["--log-format", "json", "--log-level", "debug"], {
      OPENAI_API_KEYS: "test-key-one,test-key-two",
    });
    const response = await post(url, ask, { "x-request-id": "mine-1" });
    await response.text();
    const requestId = response.headers.get("x-openclaw-request-id");
    await running.waitForOutput(/"event":"request"/u, 5_000);
    running.signal("SIGTERM");
    expect(await running.exited).toEqual({ code: 0, signal: null });

    const lines = linesOf(running.stdout());
    expect(running.stderr()).toBe("");
    expect(lines.find(({ event }) => event === "request")).toMatchObject({
      level: 20,
      requestId,
      clientRequestId: "mine-1",
      upstreamRequestId: "req_two",
      method: "POST",
      route: "/v1/chat/completions",
      client: "admin",
      status: 200,
      model: "openai/some-model",
      attempts: 2,
      credential: expect.stringMatching(/^#[0-9a-f]{8}$/u),
      origin: "OPENAI_API_KEYS[2]",
      credentialClass: "metered",
      durationMs: expect.any(Number),
      msg: "POST /v1/chat/completions 200",
    });
    expect(lines.filter((line) => line["requestId"] === requestId).map(({ event, level }) => [event, level])).toEqual([
      ["failed", 30],
      ["cooling", 30],
      ["rotated", 30],
      ["request", 20],
    ]);
    expect(lines.map(({ event }) => event)).toEqual(expect.arrayContaining(["started", "stopping"]));
    // Nothing here is for a person to mend.
    expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
    expect(running.stdout()).not.toContain("test-prompt-nobody-logs");
  });

  test("shows no key that a provider repeats, in whatever form and place, nor the token", async () => {
    await configure();
    const canary = createCanary("key");
    const [front, back] = [canary.slice(0, 25), canary.slice(25)];
    const forms = [
      canary,
      encodeURIComponent(canary),
      Buffer.from(canary).toString("base64"),
      Buffer.from(`user:${canary}`).toString("base64url"),
    ];
    provider.setReplies(canary, [
      {
        status: 401,
        body: openaiError(`Incorrect API key provided: ${forms.join(" ")}`, canary, canary),
        headers: { "x-request-id": canary, "x-echo": canary },
      },
      { status: 500, body: `<h1>${canary}</h1>`, headers: { "request-id": Buffer.from(canary).toString("base64") } },
      {
        stream: openaiStream(["fine"])
          .slice(0, 1)
          .concat([`data: {"error":{"message":"bad ${front}`, `${back} end","code":"${canary}"}}\n\n`]),
      },
      { beforeHeaders: "destroy" },
      { status: 402, body: openaiError(`no credit for ${canary}`, "billing", `code_${canary}`) },
    ]);
    const { url, running } = await startWithJsonLog(["--log-format", "json", "--log-level", "debug"], { OPENAI_API_KEY: canary });
    const token = (await home.read(".openclaw/gateway-token")).trim();
    for (let count = 0; count < 5; count += 1) await (await post(url, ask)).text().catch(() => undefined);
    await (await post(url, { ...ask, model: `nobody/${canary}` }, { "x-request-id": canary })).text();
    await (await post(url, { ...ask, model: `openai/some-model@${token}` }, { "x-openclaw-session-key": token })).text();
    await (await fetch(`${url}/${canary}?key=${canary}`, { headers: { authorization: `Bearer ${token}` } })).text();
    await (await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}x` } })).text();
    await running.waitForOutput(/"event":"request"[^\n]*"status":401[^\n]*\n(?![^\n]*"event":"request")/u, 5_000);
    running.signal("SIGTERM");
    await running.exited;
    const lines = linesOf(running.stdout());
    expect(lines.filter(({ event }) => event === "request")).toHaveLength(9);
    for (const [at, line] of lines.entries()) {
      const texts = { [`line ${at}`]: JSON.stringify(line) };
      expect(await findCanary(canary, { texts })).toEqual([]);
      expect(await findCanary(token, { texts })).toEqual([]);
    }
    expect(await findCanary(canary, { texts: { stderr: running.stderr() } })).toEqual([]);
  });

  test("has at level 40 and above what a person has to mend, with what helps", async () => {
    await configure();
    provider.setReplies("test-key-one", [
      { status: 401, body: openaiError("Unauthorized") },
      { status: 402, body: openaiError("Insufficient credits", "billing", "insufficient_credits") },
    ]);
    const { url, running } = await startWithJsonLog(["--log-format", "json", "--log-level", "warn"], {
      OPENAI_API_KEY: "test-key-one",
    });
    await (await post(url, ask)).text();
    await (await post(url, ask)).text();
    await (await post(url, { ...ask, model: "groq/some-model" })).text();
    await running.waitForOutput(/no_credentials/u, 5_000);
    running.signal("SIGTERM");
    await running.exited;
    const lines = linesOf(running.stdout());
    const events = lines.filter(({ level }) => level >= 40);
    expect(events.map(({ event, level, code }) => [event, level, code])).toEqual([
      ["failed", 40, undefined],
      ["cooling", 40, undefined],
      ["refused", 40, "no_credentials"],
    ]);
    expect(events.at(-1)?.msg).toContain("GROQ_API_KEY");
    expect(new Set(lines.filter(({ level }) => level < 40).map(({ event }) => event))).toEqual(new Set(["started", "note", "stopping"]));
  });
});

test("gateway.log chooses the format and what is logged; text says what a person reads", async () => {
  await configure({ format: "json", level: "info" });
  const { running } = await startWithJsonLog([], { OPENAI_API_KEY: "test-key-one" });
  await running.stop();

  await configure({ format: "text", level: "warn" });
  provider.setReplies("test-key-one", [limited]);
  provider.setReplies("test-key-two", [{ body: openaiCompletion("two") }]);
  const { url, running: text } = await startOpenclawGateway(home, ["gateway", "--port", "0"], {
    OPENAI_API_KEYS: "test-key-one,test-key-two",
  });
  await (await post(url, ask)).text();
  await (await post(url, { ...ask, model: "groq/some-model" })).text();
  await text.waitForOutput(/refused with \d+ no_credentials/u, 5_000);
  text.signal("SIGTERM");
  await text.exited;
  expect(text.stdout()).not.toContain("rotated");
});

describe("a start that fails", () => {
  const run = (args: readonly string[], env = {}) => openclaw(home, ["gateway", "run", "--port", "0", ...args], { env });

  test("is one line of a JSON log, with what helps, and the exit code it has for people", async () => {
    await home.write(".openclaw/openclaw.json", "{torn");
    const { code, stdout, stderr } = await run(["--log-format", "json"]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(linesOf(stdout)).toEqual([
      expect.objectContaining({
        level: 50,
        event: "start-failed",
        code: "config-invalid",
        msg: expect.stringMatching(/openclaw\.json:1:\d+: not valid JSON5/u),
        hint: expect.stringMatching(/^open it at line 1/u),
      }),
    ]);
  });

  test("is so too where the configuration says JSON, and text where it cannot be read", async () => {
    await configure({ format: "json" });
    const json = await run([], { NODE_DEBUG: "http" });
    expect([json.code, json.stderr]).toEqual([1, ""]);
    expect(linesOf(json.stdout)).toMatchObject([{ level: 50, event: "start-failed", msg: expect.stringContaining("NODE_DEBUG") }]);
    await home.write(".openclaw/openclaw.json", "{torn");
    expect(await run([])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/^Error: /u) });
  });
});

test("a provider that cannot be reached is called that, and not late", async () => {
  await configure();
  const { url, running } = await startWithJsonLog(["--log-format", "json"], { OPENAI_API_KEY: "test-key-one" });
  await provider.close();
  expect((await post(url, ask)).status).toBe(502);
  await running.waitForOutput(/"event":"failed"/u, 5_000);
  await running.stop();
  provider = await startFakeProvider();
  const failed = linesOf(running.stdout()).find(({ event }) => event === "failed");
  expect(failed).toMatchObject({
    msg: expect.stringMatching(/^failed openai\/some-model with OPENAI_API_KEY #[0-9a-f]{8}: unreachable \(ECONNREFUSED\)$/u),
    failure: { class: "timeout", providerCode: "ECONNREFUSED" },
  });
});

describe("a log that nobody reads", () => {
  type Child = ChildProcessByStdio<null, Readable, Readable>;

  async function start(): Promise<{ readonly child: Child; readonly url: string }> {
    await configure();
    const args = [BIN, "gateway", "run", "--port", "0", "--log-format", "json", "--log-level", "debug"];
    const child = spawn(process.execPath, args, {
      env: { ...home.env, OPENAI_API_KEY: "test-key-one" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    child.stderr.resume();
    let output = "";
    while (!output.includes('"event":"started"')) output += String((await once(child.stdout, "data"))[0]);
    return { child, url: /"url":"([^"]+)"/u.exec(output)?.[1] ?? "" };
  }

  const long = { ...ask, model: `nobody/${"x".repeat(4_000)}` };

  test("is no reason to stop once it is closed", async () => {
    const { child, url } = await start();
    child.stdout.destroy();
    child.stderr.destroy();
    for (let count = 0; count < 20; count += 1) expect((await post(url, long)).status).toBe(404);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("holds nothing up while it is blocked, and says what is missing once it is read", async () => {
    const { child, url } = await start();
    child.stdout.pause();
    const send = async () => {
      for (let count = 0; count < 100; count += 1) expect((await post(url, long)).status).toBe(404);
    };
    await Promise.all(Array.from({ length: 8 }, send));
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString())).resume();
    await expect
      .poll(async () => ((await post(url, long)).status === 404 ? output : ""), { timeout: 10_000 })
      .toMatch(/\d+ lines were not written/u);
    expect(
      linesOf(output.slice(output.indexOf("\n") + 1, output.lastIndexOf("\n"))).find(({ event }) => event === "dropped"),
    ).toMatchObject({ level: 40 });
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  test("does not keep the gateway from ending", async () => {
    const { child, url } = await start();
    child.stdout.pause();
    await Promise.all(Array.from({ length: 100 }, async () => (await post(url, long)).text()));
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });
});

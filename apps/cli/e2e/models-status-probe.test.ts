import { chmod } from "node:fs/promises";
import { join } from "node:path";
import {
  anthropicMessage,
  createTempHome,
  openaiCompletion,
  openaiError,
  sseEvent,
  startFakeIdp,
  startFakeProvider,
  startProcess,
  type FakeProvider,
  type Hit,
  type Reply,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { BIN, openclaw } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const HOUR = 3_600_000;

let home: TempHome;
let provider: FakeProvider;

beforeEach(async () => {
  home = await createTempHome();
  provider = await startFakeProvider();
});
afterEach(async () => {
  await provider.close();
  await home.remove();
});

/** Runs `models status --probe --json` and returns what it says of the probes. */
async function probes(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { code, stdout, stderr } = await openclaw(home, ["models", "status", "--probe", "--json", ...args], { env });
  return { code, stderr, ...JSON.parse(stdout).auth.probes };
}

/** One configured provider per key, each of which is asked for its first model. */
function providersOf(apis: Readonly<Record<string, string>>): object {
  const entries = Object.entries(apis).map(([id, api]) => {
    const models = [{ id: "model-one", name: "One" }];
    return [id, { baseUrl: `${provider.url}/${id}`, api, apiKey: `test-key-${id}`, models }] as const;
  });
  return { models: { providers: Object.fromEntries(entries) } };
}

const anthropic = (id: string, more: object = {}) => ({ [id]: { type: "api_key", provider: "anthropic", key: `test-key-${id}`, ...more } });
const anthropicAt = () => ({ models: { providers: { anthropic: { baseUrl: provider.url, models: [] } } } });

describe("each interface is asked once, for as little as can be", () => {
  const chat: Reply = { body: openaiCompletion("hi") };
  const gemini: Reply = { body: { candidates: [{ content: { parts: [{ text: "hi" }] } }] } };
  const interfaces: Readonly<Record<string, readonly [api: string, path: string, header: string, reply: Reply]>> = {
    completions: ["openai-completions", "/chat/completions", "authorization", chat],
    responses: ["openai-responses", "/responses", "authorization", { body: { object: "response", output: [] } }],
    codex: ["openai-codex-responses", "/codex/responses", "authorization", { stream: [sseEvent({ type: "response.output_text.delta" })] }],
    messages: ["anthropic-messages", "/v1/messages", "x-api-key", { body: anthropicMessage("hi") }],
    gemini: ["google-generative-ai", "/models/model-one:generateContent", "x-goog-api-key", gemini],
    vertex: ["google-vertex", "/v1/publishers/google/models/model-one:generateContent", "x-goog-api-key", gemini],
    "gemini-cli": ["google-gemini-cli", "/v1internal:generateContent", "authorization", { body: { response: { candidates: [] } } }],
    aws: ["bedrock-converse-stream", "/model/model-one/converse", "authorization", { body: { output: {}, stopReason: "end_turn" } }],
    mistral2: ["mistral-conversations", "/v1/chat/completions", "authorization", chat],
    azure: ["azure-openai-responses", "/responses", "api-key", { body: { object: "response", output: [] } }],
    copilot: ["github-copilot", "/chat/completions", "authorization", chat],
    llama: ["ollama", "/api/chat", "authorization", { body: { message: { role: "assistant", content: "hi" } } }],
  };

  test("all of them in one run, in the order of the list", async () => {
    const names = Object.keys(interfaces).toSorted();
    await home.write(CONFIG, providersOf(Object.fromEntries(names.map((name) => [name, interfaces[name]?.[0] ?? ""]))));
    for (const name of names) provider.setReplies(`test-key-${name}`, [interfaces[name]?.[3] ?? {}]);
    const report = await probes(["--probe-concurrency", "4"]);
    expect(report).toMatchObject({ code: 0, stderr: "", totalTargets: 12 });
    expect(report.results.map(({ provider, status }: { provider: string; status: string }) => `${provider} ${status}`)).toEqual(
      names.map((name) => `${name} ok`),
    );
    expect(provider.hits).toHaveLength(12);
    expect(provider.unexpected()).toEqual([]);
    const hits = Object.fromEntries(provider.hits.map((hit) => [hit.key, hit]));
    for (const [name, [, path, header]] of Object.entries(interfaces)) {
      const hit: Hit | undefined = hits[`test-key-${name}`];
      expect({ name, method: hit?.method, path: hit?.path }).toEqual({ name, method: "POST", path: `/${name}${path}` });
      expect(hit?.headers[header]).toBe(header === "authorization" ? `Bearer test-key-${name}` : `test-key-${name}`);
      expect(hit?.body.length).toBeLessThan(300);
    }
    expect(hits["test-key-messages"]?.headers["anthropic-version"]).toBe("2023-06-01");
    expect(JSON.parse(String(hits["test-key-completions"]?.body))).toEqual({
      model: "model-one",
      messages: [{ role: "user", content: "hi" }],
      max_tokens: 8,
    });
  });
});

describe("every way to fail has its status", () => {
  const replies: Readonly<Record<string, readonly [status: string, reply: Reply]>> = {
    "401": ["auth", { status: 401, body: openaiError("Incorrect API key: test-key-p-401", undefined, "invalid_api_key") }],
    "402": ["billing", { status: 402, body: openaiError("Insufficient credits") }],
    "403": ["auth", { status: 403, body: openaiError("Forbidden") }],
    "404": ["format", { status: 404, body: openaiError("no such model", undefined, "model_not_found") }],
    "429": ["rate_limit", { status: 429, headers: { "retry-after": "60" }, body: openaiError("Rate limit reached") }],
    "500": ["timeout", { status: 500, body: openaiError("broken") }],
    "503": ["rate_limit", { status: 503, body: openaiError("overloaded") }],
    cut: ["timeout", { beforeHeaders: "destroy" }],
    drip: ["timeout", { stream: [": wait\n\n"], afterHeaders: "hang" }],
    empty: ["unknown", { body: "" }],
    error200: ["rate_limit", { body: openaiError("slow down", undefined, "rate_limit_exceeded") }],
    garbage: ["unknown", { body: "\u0000\u001b[31mgarbage" }],
    hang: ["timeout", { beforeHeaders: "hang" }],
    html: ["unknown", { body: "<!doctype html><title>Hello</title>" }],
    huge: ["unknown", { body: "x".repeat(200_000) }],
    moved: ["unknown", { status: 301, headers: { location: "https://elsewhere.example/" } }],
    works: ["ok", { body: openaiCompletion("401 unauthorized") }],
  };
  const names = Object.keys(replies).map((name) => `p-${name}`);

  beforeEach(async () => {
    await home.write(CONFIG, providersOf(Object.fromEntries(names.map((name) => [name, "openai-completions"]))));
    for (const [name, [, reply]] of Object.entries(replies)) provider.setReplies(`test-key-p-${name}`, [reply]);
  });

  test("in JSON, with one request each, in bounded time and whatever it is, exit 0", async () => {
    const { code, results, durationMs, totalTargets } = await probes(["--probe-timeout", "1000", "--probe-concurrency", "3"]);
    expect(code).toBe(0);
    const statuses = results.map(({ provider: name, status }: { provider: string; status: string }) => [name.slice(2), status]);
    expect(Object.fromEntries(statuses)).toEqual(Object.fromEntries(Object.entries(replies).map(([name, [status]]) => [name, status])));
    expect(totalTargets).toBe(names.length);
    expect(provider.hits).toHaveLength(names.length);
    expect(provider.unexpected()).toEqual([]);
    // Two of them are given up at the deadline, beside others.
    expect(durationMs).toBeGreaterThanOrEqual(1000);
    expect(durationMs).toBeLessThan(6000);
    const byName = Object.fromEntries(results.map((result: { provider: string }) => [result.provider.slice(2), result]));
    expect(byName["401"]).toMatchObject({
      httpStatus: 401,
      error: "HTTP 401: Incorrect API key: [redacted]",
      rule: "status-401-permanent",
    });
    expect(byName["429"].retryAt).toBeGreaterThan(Date.now() + 40_000);
    expect(byName["hang"].error).toBe("No answer within 1000 ms.");
    expect(byName["garbage"].error).toBe("HTTP 200: something that is no JSON: garbage");
    expect(byName["moved"].error).toContain("a redirect to https://elsewhere.example, which is not followed");
  });

  test("in a table, with a total", async () => {
    const { code, stdout, stderr } = await openclaw(home, ["models", "status", "--probe", "--probe-timeout", "500"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const table = stdout.slice(stdout.indexOf("\nProbes\n"));
    expect(table).toMatch(/^ {2}Model\n {4}Profile +Status$/mu);
    expect(table).toMatch(/^ {2}p-works\/model-one\n {4}models\.providers\.p-works\.apiKey=#[0-9a-f]{8} \(api_key\) +ok · \d+ms$/mu);
    expect(table).toMatch(/^ {2}p-402\/model-one\n {4}.* billing · \d+ms\n {6}HTTP 402: Insufficient credits$/mu);
    expect(table).toMatch(/^ {2}Probed 17 targets in [\d.]+m?s$/mu);
  });
});

test("the JSON has the documented fields", async () => {
  provider.setReplies("test-key-env", [{ body: anthropicMessage("hi") }]);
  await home.write(CONFIG, anthropicAt());
  const args = ["--probe-timeout", "5000", "--probe-concurrency", "3", "--probe-max-tokens", "5"];
  const report = await probes(args, { ANTHROPIC_API_KEY: "test-key-env" });
  expect(report).toEqual({
    code: 0,
    stderr: "",
    startedAt: expect.any(Number),
    finishedAt: expect.any(Number),
    durationMs: report.finishedAt - report.startedAt,
    totalTargets: 1,
    options: { profileIds: [], timeoutMs: 5000, concurrency: 3, maxTokens: 5 },
    results: [
      {
        provider: "anthropic",
        model: "anthropic/claude-opus-4-6",
        label: expect.stringMatching(/^ANTHROPIC_API_KEY=#[0-9a-f]{8}$/u),
        source: "env",
        mode: "api_key",
        status: "ok",
        latencyMs: expect.any(Number),
        httpStatus: 200,
      },
    ],
  });
  expect(JSON.parse(String(provider.hits[0]?.body))).toMatchObject({ model: "claude-opus-4-6", max_tokens: 5 });
});

describe("what is tried out", () => {
  const statuses = (report: { results: readonly { profileId?: string; label: string; status: string; reasonCode?: string }[] }) =>
    report.results.map(({ profileId, label, status, reasonCode }) =>
      [profileId ?? label.replace(/=.*/u, ""), status, ...(reasonCode === undefined ? [] : [reasonCode])].join(" "),
    );
  const works = (...keys: readonly string[]) => {
    for (const key of keys) provider.setReplies(key, { body: anthropicMessage("hi") });
  };

  test("the stored profiles of a provider and not its keys; of one without profiles every key of the environment", async () => {
    works("test-key-anthropic:a", "test-key-anthropic:b", "test-key-1", "test-key-2", "test-key-3");
    const xai = { baseUrl: provider.url, api: "anthropic-messages", apiKey: "test-key-config", models: [{ id: "grok" }] };
    await home.write(CONFIG, { models: { providers: { anthropic: { baseUrl: provider.url, models: [] }, xai } } });
    await home.write(STORE, { profiles: { ...anthropic("anthropic:b"), ...anthropic("anthropic:a") } });
    const env = { ANTHROPIC_API_KEY: "test-key-0", XAI_API_KEYS: "test-key-1 test-key-2", XAI_API_KEY: "test-key-3" };
    const report = await probes([], env);
    expect(statuses(report)).toEqual(["anthropic:b ok", "anthropic:a ok", "XAI_API_KEYS[1] ok", "XAI_API_KEYS[2] ok", "XAI_API_KEY ok"]);
    const models = new Set(report.results.map(({ model }: { model: string }) => model));
    expect([...models]).toEqual(["anthropic/claude-opus-4-6", "xai/grok"]);
    expect(provider.keysSeen()).not.toContain("test-key-0");
    expect(provider.keysSeen()).not.toContain("test-key-config");
  });

  test("only some of it, by provider under any spelling or by profile", async () => {
    works("test-key-anthropic:a", "test-key-anthropic:b", "test-key-z");
    const zai = { baseUrl: provider.url, api: "anthropic-messages", models: [] };
    await home.write(CONFIG, { models: { providers: { anthropic: { baseUrl: provider.url, models: [] }, zai } } });
    await home.write(STORE, { profiles: { ...anthropic("anthropic:a"), ...anthropic("anthropic:b"), ...anthropic("anthropic:c") } });
    const env = { ZAI_API_KEY: "test-key-z" };
    expect(statuses(await probes(["--probe-provider", "Z.AI"], env))).toEqual(["ZAI_API_KEY ok"]);
    const named = ["--probe-profile", "anthropic:b,anthropic:a", "--probe-profile", "anthropic:a"];
    const report = await probes(named, env);
    expect(statuses(report)).toEqual(["anthropic:a ok", "anthropic:b ok"]);
    expect(report.options.profileIds).toEqual(["anthropic:b", "anthropic:a"]);
    expect(statuses(await probes([...named, "--probe-provider", "zai"], env))).toEqual([]);
  });

  test("nothing by a name that nobody has, with those that are like it", async () => {
    await home.write(CONFIG, anthropicAt());
    await home.write(STORE, { profiles: anthropic("anthropic:work") });
    const { code, stdout, stderr } = await openclaw(home, ["models", "status", "--probe", "--probe-provider", "antropic"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Warning: no provider is called "antropic"; there is anthropic\n' });
    expect(stdout).toContain("No probe targets.");
    const wrong = await probes(["--probe-profile", "anthropic:wrok"]);
    expect(wrong).toMatchObject({ code: 0, totalTargets: 0, results: [], stderr: expect.stringContaining("there is anthropic:work") });
    expect(provider.hits).toEqual([]);
  });

  test("not what an order leaves out, nor what requests pass over, and each says why", async () => {
    works("test-key-anthropic:good");
    await home.write(CONFIG, {
      ...anthropicAt(),
      auth: { order: { anthropic: ["anthropic:good", "anthropic:old", "anthropic:blank", "anthropic:ref"] } },
    });
    await home.write(STORE, {
      profiles: {
        ...anthropic("anthropic:good"),
        ...anthropic("anthropic:out"),
        "anthropic:old": { type: "token", provider: "anthropic", token: "test-token-old", expires: 1 },
        ...anthropic("anthropic:blank", { key: " " }),
        ...anthropic("anthropic:ref", { keyRef: { source: "env", provider: "default", id: "UNSET_KEY" } }),
      },
    });
    const report = await probes();
    expect(statuses(report)).toEqual([
      "anthropic:good ok",
      "anthropic:out unknown excluded_by_auth_order",
      "anthropic:old unknown expired",
      "anthropic:blank unknown missing_credential",
      "anthropic:ref unknown unresolved_ref",
    ]);
    const errors = report.results.map(({ error }: { error?: string }) => error);
    expect(errors[1]).toBe("Excluded by auth.order for this provider.");
    for (const error of errors.slice(2)) expect(error).toMatch(/^Auth profile credentials are missing or expired\.\n↳ Auth reason: .+$/u);
    expect(errors[4]).toContain('could not resolve SecretRef "env:default:UNSET_KEY".');
    expect(report.totalTargets).toBe(1);
    expect(provider.keysSeen()).toEqual(["test-key-anthropic:good"]);

    await home.write(CONFIG, anthropicAt());
    const unordered = await probes(["--probe-profile", "anthropic:old"]);
    expect(unordered.results).toMatchObject([
      { status: "unknown", error: 'Auth profile "anthropic:old" is not configured for anthropic.', eligibility: "expired" },
    ]);
    expect(unordered.results[0]).not.toHaveProperty("reasonCode");
  });

  test("a live key beside the profiles whose place it takes, and no key where an order ends at profiles", async () => {
    works("test-key-anthropic:a", "test-key-live");
    await home.write(CONFIG, anthropicAt());
    await home.write(STORE, { profiles: anthropic("anthropic:a") });
    expect(statuses(await probes([], { OPENCLAW_LIVE_ANTHROPIC_KEY: "test-key-live" }))).toEqual([
      "anthropic:a ok",
      "OPENCLAW_LIVE_ANTHROPIC_KEY ok",
    ]);
    await home.write(CONFIG, { ...anthropicAt(), auth: { order: { anthropic: ["anthropic:gone"] } } });
    await home.write(STORE, { profiles: {} });
    expect(statuses(await probes([], { ANTHROPIC_API_KEY: "test-key-live" }))).toEqual([
      "ANTHROPIC_API_KEY unknown excluded_by_auth_order",
    ]);
    expect(provider.hits).toHaveLength(2);
  });

  test("a provider whose usual model belongs to its plan, at the address of that plan", async () => {
    works("test-key-volc");
    const plan = { baseUrl: `${provider.url}/plan`, api: "anthropic-messages", models: [] };
    await home.write(CONFIG, { models: { providers: { "volcengine-plan": plan } } });
    const { results } = await probes(["--probe-provider", "doubao"], { VOLCANO_ENGINE_API_KEY: "test-key-volc" });
    expect(results).toMatchObject([{ provider: "volcengine", model: "volcengine-plan/ark-code-latest", status: "ok" }]);
    expect(provider.hits).toMatchObject([{ path: "/plan/v1/messages" }]);
  });

  test("a provider of which no model is known says so", async () => {
    const { results, totalTargets } = await probes(["--probe-provider", "groq"], { GROQ_API_KEY: "test-key-groq" });
    expect({ results, totalTargets }).toMatchObject({ totalTargets: 0, results: [{ status: "no_model", reasonCode: "no_model" }] });
    expect(results[0]).not.toHaveProperty("model");
  });

  test("a server on this machine that needs no key", async () => {
    const mine = { baseUrl: provider.url, api: "openai-completions", models: [{ id: "m" }] };
    await home.write(CONFIG, { models: { providers: { mine } } });
    provider.setReplies("", [{ body: openaiCompletion("hi") }]);
    const report = await probes(["--probe-provider", "mine"]);
    expect(report.results).toMatchObject([
      { provider: "mine", model: "mine/m", label: "no key needed", source: "models.json", status: "ok" },
    ]);
  });
});

describe("a probe is made as a request would be", () => {
  test("a command behind a reference is run, and a reference elsewhere that leads nowhere stops nothing", async () => {
    await home.write("bin/resolver", `#!/bin/sh\necho '{"protocolVersion":1,"values":{"team/key":"test-key-exec"}}'\n`);
    await chmod(join(home.path, "bin/resolver"), 0o700);
    const vault = { source: "exec", command: join(home.path, "bin/resolver"), allowInsecurePath: true };
    const broken = { baseUrl: provider.url, api: "openai-completions", apiKey: "${UNSET_KEY}" };
    await home.write(CONFIG, {
      secrets: { providers: { vault }, onFailure: "strict" },
      models: { providers: { anthropic: { baseUrl: provider.url, models: [] }, broken } },
    });
    const ref = { keyRef: { source: "exec", provider: "vault", id: "team/key" }, key: undefined };
    await home.write(STORE, { profiles: anthropic("anthropic:exec", ref) });
    provider.setReplies("test-key-exec", [{ body: anthropicMessage("hi") }]);
    const { code, results } = await probes();
    expect({ code, results }).toMatchObject({
      code: 0,
      results: [
        { profileId: "anthropic:exec", status: "ok" },
        {
          provider: "broken",
          label: "models.providers.broken.apiKey",
          status: "unknown",
          reasonCode: "unresolved_ref",
          error: expect.stringContaining('could not resolve SecretRef "env:default:UNSET_KEY".'),
        },
      ],
    });
  });

  test("a login that has ended is refreshed and stored, and nothing else is written", async () => {
    const idp = await startFakeIdp();
    onTestFinished(() => idp.close());
    const { refresh } = idp.issue();
    const oauth = { tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] };
    const acme = { baseUrl: provider.url, api: "openai-completions", models: [{ id: "m" }], oauth };
    await home.write(CONFIG, { models: { providers: { acme } } });
    const login = {
      type: "oauth",
      provider: "acme",
      access: "test-access-old",
      refresh,
      expires: Date.now() - HOUR,
      accountId: "account-one",
    };
    await home.write(STORE, { version: 1, profiles: { "acme:work": login } });
    const { results } = await probes(["--probe-provider", "acme"]);
    const { access } = JSON.parse(await home.read(STORE)).profiles["acme:work"];
    expect(access).not.toBe("test-access-old");
    // The provider refuses what it was just given, so that it is refreshed once more, as for a request.
    expect(provider.keysSeen()).toEqual([expect.any(String), access]);
    expect(results).toMatchObject([{ profileId: "acme:work", mode: "oauth", status: "auth", httpStatus: 401 }]);
    expect(idp.tokenRequests()).toBe(2);

    provider.setReplies(access, { body: openaiCompletion("hi") });
    const before = await Promise.all([home.read(CONFIG), home.read(STORE), home.list()]);
    expect((await probes(["--probe-provider", "acme"])).results).toMatchObject([{ status: "ok" }]);
    expect(await Promise.all([home.read(CONFIG), home.read(STORE), home.list()])).toEqual(before);
  });

  test("a login that only a person can renew says so", async () => {
    const idp = await startFakeIdp();
    onTestFinished(() => idp.close());
    const { refresh } = idp.issue();
    idp.revoke(refresh);
    const acme = {
      baseUrl: provider.url,
      api: "openai-completions",
      models: [{ id: "m" }],
      oauth: { tokenUrl: idp.tokenUrl, clientId: idp.clientId },
    };
    await home.write(CONFIG, { models: { providers: { acme } } });
    await home.write(STORE, {
      profiles: { "acme:work": { type: "oauth", provider: "acme", access: "test-access-old", refresh, expires: 1 } },
    });
    const { results } = await probes(["--probe-provider", "acme"]);
    expect(results).toMatchObject([{ status: "auth", reasonCode: "expired", hint: expect.stringContaining("openclaw models auth login") }]);
    expect(provider.hits).toEqual([]);
  });

  test("no key goes to an address of this network that was not declared, nor over http", async () => {
    const at = (baseUrl: string) => ({ baseUrl, api: "openai-completions", apiKey: "test-key-lan", models: [{ id: "m" }] });
    await home.write(CONFIG, {
      models: { providers: { http: at("http://llm.example/v1"), lan: at("https://10.0.0.1/v1"), meta: at("http://169.254.169.254/") } },
    });
    const { results, totalTargets } = await probes();
    expect(totalTargets).toBe(0);
    expect(results).toMatchObject([{ status: "unknown" }, { status: "unknown" }, { status: "unknown" }]);
    for (const { error } of results) expect(error).toContain("Base URL refused");
  });
});

describe("--check", () => {
  test("judges what is stored, whatever the probes find", async () => {
    await home.write(CONFIG, anthropicAt());
    await home.write(STORE, { profiles: anthropic("anthropic:a") });
    expect(await probes(["--check"])).toMatchObject({ code: 0, results: [{ status: "auth" }] });
    const ending = { type: "token", provider: "anthropic", token: "test-token", expires: Date.now() + HOUR };
    await home.write(STORE, { profiles: { "anthropic:t": ending } });
    provider.setReplies("test-token", { body: anthropicMessage("hi") });
    expect(await probes(["--check"])).toMatchObject({ code: 2, results: [{ status: "ok", mode: "token" }] });
  });

  test("without --probe nothing is asked", async () => {
    await home.write(CONFIG, anthropicAt());
    await home.write(STORE, { profiles: anthropic("anthropic:a") });
    const { code, stdout } = await openclaw(home, ["models", "status", "--json", "--probe-provider", "anthropic"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).auth).not.toHaveProperty("probes");
    expect(provider.acceptedConnections()).toBe(0);
  });
});

test.each([
  [["--json", "--plain"], "Choose either --json or --plain, not both."],
  [["--probe", "--plain"], "--probe cannot be used with --plain output."],
  [["--probe", "--probe-timeout", "soon"], "--probe-timeout must be a positive number (ms)."],
  [["--probe", "--probe-timeout", "-1"], "--probe-timeout must be a positive number (ms)."],
  [["--probe-concurrency", "0"], "--probe-concurrency must be > 0."],
  [["--probe", "--probe-max-tokens", "none"], "--probe-max-tokens must be > 0."],
  [["--probe", "--agent", "nobody"], 'Unknown agent id "nobody". Use "openclaw agents list" to see configured agents.'],
])("%j is refused", async (args, message) => {
  const { code, stdout, stderr } = await openclaw(home, ["models", "status", ...args]);
  expect({ code, stdout, first: stderr.split("\n")[0] }).toEqual({ code: 1, stdout: "", first: `Error: ${message}` });
});

test("Ctrl-C ends it at once, with 130 and nothing on the screen", async () => {
  await home.write(CONFIG, anthropicAt());
  await home.write(STORE, { profiles: { ...anthropic("anthropic:a"), ...anthropic("anthropic:b") } });
  for (const id of ["a", "b"]) provider.setReplies(`test-key-anthropic:${id}`, { beforeHeaders: "hang" });
  const args = [BIN, "models", "status", "--probe", "--probe-timeout", "60000", "--probe-concurrency", "1"];
  const running = await startProcess(process.execPath, args, { env: home.env });
  onTestFinished(() => void running.stop());
  await provider.waitForHit();
  const before = Date.now();
  running.signal("SIGINT");
  expect(await running.exited).toEqual({ code: 130, signal: null });
  expect(Date.now() - before).toBeLessThan(3000);
  expect(running.stdout() + running.stderr()).toBe("");
  expect(provider.hits).toHaveLength(1);
});

test("providers that hang take no longer than their deadlines, one batch after the other", async () => {
  const profiles = Object.assign({}, ...["a", "b", "c", "d"].map((id) => anthropic(`anthropic:${id}`)));
  await home.write(CONFIG, anthropicAt());
  await home.write(STORE, { profiles });
  for (const id of Object.keys(profiles)) provider.setReplies(`test-key-${id}`, { beforeHeaders: "hang" });
  const { durationMs, results } = await probes(["--probe-timeout", "400", "--probe-concurrency", "2"]);
  expect(results.map(({ status }: { status: string }) => status)).toEqual(["timeout", "timeout", "timeout", "timeout"]);
  expect(durationMs).toBeGreaterThanOrEqual(800);
  expect(durationMs).toBeLessThan(2500);
  expect(provider.openConnections()).toBe(0);
});

import { join } from "node:path";
import { inspect } from "node:util";
import { createCanary, createTempHome, findCanary } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseConfig, readConfig } from "./config.ts";
import { HomeError } from "./errors.ts";

const PATH = "/state/openclaw.json";
const strategyNames = 'expected "ordered", "fill-first", "least-used", "most-headroom" or { strategy: "most-headroom", window: "7d" }';

function errorOf(text: string): HomeError {
  try {
    parseConfig(text, PATH);
  } catch (error) {
    if (error instanceof HomeError) return error;
    throw error;
  }
  throw new Error("the text was accepted");
}

/** Everything a log could show of an error. */
function printed(error: Error): Readonly<Record<string, string>> {
  return {
    message: error.message,
    inspect: inspect(error, { depth: 9, showHidden: true }),
    json: JSON.stringify(error),
    stack: error.stack ?? "",
  };
}

describe("what is accepted", () => {
  test("JSON5, with comments, bare keys, single quotes and trailing commas", () => {
    const config = parseConfig(
      `// first
      {
        /* one */ models: { providers: { mine: { baseUrl: 'https://llm.example/v1', }, }, },
        gateway: { port: 0x10, mode: "local" }, // last
      }`,
      PATH,
    );
    expect(config).toEqual({
      models: { providers: { mine: { baseUrl: "https://llm.example/v1" } } },
      gateway: { port: 16, mode: "local" },
    });
  });

  test("sections and keys of other parts of OpenClaw are kept", () => {
    const config = {
      channels: { telegram: { botToken: "test-token" } },
      plugins: [1, 2],
      models: { mode: "merge", providers: { mine: { headers: { "x-a": "b" } } } },
      agents: { defaults: { workspace: "~/w" }, list: [{ id: "main", tools: {} }] },
      gateway: { remote: { url: "wss://x" } },
    };
    expect(parseConfig(JSON.stringify(config), PATH)).toEqual(config);
  });

  test.each([
    ["a model as text", { agents: { defaults: { model: "openai/a" } } }],
    ["a model with fallbacks", { agents: { defaults: { model: { primary: "openai/a", fallbacks: ["b/c"] } } } }],
    [
      "every key under auth that is documented",
      {
        auth: {
          profiles: { "openai:x": { provider: "openai", mode: "token", email: "me@example.com", displayName: "x" } },
          order: { openai: ["openai:x"] },
          cooldowns: {
            billingBackoffHours: 5,
            billingBackoffHoursByProvider: { openai: 1 },
            billingMaxHours: 24,
            failureWindowHours: 24,
            overloadedProfileRotations: 1,
            overloadedBackoffMs: 0,
            rateLimitedProfileRotations: 1,
            maxWaitMs: 0,
          },
          pins: "prefer",
          billingCrossing: "allow",
          strategies: {
            Anthropic: "ordered",
            openai: "fill-first",
            google: "least-used",
            "openai-codex": { strategy: "most-headroom", window: "7d" },
            "*": "most-headroom",
          },
          credentials: {
            "openai:x": { bucket: "project-1", maxConcurrent: 2 },
            OPENAI_API_KEYS: { maxConcurrent: 1 },
            "OPENAI_API_KEYS[2]": {},
            "models.providers.openai.apiKey": { bucket: "project-1" },
          },
        },
      },
    ],
    [
      "a key of any shape: what it is, its reader says",
      { models: { providers: { a: { apiKey: 5 }, b: { apiKey: { source: "env", id: "A" } } } } },
    ],
  ])("%s", (_name, config) => {
    expect(parseConfig(JSON.stringify(config), PATH)).toEqual(config);
  });

  test.each(["constructor", "toString", "hasOwnProperty"])("a provider may be called %s", (id) => {
    expect(Object.keys(parseConfig(JSON.stringify({ models: { providers: { [id]: {} } } }), PATH).models?.providers ?? {})).toEqual([id]);
  });

  test("no key reaches the prototype of anything", () => {
    const config = parseConfig(
      '{"__proto__": {"polluted": 1}, "models": {"providers": {"__proto__": {"baseUrl": "https://evil.example"}}}}',
      PATH,
    );
    expect(config).not.toHaveProperty("polluted");
    expect(config.models?.providers).not.toHaveProperty("baseUrl");
    expect({}).not.toHaveProperty("polluted");
  });
});

describe("what is rejected, with the place", () => {
  test.each<[string, object | string, string]>([
    ["an unknown key under auth", { auth: { ordr: {} } }, "auth.ordr: unknown key"],
    ["and deeper", { auth: { cooldowns: { billingHours: 1 } } }, "auth.cooldowns.billingHours: unknown key"],
    ["two of them", { auth: { a: 1, b: 2 } }, "  auth.a: unknown key\n  auth.b: unknown key"],
    ["an order that is no list", { auth: { order: { openai: "openai:x" } } }, "auth.order.openai: "],
    ["a member of one that is no text", { auth: { order: { openai: [5] } } }, "auth.order.openai.0: "],
    ["an unknown mode", { auth: { profiles: { "a:b": { provider: "a", mode: "key" } } } }, "auth.profiles.a:b.mode: "],
    ["a profile without a provider", { auth: { profiles: { "a:b": { mode: "token" } } } }, "auth.profiles.a:b.provider: "],
    ["a limit below zero", { auth: { cooldowns: { rateLimitedProfileRotations: -1 } } }, "auth.cooldowns.rateLimitedProfileRotations: "],
    ["pins that are neither", { auth: { pins: true } }, "auth.pins: "],
    [
      "a first window below zero",
      { auth: { cooldowns: { billingBackoffHoursByProvider: { a: -1 } } } },
      "billingBackoffHoursByProvider.a: ",
    ],
    ["a strategy that is none, with all there are", { auth: { strategies: { a: "random" } } }, `auth.strategies.a: ${strategyNames}`],
    ["and one in an object", { auth: { strategies: { "*": { strategy: "random" } } } }, `auth.strategies.*: ${strategyNames}`],
    ["a window of another strategy", { auth: { strategies: { a: { strategy: "ordered", window: "7d" } } } }, "auth.strategies.a: expected"],
    ["a window without a name", { auth: { strategies: { a: { strategy: "most-headroom", window: " " } } } }, "auth.strategies.a.window: "],
    ["an unknown key of a credential", { auth: { credentials: { A: { max: 1 } } } }, "auth.credentials.A.max: unknown key"],
    ["a credential for no request at all", { auth: { credentials: { A: { maxConcurrent: 0 } } } }, "auth.credentials.A.maxConcurrent: "],
    ["half a request", { auth: { credentials: { A: { maxConcurrent: 1.5 } } } }, "auth.credentials.A.maxConcurrent: "],
    ["a bucket without a name", { auth: { credentials: { A: { bucket: " " } } } }, "auth.credentials.A.bucket: "],
    ["a model that is neither text nor object", { agents: { defaults: { model: 5 } } }, "agents.defaults.model: expected"],
    ["a base URL that is no text", { models: { providers: { a: { baseUrl: 5 } } } }, "models.providers.a.baseUrl: "],
    ["local as text", { models: { providers: { a: { local: "yes" } } } }, "models.providers.a.local: "],
    ["an agent without an id", { agents: { list: [{ default: true }] } }, "agents.list.0.id: "],
    ["an agent whose id is no plain name", { agents: { list: [{ id: "../../x" }] } }, "agents.list.0.id: expected a name"],
    ["a port out of range", { gateway: { port: 65_536 } }, "gateway.port: "],
    [
      "an unknown key of a client, with those there are",
      { gateway: { clients: { ci: { token: "t", model: [] } } } },
      "gateway.clients.ci.model: unknown key; there are token, models, profiles, agents, metrics",
    ],
    [
      "an unknown limit",
      { gateway: { limits: { connections: 1 } } },
      "gateway.limits.connections: unknown key; there are maxConnections, ",
    ],
    ["a client without a token", { gateway: { clients: { ci: {} } } }, "gateway.clients.ci.token: expected text"],
    ["a client with a name for nobody", { gateway: { clients: { "a b": { token: "t" } } } }, "gateway.clients.a b: expected a name"],
    ["a client that is called admin", { gateway: { clients: { admin: { token: "t" } } } }, "gateway.clients.admin: admin is who"],
    ["a model pattern without text", { gateway: { clients: { ci: { token: "t", models: [" "] } } } }, "gateway.clients.ci.models.0: "],
    ["a host with a path", { gateway: { allowedHosts: ["gw.example/x"] } }, "gateway.allowedHosts.0: expected a host name"],
    ["a host for all", { gateway: { allowedHosts: ["*"] } }, "gateway.allowedHosts.0: expected a host name"],
    ["a proxy that is a name", { gateway: { trustedProxies: ["proxy"] } }, "gateway.trustedProxies.0: expected an address"],
    ["a limit of nothing", { gateway: { limits: { maxRequests: 0 } } }, "gateway.limits.maxRequests: "],
    ["a time no timer can wait", { gateway: { limits: { requestTimeoutMs: 2 ** 31 } } }, "gateway.limits.requestTimeoutMs: "],
    ["a list in place of the whole", [], "(top level): "],
    ["null in its place", "null", "(top level): "],
  ])("%s", (_name, config, place) => {
    const error = errorOf(typeof config === "string" ? config : JSON.stringify(config));
    expect(error.code).toBe("config-invalid");
    expect(error.message).toContain(`${PATH} is not valid:\n`);
    expect(error.message).toContain(place);
  });

  test("all problems at once", () => {
    expect(errorOf('{"auth": {"x": 1}, "gateway": {"port": "a"}}').message.split("\n")).toHaveLength(3);
  });

  test.each([
    ["an unclosed text", (canary: string) => `{\n  "apiKey": "${canary}\n}`],
    ["a value without quotes", (canary: string) => `{"apiKey": ${canary}}`],
    ["text behind the end", (canary: string) => `{} ${canary}`],
    ["a missing comma", (canary: string) => `{"a": 1\n"${canary}": 2}`],
    ["a bad escape", (canary: string) => String.raw`{"a": "\u${canary}"}`],
    ["a torn file", (canary: string) => `{"models": {"providers": {"a": {"apiKey": "${canary}"`],
    ["nothing but a key", (canary: string) => canary],
    ["a key where a number belongs", (canary: string) => `{"gateway": {"port": "${canary}"}}`],
    ["a key where a word of a list belongs", (canary: string) => `{"auth": {"pins": "${canary}"}}`],
    ["a key where an object belongs", (canary: string) => `{"auth": "${canary}", "models": {"providers": "${canary}"}}`],
    ["a key as an agent's id", (canary: string) => `{"agents": {"list": [{"id": "${canary}/"}]}}`],
  ])("without a word of the file: %s", async (_name, textWith) => {
    const canary = createCanary("config");
    // One character is a piece too: it is what JSON5 quotes.
    const error = errorOf(textWith(canary));
    expect(await findCanary(canary, { texts: printed(error) }, { minPiece: 5 })).toEqual([]);
    expect(error.cause).toBeUndefined();
  });

  test("a syntax error names line and column and does not quote the character", () => {
    const error = errorOf('{\n  "a": ¤\n}');
    expect(error.message).toBe(`${PATH}:2:8: not valid JSON5`);
    expect(error.hint).toBe("open it at line 2, column 8");
    expect(Object.values(printed(error)).join("")).not.toContain("¤");
  });
});

describe("what comes back", () => {
  const secretive = (canary: string) => ({
    models: { providers: { mine: { apiKey: canary, headers: { authorization: canary } } }, extra: canary },
    gateway: { auth: { token: canary }, remote: { token: canary }, clients: { ci: { token: canary } } },
    env: { OPENAI_API_KEY: canary, vars: { GROQ_API_KEY: canary } },
    agents: { defaults: { memorySearch: { apiKey: canary } }, list: [{ id: "main", apiKey: canary }] },
    secrets: { providers: { vault: { source: "exec", command: "/bin/true", env: { TOKEN: canary } } } },
    channels: { telegram: { botToken: canary } },
  });

  test("neither it nor a part of it that can hold a key prints one", async () => {
    const canary = createCanary("config");
    const config = parseConfig(JSON.stringify(secretive(canary)), PATH);
    const { models, gateway, env, agents, secrets } = config;
    const parts = {
      config,
      models,
      mine: models?.providers?.["mine"],
      gateway,
      token: gateway?.auth,
      client: gateway?.clients?.["ci"],
      env,
      agents,
      main: agents?.list?.[0],
      secrets,
    };
    for (const [name, part] of Object.entries(parts)) {
      const texts = { [`inspect ${name}`]: inspect(part, { depth: 9, showHidden: true }), [`json ${name}`]: JSON.stringify(part) };
      expect(await findCanary(canary, { texts })).toEqual([]);
    }
    expect(models?.providers?.["mine"]?.apiKey).toBe(canary);
  });

  test("is frozen throughout", () => {
    const config = parseConfig(JSON.stringify({ ...secretive("x"), auth: { order: { openai: ["openai:x"] } } }), PATH);
    const parts = [
      config,
      config.auth,
      config.auth?.order?.["openai"],
      config.env,
      config.models?.providers?.["mine"],
      config.agents?.list?.[0],
    ];
    expect(parts.map((part) => Object.isFrozen(part))).toEqual(parts.map(() => true));
  });
});

describe("the file", () => {
  async function homeWith(files: Readonly<Record<string, string>>): Promise<string> {
    const home = await createTempHome(files);
    onTestFinished(() => home.remove());
    return join(home.path, "openclaw.json");
  }

  test("that is not there is an empty configuration", async () => {
    expect(await readConfig(await homeWith({}))).toEqual({});
  });

  test("may begin with a byte order mark", async () => {
    expect(await readConfig(await homeWith({ "openclaw.json": '\uFEFF{"gateway": {"mode": "local"}}' }))).toEqual({
      gateway: { mode: "local" },
    });
  });

  test("that is empty is an error: it may be what a full disk left", async () => {
    await expect(readConfig(await homeWith({ "openclaw.json": "" }))).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(":1:1: not valid JSON5"),
    });
  });

  test("that is a folder is an error", async () => {
    await expect(readConfig(await homeWith({ "openclaw.json/x": "" }))).rejects.toMatchObject({
      code: "config-unreadable",
      message: expect.stringContaining("is not a regular file"),
    });
  });
});

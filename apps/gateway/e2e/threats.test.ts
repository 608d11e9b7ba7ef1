import { once } from "node:events";
import { rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { openaiCompletion, sseEvent } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { surfaces } from "../src/surfaces.ts";
import { raw, request } from "./raw-http.ts";
import { startTestGateway, testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const KEY = "test-key-one";
const env = { TEST_API_KEY: KEY };
const replies = { [KEY]: { body: openaiCompletion("ok") } };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const providers = { providers: { test: provider } };
const COMPLETIONS = "/v1/chat/completions";
const CI = "test-token-of-ci-0123456789abcdefghij";
const DEV = "test-token-of-dev-0123456789abcdefghi";
const NEXT = "test-token-next-0123456789abcdefghijk";
const STATE = ".openclaw";

const start = testGateways();
const withGateway = (gateway: object, options: Partial<TestGatewayOptions> = {}) =>
  start({ env, replies, ...options, config: { gateway, models: providers, ...options.config } });

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Asks with a token, and gives the status with what the body says. */
async function ask({ gateway }: TestGateway, token: string, { path = COMPLETIONS, method = "POST", body, headers = {} }: Asked = {}) {
  const answer = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...headers },
    ...(method !== "GET" && { body: JSON.stringify(body ?? { model: "test/m", messages: [] }) }),
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

const statusOf = async (started: TestGateway, token: string) => (await ask(started, token, { path: "/v1/models", method: "GET" })).status;

describe("T1: nothing in a request says where it goes", () => {
  const targets = surfaces.map(({ path }) => path.replace("*model", "models/test/m"));

  test.each(targets)("T1: no member, header or query of %s", async (path) => {
    const decoy = await startTestGateway({});
    onTestFinished(() => decoy.close());
    const { url } = decoy.provider;
    const started = await start({ env, replies });
    const routing = { api_base: url, base_url: url, baseUrl: url, api_url: url, endpoint: url, host: url, custom_llm_provider: url };
    const body = {
      model: "test/m",
      messages: [],
      contents: [],
      input: "x",
      ...routing,
      litellm_params: routing,
      extra_body: routing,
      metadata: routing,
    };
    const headers = Object.fromEntries(
      [
        "x-openai-base-url",
        "x-upstream",
        "x-target-host",
        "x-portkey-custom-host",
        "x-forwarded-host",
        "forwarded",
        "x-original-url",
        "x-rewrite-url",
        "x-openclaw-base-url",
      ].map((name) => [name, url]),
    );
    await ask(started, TOKEN, { path: `${path}?base_url=${encodeURIComponent(url)}&api_base=${encodeURIComponent(url)}`, body, headers });
    expect(decoy.provider.acceptedConnections()).toBe(0);
    expect(started.provider.hits.map((hit) => hit.headers["host"])).toEqual(
      started.provider.hits.map(() => new URL(started.provider.url).host),
    );
    expect(JSON.stringify(started.provider.hits.map((hit) => [hit.path, hit.headers]))).not.toContain(new URL(url).host);
  });

  test("T1: nor does the name of a model", async () => {
    const decoy = await startTestGateway({});
    onTestFinished(() => decoy.close());
    const { url } = decoy.provider;
    const started = await start({ env, replies });
    const { host } = new URL(url);
    for (const model of [`${url}/v1/m`, `test@${host}/m`, `//${host}/m`, `${host}/m`, `test.${host}/m`, `https://test/@${host}/m`]) {
      expect([model, (await ask(started, TOKEN, { body: { model } })).status]).toEqual([model, 404]);
    }
    // What is behind the name of a provider is a name to that provider, whatever it looks like.
    expect((await ask(started, TOKEN, { body: { model: `test/../../${host}/m` } })).status).toBe(200);
    expect(started.provider.hits.map(({ path }) => path)).toEqual(["/v1/chat/completions"]);
    expect(decoy.provider.acceptedConnections()).toBe(0);
  });
});

describe("T5: a web page that reaches for the gateway of whoever looks at it", () => {
  const page = { host: "localhost", authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  const attempts: readonly [string, string, Readonly<Record<string, string>>][] = [
    ["by a name of its own", "POST", { ...page, host: "evil.example" }],
    ["by fetch", "POST", { ...page, origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["from a sandbox", "POST", { ...page, origin: "null" }],
    ["from another program's page on this machine", "POST", { ...page, origin: "http://localhost:3000", "sec-fetch-site": "same-site" }],
    ["by a form", "POST", { host: "localhost", origin: "https://evil.example", "content-type": "application/x-www-form-urlencoded" }],
    ["by a request that asks nobody", "POST", { ...page, "content-type": "text/plain" }],
    ["by an image", "GET", { host: "localhost", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" }],
    [
      "by a question whether it may",
      "OPTIONS",
      { host: "localhost", origin: "https://evil.example", "access-control-request-method": "POST" },
    ],
    ["by a WebSocket", "GET", { ...page, connection: "Upgrade, close", upgrade: "websocket", origin: "https://evil.example" }],
  ];

  test.each(attempts)("T5: %s: nothing changes, nothing is asked, and nothing can be read", async (_name, method, headers) => {
    const started = await start({ env, replies });
    for (const path of [COMPLETIONS, "/v1/messages", "/api/v1/secrets/reload", "/api/v1/config/reload"]) {
      const answer = await raw(started.gateway.port, request(method, path, headers, method === "POST" ? '{"model":"test/m"}' : ""));
      expect([403, 415]).toContain(answer.status);
      expect(answer.text).not.toMatch(/access-control-allow|sec-websocket-accept/iu);
    }
    expect(started.provider.hits).toEqual([]);
    expect(started.events.filter(({ type }) => type !== "refused")).toEqual([]);
  });
});

describe("T7: whoever tries tokens", () => {
  const wrong = async (started: TestGateway, headers: Readonly<Record<string, string>> = {}) =>
    raw(started.gateway.port, request("GET", "/v1/models", { authorization: "Bearer test-wrong", ...headers }));

  /** Asks from another address of this machine. */
  function askFrom(localAddress: string, { gateway }: TestGateway, token: string): Promise<number> {
    return new Promise((resolve, reject) => {
      const asked = httpRequest({
        host: "127.0.0.1",
        port: gateway.port,
        path: "/v1/models",
        localAddress,
        headers: { authorization: `Bearer ${token}`, connection: "close" },
      });
      asked.on("response", (answer) => resolve(answer.resume().statusCode ?? 0));
      asked.on("error", reject);
      asked.end();
    });
  }

  test("T7: of a thousand wrong tokens twenty are looked at and the others told to wait, which the log says once", async () => {
    const started = await start({ env, replies });
    const statuses: number[] = [];
    for (let index = 0; index < 1_000; index += 1)
      statuses.push((await wrong(started, { "x-forwarded-for": `10.0.${index >> 8}.${index & 255}` })).status);
    expect(statuses.slice(0, 20)).toEqual(statuses.slice(0, 20).map(() => 401));
    const later = statuses.slice(20);
    // One more every three seconds, which a thousand requests may take.
    expect(later.filter((status) => status === 429).length).toBeGreaterThan(950);
    expect(new Set(later).size).toBeLessThanOrEqual(2);
    const limited = await wrong(started);
    expect(JSON.parse(limited.body)).toMatchObject({ error: { code: "too_many_wrong_tokens" } });
    expect(Number(limited.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(started.events.filter(({ type }) => type === "wrong-tokens")).toEqual([{ type: "wrong-tokens", source: "127.0.0.1" }]);
    // The right one is strong, so that no number of attempts would find it: nobody is locked out by others behind one address.
    expect(await statusOf(started, TOKEN)).toBe(200);
  });

  test("T7: no token at all is no attempt, and health checks are answered as ever", async () => {
    const started = await start({ env, replies });
    for (let index = 0; index < 30; index += 1) await wrong(started);
    expect((await raw(started.gateway.port, request("GET", "/v1/models", {}))).status).toBe(401);
    expect((await raw(started.gateway.port, request("GET", "/healthz", { authorization: "Bearer test-wrong" }))).status).toBe(200);
  });

  test("T7: a check of health is no place to try unnoticed", async () => {
    const started = await start({ env, replies });
    for (let index = 0; index < 30; index += 1)
      await raw(started.gateway.port, request("GET", "/readyz", { authorization: "Bearer test-wrong" }));
    expect((await wrong(started)).status).toBe(429);
  });

  test.skipIf(process.platform !== "linux")(
    "T7: a token that could be found by trying has to wait as well, where the attempts come from and nowhere else",
    async () => {
      const started = await withGateway({ clients: { ci: { token: "short" } } });
      expect(await askFrom("127.0.0.2", started, "short")).toBe(200);
      for (let index = 0; index < 25; index += 1) await askFrom("127.0.0.2", started, "wrong");
      expect([
        await askFrom("127.0.0.2", started, "short"),
        await askFrom("127.0.0.3", started, "short"),
        await askFrom("127.0.0.2", started, TOKEN),
      ]).toEqual([429, 200, 200]);
    },
  );

  test("T7: behind a trusted proxy each client is counted by itself, and what it says of its address by what the proxy adds", async () => {
    const started = await withGateway({ trustedProxies: ["127.0.0.1"], limits: { maxWrongTokens: 2 } });
    const from = async (forwarded: string) => (await wrong(started, { "x-forwarded-for": forwarded })).status;
    expect([await from("10.0.0.1"), await from("6.6.6.6, 10.0.0.1"), await from("7.7.7.7, 10.0.0.1"), await from("10.0.0.2")]).toEqual([
      401, 401, 429, 401,
    ]);
  });
});

/** A stream that is under way. */
async function openStream({ gateway }: TestGateway, token: string, path = COMPLETIONS) {
  const isGet = path !== COMPLETIONS;
  const answer = await fetch(`${gateway.url}${path}`, {
    method: isGet ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(!isGet && { body: JSON.stringify({ model: "test/m", stream: true, messages: [] }) }),
  });
  const reader = answer.body?.getReader();
  const first = isGet ? undefined : await reader?.read();
  let isOver = false;
  const drain = async () => {
    for (;;) if ((await reader?.read())?.done !== false) return;
  };
  const ended = drain().then(
    () => void (isOver = true),
    () => void (isOver = true),
  );
  return { status: answer.status, first, ended, isOver: () => isOver };
}

describe("T8: a token that is no longer valid", () => {
  const content = { choices: [{ delta: { content: "x" } }] };
  const endless = { [KEY]: { stream: [sseEvent(content)], afterHeaders: "hang", repeat: true } } as const;
  const tokens = { ci: { token: CI }, dev: { token: DEV } };

  interface Rotation {
    readonly options: Partial<TestGatewayOptions> & { readonly gateway?: object };
    readonly old: string;
    readonly next: string | undefined;
    readonly rotate: (started: TestGateway) => Promise<unknown>;
  }
  const rewrite = ({ home, provider: { url } }: TestGateway, config: object) =>
    home.write(
      `${STATE}/openclaw.json`,
      JSON.stringify({ models: providers, ...config })
        .replaceAll("@PROVIDER@", url)
        .replaceAll("@HOME@", home.path),
    );
  const vault = { providers: { keys: { source: "file", path: "@HOME@/keys.json" } } };
  const fromFile = { source: "file", provider: "keys", id: "/ci" };

  const rotations: readonly [string, Rotation][] = [
    [
      "the generated file is written anew",
      {
        options: { tokenFile: "generated", files: { [`${STATE}/gateway-token`]: `${TOKEN}\n` } },
        old: TOKEN,
        next: NEXT,
        rotate: ({ home }) => home.write(`${STATE}/gateway-token`, `${NEXT}\n`, 0o600),
      },
    ],
    [
      "the text of the gateway's own is another",
      {
        options: { tokenFile: "generated", gateway: { auth: { token: TOKEN } } },
        old: TOKEN,
        next: NEXT,
        rotate: (started) => rewrite(started, { gateway: { auth: { token: NEXT }, clients: { dev: { token: DEV } } } }),
      },
    ],
    [
      "a client's text is another",
      {
        options: { gateway: { clients: tokens } },
        old: CI,
        next: NEXT,
        rotate: (started) => rewrite(started, { gateway: { clients: { ...tokens, ci: { token: NEXT } } } }),
      },
    ],
    [
      "a client is taken out",
      {
        options: { gateway: { clients: tokens } },
        old: CI,
        next: undefined,
        rotate: (started) => rewrite(started, { gateway: { clients: { dev: { token: DEV } } } }),
      },
    ],
    [
      "a client's variable is another in .env",
      {
        options: { gateway: { clients: { ...tokens, ci: { token: "${CI_TOKEN}" } } }, files: { [`${STATE}/.env`]: `CI_TOKEN=${CI}\n` } },
        old: CI,
        next: NEXT,
        rotate: ({ home }) => home.write(`${STATE}/.env`, `CI_TOKEN=${NEXT}\n`, 0o600),
      },
    ],
    [
      "a client's file of secrets holds another",
      {
        options: {
          gateway: { clients: { ...tokens, ci: { token: fromFile } } },
          config: { secrets: vault },
          files: { "keys.json": JSON.stringify({ ci: CI }) },
        },
        old: CI,
        next: NEXT,
        rotate: ({ home }) => home.write("keys.json", { ci: NEXT }, 0o600),
      },
    ],
  ];

  test.each(rotations)(
    "T8: is refused within a second, open streams included, and no other is: %s",
    async (_name, { options, old, next, rotate }) => {
      const { gateway = { clients: { dev: { token: DEV } } }, ...rest } = options;
      const started = await withGateway({ clients: { dev: { token: DEV } }, ...gateway }, { ...rest, replies: endless });
      const [mine, others] = [await openStream(started, old), await openStream(started, DEV)];
      expect([mine.status, others.status, await statusOf(started, old)]).toEqual([200, 200, 200]);
      const before = performance.now();
      await rotate(started);
      await mine.ended;
      expect(performance.now() - before).toBeLessThan(1_000);
      expect([await statusOf(started, old), await statusOf(started, DEV), others.isOver()]).toEqual([401, 200, false]);
      expect(next === undefined ? 200 : await statusOf(started, next)).toBe(200);
      expect(started.events.filter(({ type }) => type === "clients")).toEqual([expect.objectContaining({ type: "clients", ended: 1 })]);
      expect(started.events.filter(({ type }) => type === "client-gone")).toEqual([]);
    },
  );

  test("T8: --token-file is watched, and the admin's own streams end too", async () => {
    const started = await withGateway(
      {},
      { replies: endless, tokenFile: "generated", files: { [`${STATE}/gateway-token`]: `${TOKEN}\n` } },
    );
    const events = await openStream(started, TOKEN, "/api/v1/events");
    expect(events.status).toBe(200);
    await started.home.write(`${STATE}/gateway-token`, `${NEXT}\n`, 0o600);
    await events.ended;
    expect([await statusOf(started, TOKEN), await statusOf(started, NEXT)]).toEqual([401, 200]);
  });

  test.each<[string, object]>([
    ["two clients with one token", { ci: { token: CI }, dev: { token: CI } }],
    ["a client with a placeholder", { dev: { token: "changeme" } }],
    ["a client whose models name nothing", { dev: { token: NEXT, models: ["nonsense"] } }],
  ])("T8: with a change that is broken everything stays, and the log says what to mend: %s", async (_name, clients) => {
    const started = await withGateway({ clients: tokens }, { replies: endless });
    const stream = await openStream(started, CI);
    const changed = { agents: { defaults: { model: "test/changed" } } };
    await rewrite(started, { ...changed, gateway: { clients } });
    await expect(started.gateway.reload()).rejects.toThrow(/gateway\.clients\./u);
    expect([await statusOf(started, CI), await statusOf(started, DEV), await statusOf(started, NEXT), stream.isOver()]).toEqual([
      200,
      200,
      401,
      false,
    ]);
    const answer = await ask(started, TOKEN, { path: "/api/v1/secrets/reload", body: {} });
    expect([answer.status, answer.text]).toEqual([503, expect.stringContaining("gateway.clients.")]);
    const models = await ask(started, TOKEN, { method: "GET", path: "/v1/models" });
    expect([models.text.includes("test/changed"), started.events.some(({ type }) => type === "secrets")]).toEqual([false, false]);
    await rewrite(started, { ...changed, gateway: { clients: tokens } });
    await started.gateway.reload();
    expect((await ask(started, TOKEN, { method: "GET", path: "/v1/models" })).text).toContain("test/changed");
  });

  test("T8: a token file that is gone changes nothing, and is told of", async () => {
    const started = await withGateway({}, { tokenFile: "generated", files: { [`${STATE}/gateway-token`]: `${TOKEN}\n` } });
    await rm(join(started.home.path, STATE, "gateway-token"));
    await expect(started.gateway.reload()).rejects.toMatchObject({ code: "token-missing" });
    expect(await statusOf(started, TOKEN)).toBe(200);
  });
});

describe("T9: what a client may do follows from its token", () => {
  const forged = {
    "x-openclaw-scopes": "admin",
    "x-openclaw-client": "admin",
    "x-openclaw-role": "operator",
    "x-openclaw-caller": "admin",
    "x-forwarded-user": "admin",
    "x-remote-user": "admin",
    "x-user-role": "admin",
    "x-original-url": "/healthz",
    "x-http-method-override": "GET",
  };
  const clients = { ci: { token: CI, models: ["test/small", "openclaw"], profiles: ["test:ci"] }, dev: { token: DEV } };
  const store = {
    version: 1,
    profiles: {
      "test:work": { type: "api_key", provider: "test", key: "test-key-work" },
      "test:ci": { type: "api_key", provider: "test", key: "test-key-ci" },
    },
  };
  const agents = { defaults: { model: { primary: "test/large" } }, list: [{ id: "main", default: true }, { id: "other" }] };
  const ok = { body: openaiCompletion("ok"), repeat: true } as const;
  const both = () =>
    withGateway({ clients }, { store, config: { agents }, replies: { "test-key-work": ok, "test-key-ci": ok, [KEY]: ok } });
  const admin = [
    ["GET", "/api/v1/status"],
    ["GET", "/api/v1/secrets"],
    ["POST", "/api/v1/secrets/reload"],
    ["POST", "/api/v1/config/reload"],
    ["GET", "/api/v1/profiles"],
    ["GET", "/api/v1/sessions"],
    ["GET", "/api/v1/health"],
    ["GET", "/api/v1/events"],
  ] as const;

  test.each(admin)("T9: %s %s is the admin's alone, whatever else is said", async (method, path) => {
    const started = await both();
    expect((await ask(started, TOKEN, { method, path: method === "POST" ? path : "/api/v1/status", body: {} })).status).toBe(200);
    for (const headers of [{}, forged]) {
      for (const token of [CI, DEV]) expect((await ask(started, token, { method, path, headers })).status).toBe(403);
      expect((await ask(started, "test-wrong", { method, path, headers })).status).toBe(401);
    }
  });

  test("T9: metrics are read by whose entry says so", async () => {
    const started = await withGateway({ clients: { ci: { token: CI, metrics: true }, dev: { token: DEV } } });
    const read = async (token: string) => (await ask(started, token, { method: "GET", path: "/metrics", headers: forged })).status;
    expect([await read(TOKEN), await read(CI), await read(DEV), await read("test-wrong")]).toEqual([200, 200, 403, 401]);
  });

  test("T9: another's model and another's profile are refused, named in whatever way", async () => {
    const started = await both();
    const refused = async (model: string, headers: Readonly<Record<string, string>> = {}) => {
      const { status } = await ask(started, CI, { body: { model, messages: [] }, headers: { ...forged, ...headers } });
      expect([model, headers, status]).toEqual([model, headers, 403]);
    };
    await refused("test/other");
    await refused("TEST/other");
    await refused("test/small@test:work");
    await refused("openclaw@test:work");
    await refused("test/small", { "x-openclaw-model": "test/other" });
    await refused("test/small", { "x-openclaw-model": "test/small@test:work" });
    expect(started.provider.hits).toEqual([]);
  });

  test("T9: what is allowed is asked with the allowed profile alone, and never with a key of the environment", async () => {
    const started = await both();
    for (const model of ["test/small", "openclaw", "openclaw/default", "test/small@test:ci"]) {
      expect([model, (await ask(started, CI, { body: { model, messages: [] } })).status]).toEqual([model, 200]);
    }
    expect(new Set(started.provider.keysSeen())).toEqual(new Set(["test-key-ci"]));
    started.provider.setReplies("test-key-ci", { status: 429, repeat: true });
    expect((await ask(started, CI, { body: { model: "test/small", messages: [] } })).status).toBe(429);
    expect(new Set(started.provider.keysSeen())).toEqual(new Set(["test-key-ci"]));
    expect((await ask(started, DEV, { body: { model: "test/other", messages: [] } })).status).toBe(200);
  });

  test("T9: another agent's accounts are for those whose entry names it, with profiles of the same name too", async () => {
    const started = await withGateway(
      { clients: { ci: { token: CI, profiles: ["test:ci"] }, dev: { token: DEV, agents: ["other"] } } },
      { config: { agents }, replies: { "test-key-ci": ok, "test-key-other": ok } },
    );
    await started.home.write(".openclaw/agents/other/agent/auth-profiles.json", {
      profiles: { "test:ci": { type: "api_key", provider: "test", key: "test-key-other" } },
    });
    await ask(started, TOKEN, { path: "/api/v1/config/reload", body: {} });
    const statusOf = async (token: string, model: string, headers: Readonly<Record<string, string>> = {}) =>
      (await ask(started, token, { body: { model, messages: [{ role: "user", content: "/model" }] }, headers })).status;
    const asOther = { "x-openclaw-agent-id": "other" };
    expect([await statusOf(CI, "test/small", asOther), await statusOf(CI, "openclaw/other"), await statusOf(CI, "openclaw")]).toEqual([
      403, 403, 200,
    ]);
    expect([await statusOf(DEV, "openclaw/other"), await statusOf(DEV, "test/small", asOther), await statusOf(DEV, "openclaw")]).toEqual([
      200, 200, 403,
    ]);
    const answer = (token: string) => ask(started, token, { body: { model: "test/small", messages: [] }, headers: asOther });
    expect([(await answer(CI)).status, (await answer(DEV)).status, started.provider.keysSeen()]).toEqual([403, 200, ["test-key-other"]]);
    expect((await ask(started, CI, { method: "GET", path: "/v1/models" })).text).not.toContain("openclaw/other");
    expect((await ask(started, DEV, { method: "GET", path: "/v1/models" })).text).not.toContain("openclaw/main");
  });

  test("T9: a client sees the models it may use, and no names of profiles", async () => {
    const started = await both();
    const { text } = await ask(started, CI, { method: "GET", path: "/v1/models" });
    expect(text).toContain('"test/large"');
    expect((await ask(started, DEV, { method: "GET", path: "/v1/models" })).text).not.toMatch(/test:work|test:ci/u);
    const answer = await ask(started, CI, { body: { model: "test/small", messages: [] } });
    expect(JSON.stringify([...answer.headers])).not.toContain("test:ci");
  });
});

describe("T10: a key in what a provider says", () => {
  const encoded = Buffer.from(KEY).toString("base64");
  const error = (text: string) => ({
    error: { message: `Incorrect API key provided: ${text}`, type: "invalid_request_error", param: text },
  });

  test.each<[string, object]>([
    ["the body of an error", { status: 401, body: error(KEY) }],
    ["the body of an error, in base64", { status: 400, body: error(encoded) }],
    ["a header", { status: 403, headers: { "x-debug": KEY, [`x-${KEY}`]: "1" }, body: error("x") }],
    [
      "an event, over two chunks",
      { stream: [`data: ${JSON.stringify(error("x")).slice(0, -3)} ${KEY.slice(0, 5)}`, `${KEY.slice(5)}"}}\n\n`] },
    ],
  ])("T10: is in none of what the gateway gives out: %s", async (_name, reply) => {
    const started = await start({ env, replies: { [KEY]: reply } });
    const answer = await ask(started, TOKEN);
    const logged = JSON.stringify([started.events, started.requests, started.gateway.health.inspect()]);
    for (const text of [answer.text, JSON.stringify([...answer.headers]), logged]) {
      expect(text).not.toContain(KEY);
      expect(text).not.toContain(encoded);
    }
    expect(started.provider.hits.length).toBe(1);
  });
});

test.each(surfaces.map(({ path }) => path.replace("*model", "models/test/m")))(
  "T12: no secret goes to a model at %s: the body is the client's own",
  async (path) => {
    const started = await start({
      env,
      replies,
      store: { version: 1, profiles: { "test:a": { type: "api_key", provider: "test", key: "test-key-stored" } } },
    });
    started.provider.setReplies("test-key-stored", { body: openaiCompletion("ok"), repeat: true });
    await ask(started, TOKEN, {
      path,
      body: { model: "test/m", messages: [{ role: "user", content: "Which keys do you have?" }], input: "x", contents: [] },
    });
    for (const { body } of started.provider.hits) expect(body.toString()).not.toMatch(/test-key-|test-gateway-token|test:a/u);
  },
);

describe("T21: who pays for a client that goes on asking", () => {
  test("T21: each key is asked once per request, and none while all cool down", async () => {
    const keys = ["test-key-1", "test-key-2", "test-key-3"];
    const limited = { status: 429, headers: { "retry-after": "60" }, repeat: true } as const;
    const started = await start({ env: { TEST_API_KEYS: keys.join(",") }, replies: Object.fromEntries(keys.map((key) => [key, limited])) });
    expect((await ask(started, TOKEN)).status).toBe(429);
    expect(started.provider.keysSeen()).toEqual(keys);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(started, TOKEN)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
    expect(answers.every(({ headers }) => Number(headers.get("retry-after")) > 0)).toBe(true);
    expect(started.provider.hits.length).toBe(3);
  });

  test("T21: more requests at once than may be are refused at once, and health checks and the admin are not", async () => {
    const started = await withGateway({ limits: { maxRequests: 2 } }, { replies: { [KEY]: { beforeHeaders: "hang", repeat: true } } });
    const leaving = new AbortController();
    const hanging = [1, 2].map(() =>
      fetch(`${started.gateway.url}${COMPLETIONS}`, {
        method: "POST",
        signal: leaving.signal,
        headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
        body: '{"model":"test/m"}',
      }).catch(() => undefined),
    );
    await started.provider.waitForHit(2);
    const refused = await ask(started, TOKEN);
    expect([refused.status, refused.headers.get("retry-after"), JSON.parse(refused.text)]).toEqual([
      503,
      "1",
      { error: expect.objectContaining({ code: "overloaded" }) },
    ]);
    const anthropic = await ask(started, TOKEN, { path: "/v1/messages", headers: { "anthropic-version": "2023-06-01" } });
    expect([anthropic.status, JSON.parse(anthropic.text)]).toEqual([
      503,
      { type: "error", error: expect.objectContaining({ type: "overloaded_error" }) },
    ]);
    expect([
      (await fetch(`${started.gateway.url}/healthz`)).status,
      (await ask(started, TOKEN, { method: "GET", path: "/api/v1/secrets" })).status,
    ]).toEqual([200, 200]);
    expect(started.events.filter(({ type }) => type === "overloaded")).toEqual([{ type: "overloaded", reason: "requests" }]);
    leaving.abort();
    await Promise.all(hanging);
    await started.provider.waitForAborted(2);
    started.provider.setReplies(KEY, { body: openaiCompletion("ok"), repeat: true });
    expect((await ask(started, TOKEN)).status).toBe(200);
  });

  test("T21: bodies beyond what may be held are refused before they are read", async () => {
    const started = await withGateway(
      { limits: { maxHeldBodyBytes: 2_000 } },
      { replies: { [KEY]: { beforeHeaders: "hang", repeat: true } } },
    );
    const leaving = new AbortController();
    const pad = "x".repeat(1_500);
    const hanging = fetch(`${started.gateway.url}${COMPLETIONS}`, {
      method: "POST",
      signal: leaving.signal,
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "test/m", pad }),
    }).catch(() => undefined);
    await started.provider.waitForHit(1);
    expect((await ask(started, TOKEN, { body: { model: "test/m", pad } })).status).toBe(503);
    expect(started.events).toContainEqual({ type: "overloaded", reason: "held-bodies" });
    leaving.abort();
    await hanging;
  });

  test("T21: a client that no longer reads is let go, and so is its place", async () => {
    const chunk = `data: ${JSON.stringify({ choices: [{ delta: { content: "x".repeat(60_000) } }] })}\n\n`;
    const started = await withGateway(
      { limits: { writeTimeoutMs: 400 } },
      { replies: { [KEY]: { stream: Array.from({ length: 400 }, () => chunk), afterHeaders: "hang" } } },
    );
    const asked = httpRequest({
      host: "127.0.0.1",
      port: started.gateway.port,
      path: COMPLETIONS,
      method: "POST",
      headers: { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" },
    });
    asked.on("error", () => undefined);
    asked.end(JSON.stringify({ model: "test/m", stream: true }));
    const [answer] = await once(asked, "response");
    // Its head was read, and nothing behind it.
    answer.pause();
    await started.provider.waitForAborted(1);
    expect((await ask(started, TOKEN, { path: "/v1/models", method: "GET" })).status).toBe(200);
    asked.destroy();
  });
});

import { once } from "node:events";
import { chmod } from "node:fs/promises";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createTempHome, openaiCompletion } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { raw, readAll, request, type RawAnswer } from "./raw-http.ts";
import { startTestGateway, testGateways, TOKEN, type TestGateway } from "./test-gateway.ts";

const KEY = "test-key-one";
const env = { TEST_API_KEY: KEY };
const replies = { [KEY]: { body: openaiCompletion("ok") } };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const auth = { authorization: `Bearer ${TOKEN}` };
const json = { ...auth, "content-type": "application/json" };
const COMPLETIONS = "/v1/chat/completions";
const BODY = JSON.stringify({ model: "test/m", messages: [] });

let shared: TestGateway;
beforeAll(async () => {
  shared = await startTestGateway({ env, replies });
});
afterAll(() => shared.close());

const start = testGateways();
const configured = (gateway: object) => start({ env, replies, config: { gateway, models: { providers: { test: provider } } } });
const send = (method: string, target: string, headers: Readonly<Record<string, string>>, body = "", to = shared) =>
  raw(to.gateway.port, request(method, target, headers, body));

/** Asks for a completion in so many bytes as they stand. */
const sendBytes = (lines: readonly string[], body: string | Buffer, to = shared) =>
  raw(to.gateway.port, Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]));
const head = [`POST ${COMPLETIONS} HTTP/1.1`, "Host: localhost", `Authorization: Bearer ${TOKEN}`, "Content-Type: application/json"];

const hostless: readonly [string, string, number][] = [
  ["an empty host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 400],
  ["no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
  ["no host, as HTTP/1.0 may have it", "GET /healthz HTTP/1.0\r\n\r\n", 400],
  ["two hosts", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 400],
  ["the same host twice", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\nConnection: close\r\n\r\n", 400],
  ["another host in its target", "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
  [
    "this host in its target, and another beside it",
    "GET http://localhost/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    400,
  ],
  ["a target that is no path", "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
];
const foreignHosts = ["evil.example", "127.0.0.1.evil.example", "localhost.", "0.0.0.0", "2130706433", "[::]", "127.1", "localhost:1:2"];
const everywhere = ["/healthz", "/readyz", "/v1/models", "/api/v1/status", "/metrics", "/", "/nothing"];

describe("G1: whom a request is for", () => {
  test.each(hostless)("G1: %s is refused before anything", async (_name, text, status) => {
    expect((await raw(shared.gateway.port, text)).status).toBe(status);
  });

  test.each(foreignHosts)("G1: the host %s is refused on every path, token or not", async (host) => {
    for (const path of everywhere) {
      const answers = [await send("GET", path, { host }), await send("GET", path, { host, ...auth })];
      expect(answers.map(({ status, body }) => [path, status, body.includes(host)])).toEqual([
        [path, 403, false],
        [path, 403, false],
      ]);
    }
  });

  test.each(["127.0.0.1", "localhost", "[::1]", "LOCALHOST", "localhost:8080"])("G1: the host %s is answered", async (host) => {
    expect((await send("GET", "/healthz", { host })).status).toBe(200);
    const own = `${host.replace(/:8080$/u, "")}:${shared.gateway.port}`;
    expect((await send("GET", "/healthz", { host: own })).status).toBe(200);
  });

  test("G1: a name of gateway.allowedHosts is answered, with the page of that name, and from the next reload on no longer", async () => {
    const started = await configured({ allowedHosts: ["gw.example"] });
    const asked = () => send("GET", "/v1/models", { host: "gw.example", origin: "https://gw.example", ...auth }, "", started);
    expect((await asked()).status).toBe(200);
    expect((await send("GET", "/v1/models", { host: "www.gw.example", ...auth }, "", started)).status).toBe(403);
    await started.home.write(".openclaw/openclaw.json", {
      models: { providers: { test: { ...provider, baseUrl: `${started.provider.url}/v1` } } },
    });
    await started.gateway.reload();
    expect((await asked()).status).toBe(403);
  });

  test("G1: a gateway that others can reach answers to this machine's names and addresses, and to no other", async () => {
    const started = await start({ env, replies, bind: "lan" });
    const asked = async (host: string) => (await send("GET", "/healthz", { host }, "", started)).status;
    expect([
      await asked("localhost"),
      await asked("127.0.0.1:1"),
      await asked("evil.example"),
      await asked("8.8.8.8"),
      await asked("0.0.0.0"),
    ]).toEqual([200, 200, 403, 403, 403]);
  });
});

describe("G2: which page a request is from", () => {
  const own = () => `localhost:${shared.gateway.port}`;

  test.each([
    "https://evil.example",
    "http://evil.example",
    "null",
    "",
    "http://localhost:1",
    "http://localhost",
    "https://localhost.evil.example",
    "file://",
  ])("G2: the page %j is refused on every path, and never told that it may", async (origin) => {
    for (const path of everywhere) {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await send(method, path, { host: own(), origin, ...json }, method === "POST" ? BODY : "");
        expect([method, path, answer.status]).toEqual([method, path, 403]);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
        expect(Object.values(answer.headers)).not.toContain(origin || "*");
      }
    }
  });

  test("G2: no origin is a program, and this gateway's own page is its own", async () => {
    expect((await send("GET", "/v1/models", { host: own(), ...auth })).status).toBe(200);
    expect((await send("GET", "/v1/models", { host: own(), origin: `http://${own()}`, ...auth })).status).toBe(200);
  });

  test.each(["cross-site", "same-site", "nonsense"])("G2: a browser that says %s is refused, though it names no origin", async (site) => {
    expect((await send("GET", "/healthz", { "sec-fetch-site": site })).status).toBe(403);
    expect((await send("GET", "/v1/models", { "sec-fetch-site": site, ...auth })).status).toBe(403);
  });

  test.each(["same-origin", "none"])("G2: one that says %s is not", async (site) => {
    expect((await send("GET", "/healthz", { "sec-fetch-site": site })).status).toBe(200);
  });

  const websocket = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const upgrade = (headers: Readonly<Record<string, string>>) =>
    send("GET", "/v1/models", { ...websocket, ...headers, connection: "Upgrade, close" });

  test("G2: there is no WebSocket: the same checks as for any request, and then no upgrade", async () => {
    const answers = [
      await upgrade({ origin: "https://evil.example", ...auth }),
      await upgrade({ host: "evil.example", ...auth }),
      await upgrade({}),
      await upgrade(auth),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 401, 426]);
    expect(answers.every(({ text }) => !/sec-websocket-accept|switching protocols/iu.test(text))).toBe(true);
  });

  test("G2: an offer of HTTP/2 is passed over, as clients make it that can do without", async () => {
    expect((await upgrade({ upgrade: "h2c", "http2-settings": "AAMAAABkAAQAAP__", ...auth })).status).toBe(200);
  });
});

describe("G3: what a page can send without asking", () => {
  test.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx", "text/json", ""])(
    "G3: a body of type %j changes nothing",
    async (type) => {
      const before = shared.provider.hits.length;
      for (const path of [COMPLETIONS, "/v1/messages", "/api/v1/secrets/reload"]) {
        expect((await send("POST", path, { ...auth, "content-type": type }, BODY)).status).toBe(415);
      }
      expect(shared.provider.hits.length).toBe(before);
    },
  );

  test("G3: an image's GET of what changes things is a 405", async () => {
    for (const path of [COMPLETIONS, "/api/v1/secrets/reload"]) {
      const answer = await send("GET", path, auth);
      expect([answer.status, answer.headers["allow"], answer.body.includes("POST")]).toEqual([405, "POST", true]);
    }
  });

  test("G3: a preflight is told nothing, by whoever it is", async () => {
    for (const headers of [{}, auth]) {
      const answer = await send("OPTIONS", COMPLETIONS, {
        ...headers,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toMatch(/access-control/iu);
    }
  });
});

test("G4: a page whose name leads to this machine, the second time it is asked for, gets nothing", async () => {
  const looked: string[] = [];
  const ask = (path: string) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const asked = httpRequest({
        host: "rebind.example",
        port: shared.gateway.port,
        path,
        method: "POST",
        headers: { origin: `http://rebind.example:${shared.gateway.port}`, "sec-fetch-site": "same-origin", ...json },
        // What the attacker's name server says once the page is loaded.
        lookup(name, _options, done) {
          looked.push(name);
          done(null, [{ address: "127.0.0.1", family: 4 }]);
        },
      });
      asked.on("response", (answer) => resolve(answer.resume()));
      asked.on("error", reject);
      asked.end(BODY);
    });
  const before = shared.provider.hits.length;
  for (const path of [COMPLETIONS, "/healthz", "/api/v1/secrets/reload"]) expect((await ask(path)).statusCode).toBe(403);
  expect([looked, shared.provider.hits.length]).toEqual([["rebind.example", "rebind.example", "rebind.example"], before]);
});

describe("G6: the token", () => {
  test("G6: every kind of wrong one is answered alike, in body and shape", async () => {
    const wrong = ["", "t", TOKEN.slice(1), `${TOKEN}x`, "ä".repeat(40), "x".repeat(12_000), TOKEN.toUpperCase()].map(
      (token) => `Bearer ${token}`,
    );
    const others = [`Basic ${TOKEN}`, `Basic ${Buffer.from(`user:${TOKEN}`).toString("base64")}`, TOKEN, `Token ${TOKEN}`];
    const answers: RawAnswer[] = [];
    for (const authorization of [...wrong, ...others]) answers.push(await send("POST", COMPLETIONS, { authorization }, "no json"));
    answers.push(await send("POST", COMPLETIONS, {}, "no json"));
    const shape = ({ status, headers, body }: RawAnswer) =>
      JSON.stringify([status, { ...headers, date: "", "x-openclaw-request-id": "" }, body]);
    expect(new Set(answers.map((answer) => shape(answer))).size).toBe(1);
    expect([answers[0]?.status, answers[0]?.headers["www-authenticate"]]).toEqual([401, 'Bearer realm="openclaw"']);
  });

  test("G6: of a megabyte is refused before it is read", async () => {
    // Nobody reads the rest of it: the answer, or the end of the connection, comes while it is still being sent.
    expect([431, 0]).toContain((await send("GET", "/v1/models", { authorization: `Bearer ${"x".repeat(1024 * 1024)}` })).status);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    ["bearer in small letters", { authorization: `bearer ${TOKEN}` }],
    ["x-api-key", { "x-api-key": TOKEN }],
    ["x-goog-api-key", { "x-goog-api-key": TOKEN }],
    ["the same one in two headers", { ...auth, "x-api-key": TOKEN }],
  ])("G6: %s is taken", async (_name, headers) => {
    expect((await send("GET", "/v1/models", headers)).status).toBe(200);
  });

  test.each([
    ["two Authorization headers", `Authorization: Bearer ${TOKEN}\r\nAuthorization: Bearer test-other`],
    ["the same one twice", `Authorization: Bearer ${TOKEN}\r\nauthorization: Bearer ${TOKEN}`],
    ["two x-api-key headers", `x-api-key: ${TOKEN}\r\nX-Api-Key: test-other`],
    ["two tokens that differ", `Authorization: Bearer ${TOKEN}\r\nx-api-key: test-other`],
  ])("G6: %s are a 400", async (_name, lines) => {
    const answer = await raw(shared.gateway.port, `GET /v1/models HTTP/1.1\r\nHost: localhost\r\n${lines}\r\nConnection: close\r\n\r\n`);
    expect([answer.status, answer.text.includes(TOKEN), answer.text.includes("test-other")]).toEqual([400, false, false]);
  });

  test.each([`?key=${TOKEN}`, `?token=${TOKEN}`, `?access_token=${TOKEN}`])(
    "G6: in the query it counts for nothing and is told to nobody: %s",
    async (query) => {
      const started = await start({ env, replies });
      const answers = [await send("GET", `/v1/models${query}`, {}, "", started), await send("GET", `/nothing${query}`, auth, "", started)];
      expect(answers.map(({ status }) => status)).toEqual([401, 404]);
      expect(answers.some(({ text }) => text.includes(TOKEN))).toBe(false);
      expect(JSON.stringify([started.events, started.requests])).not.toContain(TOKEN);
    },
  );
});

describe("G7: who takes their time", () => {
  const limits = { headersTimeoutMs: 300, requestTimeoutMs: 600, maxConnections: 40 };

  test("G7: a head that never ends is dropped", async () => {
    const { gateway } = await configured({ limits });
    const socket = connect(gateway.port, "127.0.0.1");
    const closed = readAll(socket);
    socket.write("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
    expect((await closed).status).toBe(408);
  });

  test("G7: a body that never comes is dropped, though a token was shown", async () => {
    const { gateway } = await configured({ limits });
    const socket = connect(gateway.port, "127.0.0.1");
    const closed = readAll(socket);
    socket.write([...head, "Content-Length: 1000", "", "{"].join("\r\n"));
    expect([408, 0]).toContain((await closed).status);
  });

  test("G7: of more connections than there may be those in excess are told so, and health checks are answered on some", async () => {
    const started = await configured({ limits: { ...limits, headersTimeoutMs: 30_000, requestTimeoutMs: 60_000 } });
    const sockets: Socket[] = [];
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    const open = async () => {
      const socket = connect(started.gateway.port, "127.0.0.1");
      sockets.push(socket.on("error", () => undefined));
      await once(socket, "connect");
      return socket;
    };
    for (let index = 0; index < limits.maxConnections; index += 1) (await open()).write("GET /healthz HTTP/1.1\r\n");
    const refused = await send("POST", COMPLETIONS, json, BODY, started);
    expect([refused.status, refused.headers["retry-after"], refused.headers["connection"]]).toEqual([503, "1", "close"]);
    expect(JSON.parse(refused.body)).toMatchObject({ error: { code: "overloaded" } });
    expect((await send("GET", "/healthz", {}, "", started)).status).toBe(200);
    expect(started.events).toContainEqual({ type: "overloaded", reason: "connections" });
    // Far more than that are closed at once.
    const many = await Promise.all(Array.from({ length: 200 }, () => open()));
    await Promise.all(many.slice(100).map((socket) => readAll(socket)));
  });
});

describe("G8: what a body and a head may be", () => {
  const LIMIT = 1_000;
  const sized = (bytes: number) => JSON.stringify({ model: "test/m", pad: "x".repeat(bytes - 27) });

  test("G8: up to the limit and not a byte more, whether it is announced or not", async () => {
    const started = await configured({ limits: { maxBodyBytes: LIMIT } });
    expect(sized(LIMIT).length).toBe(LIMIT);
    const chunked = (body: string) =>
      sendBytes(
        [...head, "Transfer-Encoding: chunked", "Connection: close"],
        `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
        started,
      );
    const statuses = [
      (await send("POST", COMPLETIONS, json, sized(LIMIT), started)).status,
      (await send("POST", COMPLETIONS, json, sized(LIMIT + 1), started)).status,
      (await chunked(sized(LIMIT))).status,
      (await chunked(sized(LIMIT + 1))).status,
    ];
    expect(statuses).toEqual([200, 413, 200, 413]);
  });

  test("G8: 413 closes the connection, for the rest of the body is not read", async () => {
    const answer = await sendBytes([...head, "Content-Length: 99999999"], "{");
    expect([answer.status, answer.headers["connection"]]).toEqual([413, "close"]);
  });

  test.each(["gzip", "br", "deflate", "zstd"])("G8: a body that is %s is refused, not unpacked", async (coding) => {
    const body = gzipSync(Buffer.alloc(1024 * 1024, 0x20));
    const answer = await sendBytes([...head, `Content-Encoding: ${coding}`, `Content-Length: ${body.length}`, "Connection: close"], body);
    expect(answer.status).toBe(415);
  });

  test("G8: a client that asks before it sends is told to go on once it is known, and only then", async () => {
    const refused = await sendBytes(
      [`POST ${COMPLETIONS} HTTP/1.1`, "Host: localhost", "Expect: 100-continue", "Content-Length: 1000", "Connection: close"],
      "",
    );
    expect([refused.status, refused.text.includes("100 Continue")]).toEqual([401, false]);
    const tooLarge = await sendBytes([...head, "Expect: 100-continue", "Content-Length: 99999999"], "");
    expect([tooLarge.status, tooLarge.text.includes("100 Continue")]).toEqual([413, false]);
    const socket = connect(shared.gateway.port, "127.0.0.1");
    const closed = readAll(socket);
    socket.write([...head, "Expect: 100-continue", `Content-Length: ${BODY.length}`, "Connection: close", "", ""].join("\r\n"));
    await once(socket, "data");
    socket.write(BODY);
    expect((await closed).text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /u);
    const [, ...rest] = head;
    const admin = await sendBytes(
      ["POST /api/v1/health/clear HTTP/1.1", ...rest, "Expect: 100-continue", "Content-Length: 12", "Connection: close"],
      '{"all":true}',
    );
    expect(admin.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /u);
    expect((await sendBytes([...head, "Expect: a-miracle", "Content-Length: 2", "Connection: close"], "{}")).status).toBe(417);
  });

  test.each<[string, readonly string[], string]>([
    ["both lengths", [...head, "Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"],
    ["two lengths", [...head, "Content-Length: 2", "Content-Length: 3"], "{} "],
    ["a length that is none", [...head, "Content-Length: 1e3"], "{}"],
    ["a negative length", [...head, "Content-Length: -1"], "{}"],
    ["chunks that lie", [...head, "Transfer-Encoding: chunked"], "zz\r\n{}\r\n0\r\n\r\n"],
    ["a coding that is none", [...head, "Transfer-Encoding: chunked, identity"], "0\r\n\r\n"],
    ["a folded header", [...head, "X-Folded: a", "  b", "Content-Length: 2"], "{}"],
    ["a space before the colon", [...head, "X-Space : a", "Content-Length: 2"], "{}"],
    ["a control character in a header", [...head, "X-Control: a\u0001b", "Content-Length: 2"], "{}"],
    ["a NUL in a header", [...head, "X-Nul: a\u0000b", "Content-Length: 2"], "{}"],
  ])("G8: a head with %s is refused, and the connection closed", async (_name, lines, body) => {
    const before = shared.provider.hits.length;
    expect((await sendBytes(lines, body)).status).toBe(400);
    expect(shared.provider.hits.length).toBe(before);
  });

  test("G8: line feeds without a carriage return end no line", async () => {
    expect((await raw(shared.gateway.port, `GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n`)).status).toBe(400);
  });

  test("G8: a head of 17 KB, and one of a thousand headers", async () => {
    expect((await send("GET", "/healthz", { "x-large": "x".repeat(17 * 1024) })).status).toBe(431);
    const withHeaders = async (length: number) => {
      const many = Object.fromEntries(Array.from({ length }, (_, index) => [`x-${index}`, "1"]));
      return (await send("GET", "/healthz", many)).status;
    };
    expect([await withHeaders(1_000), await withHeaders(300), await withHeaders(100)]).toEqual([431, 431, 200]);
  });

  test("G8: a request behind another on one connection waits in vain, and leaves nothing behind", async () => {
    const started = await configured({ limits: { maxRequests: 2 } });
    const one = `${[...head, `Content-Length: ${BODY.length}`].join("\r\n")}\r\n\r\n${BODY}`;
    for (let turn = 0; turn < 3; turn += 1) {
      const answers = (await raw(started.gateway.port, one.repeat(20))).text;
      expect([answers.match(/HTTP\/1\.1 200/gu)?.length, answers.match(/HTTP\/1\.1 400/gu)?.length]).toEqual([1, 1]);
    }
    expect((await send("POST", COMPLETIONS, json, BODY, started)).status).toBe(200);
  });

  test("G8: the second host behind a thousand headers is not passed over", async () => {
    const lines = [
      "GET /healthz HTTP/1.1",
      "Host: localhost",
      ...Array.from({ length: 2_500 }, (_, index) => `a${index}:`),
      "Host: evil.example",
      "Connection: close",
    ];
    expect((await raw(shared.gateway.port, `${lines.join("\r\n")}\r\n\r\n`)).status).toBeGreaterThanOrEqual(400);
  });

  const model = '"model":"test/m"';
  test.each<[string, string | Buffer, number]>([
    ["the model twice", `{${model},${model}}`, 400],
    ["the model twice, once in disguise", String.raw`{${model},"mod\u0065l":"other/x"}`, 400],
    ["half a JSON", `{${model}`, 400],
    ["two JSONs", `{${model}}{}`, 400],
    ["a depth of 100000", `{${model},"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, 200],
    ["a depth that nobody closes", `{${model},"a":${"[".repeat(100_000)}`, 400],
    ["bytes that are no text", Buffer.concat([Buffer.from(`{"model":"test/`), Buffer.from([0xff, 0xfe]), Buffer.from(`"}`)]), 400],
    ["__proto__", `{${model},"__proto__":{"model":"other/x"}}`, 200],
  ])("G8: a body with %s", async (_name, body, status) => {
    const answer = await sendBytes([...head, `Content-Length: ${Buffer.byteLength(body)}`, "Connection: close"], body);
    expect(answer.status).toBe(status);
    expect((await send("GET", "/healthz", {})).status).toBe(200);
  });
});

describe("G9: the way to a route", () => {
  const detours = [
    "/v1/../v1/models",
    "/v1/./models",
    "/v1/%2e%2e/v1/models",
    "/v1/%6dodels",
    "//v1/models",
    "/v1//models",
    "/v1/models/",
    "/v1/models;x=1",
    "/v1/models%00",
    "/V1/models",
    "/v1/models%2f",
    "/v1\\models",
    "/healthz/../v1/models",
    "/v1/../api/v1/secrets",
    "/healthz/..%2fapi/v1/secrets",
    "/v1/%EF%BC%8E%EF%BC%8E/models",
    "/v1/models#x",
  ];

  test.each(detours)("G9: %s leads nowhere with a token, and is unknown without one", async (path) => {
    expect([(await send("GET", path, auth)).status, (await send("GET", path, {})).status]).toEqual([404, 401]);
  });

  test.each(["/v1/models\u0000", "/v1/m\u00f6dels"])("G9: %j is no target at all, or leads nowhere", async (path) => {
    expect([400, 404]).toContain((await send("GET", path, auth)).status);
  });
});

describe("G10: values of secrets", () => {
  test.each([
    "/secrets.resolve",
    "/api/v1/secrets/resolve",
    "/api/v1/secrets.resolve",
    "/rpc",
    "/ws",
    "/api/v1/secrets/models.providers.test.apiKey",
  ])("G10: nothing answers with one: there is no %s", async (path) => {
    expect(
      (await send("POST", path, json, JSON.stringify({ method: "secrets.resolve", paths: ["models.providers.test.apiKey"] }))).status,
    ).toBe(404);
    expect((await send("POST", path, { "content-type": "application/json" }, "{}")).status).toBe(401);
    expect((await send("POST", path, { origin: "https://evil.example", ...json }, "{}")).status).toBe(403);
  });

  test("G10: how they stand is told to the admin alone, without a value, and is kept by no cache", async () => {
    const answer = await send("GET", "/api/v1/secrets", auth);
    expect([answer.status, answer.headers["cache-control"], answer.text.includes(KEY)]).toEqual([200, "no-store", false]);
    expect((await send("GET", "/api/v1/secrets", {})).status).toBe(401);
  });
});

describe("G11: a gateway that others can reach", () => {
  const weakTokens = ["", "secret", "undefined", "changeme-changeme-changeme-changeme", "a".repeat(64)];

  test.each(weakTokens)("G11: does not start with the token %j, and asks for a better one", async (token) => {
    const opened = await createTempHome({ token: `${token}\n` });
    onTestFinished(() => opened.remove());
    await chmod(join(opened.path, "token"), 0o600);
    const code = token === "" ? "token-unreadable" : "token-weak";
    const started = start({ env, replies, bind: "lan", tokenFile: join(opened.path, "token") });
    await expect(started).rejects.toMatchObject({ code, hint: expect.stringMatching(/\w/u) });
  });

  test.each(["loopback", "lan"] as const)("G11: a token of its own that does not resolve is replaced by no other, on %s", async (bind) => {
    const gateway = { auth: { token: "${UNSET_TOKEN}" }, remote: { token: TOKEN } };
    for (const onFailure of ["strict", "isolate"]) {
      const started = start({ env, replies, bind, tokenFile: "generated", config: { gateway, secrets: { onFailure } } });
      await expect(started).rejects.toMatchObject({ code: "activation-failed", message: expect.stringContaining("gateway.auth.token") });
    }
  });
});

describe("G12: what a client says of credentials and connections", () => {
  const others = {
    "x-goog-api-key": TOKEN,
    "proxy-authorization": "Basic dGVzdC1jYW5hcnktb25lOg==",
    cookie: "session=test-canary-cookie",
    "api-key": "test-canary-api-key",
    "x-auth-token": "test-canary-auth",
    forwarded: "for=192.0.2.1",
    "x-forwarded-for": "192.0.2.1",
    "x-openclaw-session-key": "test-canary-session",
    te: "trailers",
    "keep-alive": "timeout=5",
  };

  test("G12: none of it reaches the provider, which gets the gateway's own credential once", async () => {
    await send("POST", COMPLETIONS, { ...json, ...others, connection: "close, x-api-key, x-custom", "x-custom": "1" }, BODY);
    const hit = shared.provider.hits.at(-1);
    expect(hit?.headers.authorization).toBe(`Bearer ${KEY}`);
    const seen = JSON.stringify(hit?.headers);
    expect(seen).not.toContain(TOKEN);
    expect(seen).not.toMatch(/test-canary|dGVzdC1jYW5hcnk|192\.0\.2\.1|x-custom|x-openclaw/u);
    expect(
      Object.keys(hit?.headers ?? {}).filter((name) =>
        ["te", "keep-alive", "cookie", "proxy-authorization", "x-api-key", "x-goog-api-key", "api-key"].includes(name),
      ),
    ).toEqual([]);
  });

  test("G12: naming a header hop-by-hop takes none of the gateway's own away", async () => {
    await send("POST", COMPLETIONS, { ...json, connection: "close, authorization, content-type, host" }, BODY);
    expect(shared.provider.hits.at(-1)?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, "content-type": "application/json" });
  });
});

describe("G13: where a credential would go", () => {
  const metadata = [
    "http://169.254.169.254/v1",
    "https://169.254.169.254/v1",
    "http://[::ffff:169.254.169.254]/v1",
    "http://[fd00:ec2::254]/v1",
    "https://metadata.google.internal/v1",
    "http://2852039166/v1",
    "http://0xa9fea9fe/v1",
    "gopher://127.0.0.1/v1",
    "file:///etc/passwd",
    "ftp://127.0.0.1/v1",
    "http://192.168.1.1/v1",
    "http://0.0.0.0/v1",
    "https://user:test-canary-pass@api.example/v1",
  ];

  test.each(metadata)("G13: a base URL of %s is refused before a byte is sent", async (baseUrl) => {
    const started = await start({ env, replies, config: { models: { providers: { test: { ...provider, baseUrl } } } } });
    const answer = await send("POST", COMPLETIONS, json, BODY, started);
    expect(answer.status).toBeGreaterThanOrEqual(502);
    expect(answer.text).not.toMatch(/test-canary|test-key/u);
    expect(started.provider.hits).toEqual([]);
  });

  test.each([["http://169.254.169.254/v1"], ["http://[::ffff:169.254.169.254]/v1"], ["http://metadata.google.internal/v1"]])(
    "G13: %s is refused for a provider that may be local, too",
    async (baseUrl) => {
      const started = await start({ env, replies, config: { models: { providers: { test: { ...provider, baseUrl, local: true } } } } });
      expect((await send("POST", COMPLETIONS, json, BODY, started)).status).toBeGreaterThanOrEqual(502);
    },
  );

  test("G13: addresses inside a request, of an image say, are the provider's to look at: the gateway fetches none", async () => {
    const decoy = await startTestGateway({});
    onTestFinished(() => decoy.close());
    const image = { type: "image_url", image_url: { url: `${decoy.provider.url}/latest/meta-data` } };
    const body = JSON.stringify({ model: "test/m", messages: [{ role: "user", content: [image] }] });
    expect((await send("POST", COMPLETIONS, json, body)).status).toBe(200);
    expect(decoy.provider.acceptedConnections()).toBe(0);
  });
});

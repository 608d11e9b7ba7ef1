import { createServer as createHttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { gzipSync } from "node:zlib";
import { inspect } from "node:util";
import { Secret } from "@openclaw/secrets";
import { createCanary, findCanary, manualClock, startFakeIdp, type FakeIdp, type FakeIdpOptions, type TokenStep } from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { AuthProfileError } from "../errors.ts";
import type { OAuthEndpoints } from "./endpoints.ts";
import { createOAuthClient, type OAuthClientOptions } from "./oauth-client.ts";

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(options?: FakeIdpOptions): Promise<FakeIdp> {
  const idp = await startFakeIdp(options);
  closers.push(() => idp.close());
  return idp;
}

const endpointsOf = (idp: FakeIdp, more: Partial<OAuthEndpoints> = {}): OAuthEndpoints => ({
  provider: "acme",
  authorizationUrl: idp.authorizationUrl,
  tokenUrl: idp.tokenUrl,
  deviceUrl: idp.deviceUrl,
  clientId: idp.clientId,
  accountClaim: ["account_id"],
  ...more,
});

const clientOf = (idp: FakeIdp, options: OAuthClientOptions = {}, more: Partial<OAuthEndpoints> = {}) =>
  createOAuthClient(endpointsOf(idp, more), options);

/** The error of a promise that must fail, after a look that it holds none of the secrets. */
async function failure(work: Promise<unknown>, ...secrets: readonly string[]): Promise<AuthProfileError> {
  const error = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof AuthProfileError)) throw new Error(`expected an AuthProfileError, got ${inspect(error)}`);
  const seen = inspect(error, { showHidden: true, depth: 9 });
  for (const secret of secrets) expect(seen).not.toContain(secret);
  return error;
}

/** A server that answers with raw bytes, or cuts. */
async function rawServer(reply: string | "reset"): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      if (reply === "reset") socket.resetAndDestroy();
      else socket.write(reply, () => socket.resetAndDestroy());
    });
  });
  return listening(server);
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}/token`;
}

describe("refresh", () => {
  test("gives the new tokens, their end, and whose they are", async () => {
    const clock = manualClock();
    const idp = await start({ clock });
    const { refresh } = idp.issue("account-two");
    const tokens = await clientOf(idp, { clock }).refresh(Secret.of(refresh));
    expect(tokens).toMatchObject({ expiresAt: clock.now() + 3_600_000, accountId: "account-two", email: "account-two@example.test" });
    expect(idp.isAlive(tokens.refresh?.reveal() ?? "")).toBe(true);
    expect(inspect(tokens, { showHidden: true, depth: 9 })).not.toMatch(/test-refresh|eyJ/);
    expect(clock.sleeping()).toEqual([]);
  });

  test("O8: an answer without a refresh token has none, so that the old one is kept", async () => {
    const idp = await start({ rotates: false });
    idp.script({ fields: { refresh_token: undefined } }, { fields: { refresh_token: null } }, { fields: { refresh_token: "" } });
    const refresh = Secret.of(idp.issue().refresh);
    for (let round = 0; round < 3; round += 1) expect(await clientOf(idp).refresh(refresh)).not.toHaveProperty("refresh");
  });

  test.each(["basic", "post"] as const)("sends the client's secret by %s", async (clientAuth) => {
    const idp = await start({ clientSecret: "test secret: +/é" });
    const client = clientOf(idp, {}, { clientSecret: Secret.of("test secret: +/é"), clientAuth });
    await client.refresh(Secret.of(idp.issue().refresh));
    expect(idp.requests[0]?.authorization !== undefined).toBe(clientAuth === "basic");
  });

  // What each end of a request says of a refresh token that can be spent once, and why.
  const ends: readonly (readonly [end: string, code: string, isAlive: boolean, step: TokenStep])[] = [
    // Cut before the provider acted: the client cannot tell it from the next one.
    ["a reset before the request was acted on", "refresh-indeterminate", true, { drop: "before" }],
    ["a reset before the headers", "refresh-indeterminate", false, { drop: "after" }],
    ["a reset in the middle of the body", "refresh-indeterminate", false, { drop: "during" }],
    [
      "HTML with 200",
      "refresh-indeterminate",
      false,
      { spends: true, reply: { body: "<html>", headers: { "content-type": "text/html" } } },
    ],
    [
      "200 with broken JSON",
      "refresh-indeterminate",
      false,
      { spends: true, reply: { body: "{", headers: { "content-type": "application/json" } } },
    ],
    ["200 without a token", "refresh-indeterminate", false, { spends: true, reply: { body: { ok: true } } }],
    ["200 with token_type mac", "refresh-indeterminate", false, { fields: { token_type: "mac" } }],
    ["200 with expires_in 0", "refresh-indeterminate", false, { fields: { expires_in: 0 } }],
    ["200 with more than 1 MiB", "refresh-indeterminate", false, { fields: { padding: "x".repeat(1024 * 1024) } }],
    ["204", "refresh-indeterminate", false, { spends: true, reply: { status: 204 } }],
    ["302", "refresh-indeterminate", true, { reply: { status: 302, headers: { location: "/token" } } }],
    ["408", "refresh-indeterminate", true, { reply: { status: 408 } }],
    ["500 without a word", "refresh-indeterminate", false, { spends: true, reply: { status: 500, body: "oops" } }],
    ["503 without a word", "refresh-indeterminate", true, { reply: { status: 503 } }],
    [
      "502 of a proxy, with Retry-After",
      "refresh-indeterminate",
      false,
      { spends: true, reply: { status: 502, headers: { "retry-after": "1" } } },
    ],
    [
      "504 of a proxy, with Retry-After",
      "refresh-indeterminate",
      false,
      { spends: true, reply: { status: 504, headers: { "retry-after": "1" } } },
    ],
    ["500 with an OAuth error", "oauth-unavailable", true, { reply: { status: 500, body: { error: "server_error" } } }],
    ["503 with Retry-After", "oauth-unavailable", true, { reply: { status: 503, headers: { "retry-after": "7" } } }],
    ["429", "oauth-unavailable", true, { reply: { status: 429 } }],
    ["429 with Retry-After", "oauth-unavailable", true, { reply: { status: 429, headers: { "retry-after": "7" } } }],
    ["401 without an OAuth error", "oauth-unavailable", true, { reply: { status: 401, body: "who are you" } }],
    [
      "403 of a bot challenge",
      "oauth-unavailable",
      true,
      { reply: { status: 403, body: "<html>", headers: { "content-type": "text/html" } } },
    ],
    ["404", "oauth-unavailable", true, { reply: { status: 404 } }],
    ["400 temporarily_unavailable", "oauth-unavailable", true, { reply: { status: 400, body: { error: "temporarily_unavailable" } } }],
    ["400 invalid_grant", "oauth-refresh-rejected", true, { reply: { status: 400, body: { error: "invalid_grant" } } }],
    ["401 invalid_grant", "oauth-refresh-rejected", true, { reply: { status: 401, body: { error: "invalid_grant" } } }],
    [
      "OpenAI's nested code",
      "oauth-refresh-rejected",
      true,
      { reply: { status: 401, body: { error: { code: "refresh_token_reused", message: "no" } } } },
    ],
    ["GitHub's error with 200", "oauth-refresh-rejected", true, { reply: { body: { error: "bad_refresh_token" } } }],
    ["400 invalid_client", "oauth-denied", true, { reply: { status: 400, body: { error: "invalid_client" } } }],
    ["401 invalid_client", "oauth-denied", true, { reply: { status: 401, body: { error: "invalid_client" } } }],
    ["400 invalid_request", "oauth-denied", true, { reply: { status: 400, body: { error: "invalid_request" } } }],
  ];

  test.each(ends)("O6, T3: %s is %s", async (_end, code, isAlive, step) => {
    const idp = await start();
    idp.script(step);
    const { refresh } = idp.issue();
    const error = await failure(clientOf(idp).refresh(Secret.of(refresh)), refresh);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/^acme: the login could not be refreshed: the provider /);
    expect(idp.isAlive(refresh)).toBe(isAlive);
    // Never asked again by itself, and the redirect was not followed.
    expect([idp.tokenRequests(), idp.reuses(), idp.unusedSteps()]).toEqual([1, 0, 0]);
  });

  test("no end of a request that may have spent the token is called anything but indeterminate", () => {
    const spent = ends.filter(([, , isAlive]) => !isAlive).map(([, code]) => code);
    expect(new Set(spent)).toEqual(new Set(["refresh-indeterminate"]));
  });

  test("a connection that is refused has sent nothing", async () => {
    const idp = await start();
    const client = clientOf(idp);
    await idp.close();
    expect(await failure(client.refresh(Secret.of("test-refresh")))).toMatchObject({
      code: "oauth-unavailable",
      message: expect.stringContaining("could not be reached (ECONNREFUSED)"),
    });
  });

  test.each([
    ["the name is not found", { code: "ENOTFOUND", syscall: "getaddrinfo" }, "oauth-unavailable"],
    ["no route to connect", { code: "ENETUNREACH", syscall: "connect" }, "oauth-unavailable"],
    ["connecting takes too long", { code: "UND_ERR_CONNECT_TIMEOUT" }, "oauth-unavailable"],
    ["the certificate is refused", { code: "CERT_HAS_EXPIRED" }, "oauth-unavailable"],
    ["a connection in use becomes unreachable", { code: "EHOSTUNREACH", syscall: "read" }, "refresh-indeterminate"],
    ["a connection in use is reset", { code: "ECONNRESET", syscall: "read" }, "refresh-indeterminate"],
    ["the socket ends", { code: "UND_ERR_SOCKET" }, "refresh-indeterminate"],
    ["nobody knows", {}, "refresh-indeterminate"],
  ])("when %s", async (_end, fields, code) => {
    const idp = await start();
    const cause = Object.assign(new Error("test-refresh and more"), fields);
    const fetch = () => Promise.reject(new TypeError("fetch failed", { cause }));
    expect(await failure(clientOf(idp, { fetch }).refresh(Secret.of("test-refresh")), "test-refresh")).toMatchObject({ code });
  });

  test("of several addresses all must have failed before sending", async () => {
    const idp = await start();
    const unsent = Object.assign(new Error("no"), { syscall: "connect" });
    const failing = (...errors: Error[]) =>
      clientOf(idp, { fetch: () => Promise.reject(new TypeError("x", { cause: new AggregateError(errors) })) });
    expect((await failure(failing(unsent, unsent).refresh(Secret.of("one")))).code).toBe("oauth-unavailable");
    expect((await failure(failing(unsent, new Error("reset")).refresh(Secret.of("one")))).code).toBe("refresh-indeterminate");
  });

  test.each([
    ["before the headers", "reset"],
    ["in the middle of the headers", "HTTP/1.1 200 OK\r\ncontent-type: appl"],
    [
      "in the middle of the body",
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"access_token":"test-access',
    ],
    ["by bytes that are no HTTP", "test-access of another protocol\r\n\r\n"],
  ])("O6: a connection cut %s leaves it open whether the token is spent", async (_where, reply) => {
    const client = createOAuthClient({ provider: "acme", tokenUrl: await rawServer(reply), clientId: "test-client" });
    expect((await failure(client.refresh(Secret.of("test-refresh")), "test-refresh", "test-access")).code).toBe("refresh-indeterminate");
  });

  test("Retry-After says when to ask again", async () => {
    const clock = manualClock();
    const idp = await start({ clock });
    idp.script(
      { reply: { status: 429, headers: { "retry-after": "7" } } },
      { reply: { status: 503, headers: { "retry-after": "99999999" } } },
    );
    const client = clientOf(idp, { clock });
    expect((await failure(client.refresh(Secret.of("one")))).retryAt).toBe(clock.now() + 7000);
    expect((await failure(client.refresh(Secret.of("one")))).retryAt).toBe(clock.now() + 3_600_000);
  });

  test.each([
    ["no byte comes", { beforeHeaders: "hang" }],
    ["the headers come, and then nothing", { body: "{", headers: { "content-type": "application/json" }, afterHeaders: "hang" }],
  ] as const)("O6: when %s it ends after 30 s, however slowly it drips", async (_how, reply) => {
    const clock = manualClock();
    const idp = await start({ clock });
    idp.script({ spends: true, reply });
    const head = Promise.withResolvers<void>();
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const response = await globalThis.fetch(input, init);
      head.resolve();
      return response;
    };
    const asked = failure(clientOf(idp, { clock, fetch }).refresh(Secret.of(idp.issue().refresh)));
    await ("beforeHeaders" in reply ? idp.waitForTokenRequests(1) : head.promise);
    clock.advance(30_000);
    expect(await asked).toMatchObject({ code: "refresh-indeterminate", message: expect.stringContaining("30 s") });
  });

  test("O6: a gzip bomb is put down after 1 MiB", async () => {
    const bomb = gzipSync(Buffer.alloc(128 * 1024 * 1024));
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    const server = createHttpServer((_request, response) => response.writeHead(200, headers).end(bomb));
    const tokenUrl = await listening(server);
    const before = process.memoryUsage().rss;
    const client = createOAuthClient({ provider: "acme", tokenUrl, clientId: "test-client" });
    expect((await failure(client.refresh(Secret.of("one")))).message).toContain("larger than 1 MiB");
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1024 * 1024);
  });

  test("an abort comes back as it came, before the request and during it", async () => {
    const idp = await start();
    idp.script({ reply: { beforeHeaders: "hang" } });
    const reason = { why: "the gateway stops" };
    await expect(clientOf(idp).refresh(Secret.of("one"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(idp.tokenRequests()).toBe(0);
    const controller = new AbortController();
    const asked = clientOf(idp).refresh(Secret.of("one"), { signal: controller.signal });
    await idp.waitForTokenRequests(1);
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
  });

  test("a provider that repeats the secrets it was sent does not get them into an error", async () => {
    const canary = createCanary("oauth");
    const idp = await start({ clientSecret: canary });
    const client = clientOf(idp, {}, { clientSecret: Secret.of(canary) });
    for (const body of [
      { error: canary },
      { error: "invalid_grant", error_description: canary },
      { error: { code: canary, message: canary } },
    ]) {
      idp.script({ reply: { status: 400, body } });
      const error = inspect(await failure(client.refresh(Secret.of(canary))), { showHidden: true, depth: 9 });
      expect(await findCanary(canary, { texts: { error } })).toEqual([]);
    }
  });
});

describe("endpoints", () => {
  test.each([
    ["http://id.acme.test/token", "must be https"],
    ["http://127.0.0.1.acme.test/token", "must be https"],
    ["http://10.0.0.1/token", "must be https"],
    ["ftp://127.0.0.1/token", "must be https"],
    ["https://me:secret@id.acme.test/token", "user name"],
    ["https://id.acme.test/token#x", "fragment"],
    ["token", "not a URL"],
  ])("%s is refused", (tokenUrl, rule) => {
    expect(() => createOAuthClient({ provider: "acme", tokenUrl, clientId: "test-client" })).toThrow(
      expect.objectContaining({ code: "oauth-endpoint-refused", message: expect.stringContaining(rule) }),
    );
  });

  test.each([
    "https://id.acme.test/token",
    "http://127.0.0.1:1/token",
    "http://127.1/token",
    "http://[::1]:1/token",
    "http://localhost/token",
  ])("%s is taken", (tokenUrl) => {
    expect(() => createOAuthClient({ provider: "acme", tokenUrl, clientId: "test-client" })).not.toThrow();
  });

  test("what a provider does not offer is refused before a request is made, and so is no client id", async () => {
    const client = createOAuthClient({ provider: "acme", tokenUrl: "https://id.acme.test/token", clientId: "test-client" });
    expect((await failure(client.beginLogin({ redirectUri: "http://127.0.0.1:1/cb" }))).code).toBe("oauth-endpoint-refused");
    expect((await failure(client.beginDevice())).code).toBe("oauth-endpoint-refused");
    expect(() => createOAuthClient({ provider: "acme", tokenUrl: "https://id.acme.test/token", clientId: "" })).toThrow("client id");
  });
});

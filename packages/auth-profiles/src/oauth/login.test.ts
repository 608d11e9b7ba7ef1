import { inspect } from "node:util";
import { Secret } from "@openclaw/secrets";
import { manualClock, startFakeIdp, type FakeIdp, type FakeIdpOptions } from "@openclaw/testkit";
import { calculatePKCECodeChallenge } from "oauth4webapi";
import { afterEach, describe, expect, test } from "vitest";
import type { OAuthEndpoints } from "./endpoints.ts";
import { createOAuthClient, type OAuthClientOptions } from "./oauth-client.ts";

const started: FakeIdp[] = [];

afterEach(async () => {
  for (const idp of started.splice(0)) await idp.close();
});

const redirectUri = "http://127.0.0.1:1455/auth/callback";

async function begin(options: FakeIdpOptions & { readonly more?: Partial<OAuthEndpoints>; readonly client?: OAuthClientOptions } = {}) {
  const idp = await startFakeIdp(options);
  started.push(idp);
  const { authorizationUrl, tokenUrl, clientId } = idp;
  const endpoints = { provider: "acme", authorizationUrl, tokenUrl, clientId, accountClaim: ["account_id"], ...options.more };
  const login = await createOAuthClient(endpoints, options.client).beginLogin({ redirectUri });
  return { idp, login };
}

const withParameter = (callback: URL, name: string, value: string | undefined): URL => {
  const changed = new URL(callback);
  if (value === undefined) changed.searchParams.delete(name);
  else changed.searchParams.set(name, value);
  return changed;
};

describe("the authorization URL", () => {
  test("O11: S256 of oauth4webapi is that of RFC 7636 appendix B", async () => {
    expect(await calculatePKCECodeChallenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")).toBe(
      "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    );
  });

  test("O11: holds client, redirect, scopes, state and challenge, and nothing of the verifier", async () => {
    const more = { scopes: ["openid", "email"], authorizationParameters: { access_type: "offline", state: "mine", client_id: "mine" } };
    const { idp, login } = await begin({ more });
    const parameters = Object.fromEntries(login.url.searchParams);
    expect(parameters).toEqual({
      access_type: "offline",
      response_type: "code",
      client_id: idp.clientId,
      redirect_uri: redirectUri,
      scope: "openid email",
      state: login.state,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: "S256",
    });
    await login.finish(await idp.authorize(login.url));
    const verifier = idp.requests[0]?.form.get("code_verifier") ?? "";
    expect(verifier).toMatch(/^[\w-]{43,128}$/);
    expect(await calculatePKCECodeChallenge(verifier)).toBe(parameters["code_challenge"]);
    expect(inspect(login, { showHidden: true, depth: 9 })).not.toContain(verifier);
    expect(login.url.href).not.toContain(verifier);
  });

  test("O11: state and verifier are fresh for each login, 256 bit each, and taken from the given source", async () => {
    const sizes: number[] = [];
    const client = { random: (size: number) => Buffer.alloc(size, sizes.push(size)) };
    const { login } = await begin({ client });
    expect(sizes).toEqual([32, 32]);
    expect(login.state).toBe(Buffer.alloc(32, 2).toString("base64url"));
    const [first, second] = [await begin(), await begin()];
    expect(first.login.state).not.toBe(second.login.state);
    expect(first.login.url.searchParams.get("code_challenge")).not.toBe(second.login.url.searchParams.get("code_challenge"));
  });

  test.each(["https://acme.test/cb", "http://acme.test/cb", "http://127.0.0.1.acme.test/cb", "file:///cb", "cb"])(
    "T17: a login does not come back to %s",
    async (elsewhere) => {
      const client = createOAuthClient({
        provider: "acme",
        authorizationUrl: "https://id.acme.test/authorize",
        tokenUrl: "https://id.acme.test/token",
        clientId: "test-client",
      });
      await expect(client.beginLogin({ redirectUri: elsewhere })).rejects.toMatchObject({ code: "oauth-endpoint-refused" });
    },
  );
});

describe("the callback", () => {
  test("is exchanged for tokens and the account they belong to", async () => {
    const { idp, login } = await begin();
    const tokens = await login.finish(await idp.authorize(login.url, { accountId: "account-two" }));
    expect(tokens).toMatchObject({ accountId: "account-two", email: "account-two@example.test" });
    expect(tokens.refresh?.startsWith("test-refresh-")).toBe(true);
  });

  test.each([
    ["another state", (callback: URL) => withParameter(callback, "state", "x".repeat(43))],
    ["a piece of the state", (callback: URL) => withParameter(callback, "state", callback.searchParams.get("state")?.slice(0, 42))],
    ["an empty state", (callback: URL) => withParameter(callback, "state", "")],
    ["no state", (callback: URL) => withParameter(callback, "state", undefined)],
    ["two states", (callback: URL) => new URL(`${callback.href}&state=other`)],
  ])("T17: with %s is refused before anything, and the login goes on", async (_what, change) => {
    const { idp, login } = await begin();
    const callback = await idp.authorize(login.url);
    const wrong = withParameter(change(callback), "error", "access_denied");
    expect(login.isOwn(wrong)).toBe(false);
    await expect(login.finish(wrong)).rejects.toMatchObject({ code: "login-refused", message: expect.stringContaining("state") });
    expect(idp.tokenRequests()).toBe(0);
    expect(login.isOwn(callback)).toBe(true);
    await expect(login.finish(callback)).resolves.toHaveProperty("access");
  });

  test("T17: counts once, even when it comes twice at the same time", async () => {
    const { idp, login } = await begin();
    const callback = await idp.authorize(login.url);
    const [first, second] = await Promise.allSettled([login.finish(callback), login.finish(callback)]);
    expect(first.status).toBe("fulfilled");
    expect(second).toMatchObject({ reason: { code: "login-refused", message: expect.stringContaining("used already") } });
    expect(idp.tokenRequests()).toBe(1);
  });

  test("T17: a code that belongs to another login's verifier is refused by the provider", async () => {
    const { idp, login } = await begin();
    const other = await createOAuthClient({
      provider: "acme",
      authorizationUrl: idp.authorizationUrl,
      tokenUrl: idp.tokenUrl,
      clientId: idp.clientId,
    }).beginLogin({ redirectUri });
    const code = (await idp.authorize(other.url)).searchParams.get("code") ?? "";
    const own = await idp.authorize(login.url);
    await expect(login.finish(withParameter(own, "code", code))).rejects.toMatchObject({ code: "login-refused" });
  });

  test("lives for 10 minutes", async () => {
    const clock = manualClock();
    const { idp, login } = await begin({ clock, client: { clock } });
    const callback = await idp.authorize(login.url);
    clock.advance(600_000);
    await expect(login.finish(callback)).rejects.toMatchObject({ code: "login-timeout" });
    expect(idp.tokenRequests()).toBe(0);
  });

  test.each([
    [undefined, "https://evil.test", "refused"],
    [undefined, "same origin", "taken"],
    [undefined, "nonsense", "refused"],
    ["https://issuer.test", "https://issuer.test", "taken"],
    ["https://issuer.test", "https://issuer.test/", "refused"],
    ["https://issuer.test", undefined, "taken"],
  ])("of a provider whose issuer is %s, with iss %s, is %s", async (issuer, iss, verdict) => {
    const { idp, login } = await begin(issuer === undefined ? {} : { more: { issuer } });
    const callback = withParameter(await idp.authorize(login.url), "iss", iss === "same origin" ? idp.issuer : iss);
    const code = await login.finish(callback).then(
      () => "taken",
      (error) => error.code,
    );
    expect(code).toBe(verdict === "taken" ? "taken" : "login-refused");
    expect(idp.tokenRequests()).toBe(verdict === "taken" ? 1 : 0);
  });

  test.each([
    ["access_denied", "oauth-denied"],
    ["server_error", "login-refused"],
    ["invalid_scope", "login-refused"],
  ])("passes the provider's %s on as %s, cleaned", async (error, code) => {
    const { idp, login } = await begin();
    const callback = await idp.authorize(login.url, { error, errorDescription: `no\u001B[31m\r\nway${"x".repeat(500)}` });
    const failed = await login.finish(callback).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code, message: expect.stringContaining(`${error} (no [31m wayxxx`) });
    expect(inspect(failed).length).toBeLessThan(3000);
    expect(idp.tokenRequests()).toBe(0);
  });

  test("without a code is refused", async () => {
    const { idp, login } = await begin();
    const callback = withParameter(await idp.authorize(login.url), "code", undefined);
    await expect(login.finish(callback)).rejects.toMatchObject({ code: "login-refused" });
  });
});

describe("the exchange", () => {
  test.each([
    [{ drop: "after" }, "oauth-unavailable"],
    [{ reply: { body: "<html>", headers: { "content-type": "text/html" } } }, "oauth-bad-answer"],
    [{ reply: { status: 302, headers: { location: "/" } } }, "oauth-bad-answer"],
    [{ reply: { status: 429 } }, "oauth-unavailable"],
    [{ reply: { status: 401, body: { error: "invalid_client" } } }, "login-refused"],
    [{ fields: { expires_in: -5 } }, "oauth-bad-answer"],
    [{ fields: { token_type: "mac" } }, "oauth-bad-answer"],
    // O13: nothing is known of whose account it is.
    [{ fields: { access_token: "a.!!!.c" } }, "oauth-bad-answer"],
    [{ fields: { access_token: "test-opaque" } }, "oauth-bad-answer"],
  ] as const)("O13: after %j fails with %s, and tells nothing", async (step, code) => {
    const { idp, login } = await begin();
    const callback = await idp.authorize(login.url);
    idp.script(step);
    const failed = await login.finish(callback).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code, hint: expect.any(String) });
    const seen = inspect(failed, { showHidden: true, depth: 9 });
    expect(seen).not.toContain(callback.searchParams.get("code"));
    expect(seen).not.toContain(idp.requests[0]?.form.get("code_verifier"));
  });

  test("sends the client's secret, and not in the authorization URL", async () => {
    const { idp, login } = await begin({ clientSecret: "test-secret", more: { clientSecret: Secret.of("test-secret") } });
    expect(login.url.href).not.toContain("test-secret");
    await expect(login.finish(await idp.authorize(login.url))).resolves.toHaveProperty("access");
  });
});

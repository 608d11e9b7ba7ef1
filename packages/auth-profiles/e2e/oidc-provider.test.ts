import { createServer } from "node:http";
import { listenForCallback } from "../src/oauth/callback-listener.ts";
import { createOAuthClient, type OAuthClient } from "../src/oauth/oauth-client.ts";
import { Secret, type Clock } from "@openclaw/secrets";
import { Provider, type Configuration } from "oidc-provider";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createBrowser } from "./browser.ts";

// A provider that is not ours: oidc-provider is certified, and checks what the fake one may forget to.

const clientSecret = "test-secret-of-the-confidential-client";
const server = createServer();
let issuer = "";

beforeAll(async () => {
  // It warns of being set up for development, which it is.
  vi.spyOn(console, "info").mockReturnValue(undefined);
  vi.spyOn(console, "warn").mockReturnValue(undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  issuer = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  const native = {
    grant_types: ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
    response_types: ["code" as const],
    application_type: "native" as const,
    redirect_uris: ["http://127.0.0.1/auth/callback"],
  };
  const configuration: Configuration = {
    clients: [
      { ...native, client_id: "public", token_endpoint_auth_method: "none" },
      { ...native, client_id: "basic", client_secret: clientSecret, token_endpoint_auth_method: "client_secret_basic" },
      { ...native, client_id: "post", client_secret: clientSecret, token_endpoint_auth_method: "client_secret_post" },
    ],
    features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    cookies: { keys: ["test-cookie-key"] },
    ttl: {
      AccessToken: 600,
      Session: 600,
      Grant: 600,
      Interaction: 600,
      IdToken: 600,
      RefreshToken: 6000,
      DeviceCode: 600,
      AuthorizationCode: 60,
    },
  };
  server.on("request", new Provider(issuer, configuration).callback());
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  vi.restoreAllMocks();
});

/** Real time that does not wait between two polls. The deadline of a request is kept. */
function impatientClock(whilePausing: () => Promise<unknown>): Clock {
  return {
    now: () => Date.now(),
    async sleep(durationMs, signal) {
      if (durationMs === 30_000) return new Promise<void>(() => undefined);
      signal?.throwIfAborted();
      await whilePausing();
    },
  };
}

function clientFor(clientId: string, clock?: Clock): OAuthClient {
  return createOAuthClient(
    {
      provider: "acme",
      issuer,
      authorizationUrl: `${issuer}/auth`,
      tokenUrl: `${issuer}/token`,
      deviceUrl: `${issuer}/device/auth`,
      clientId,
      ...(clientId !== "public" && { clientSecret: Secret.of(clientSecret) }),
      clientAuth: clientId === "post" ? "post" : "basic",
      scopes: ["openid"],
      accountClaim: ["sub"],
    },
    clock ? { clock } : {},
  );
}

/** A whole login: the listener, the browser, the exchange. */
async function logIn(client: OAuthClient, person: string) {
  const callbacks = await listenForCallback({ path: "/auth/callback" });
  const login = await client.beginLogin({ redirectUri: callbacks.redirectUri });
  const page = await createBrowser({ login: person, password: "test-password" }).visit(login.url.href);
  expect(page).toContain("You can close this page");
  const callback = await callbacks.received;
  expect(callback.searchParams.get("iss")).toBe(issuer);
  return { callback, tokens: await login.finish(callback) };
}

test.each(["public", "basic", "post"])(
  "a %s client logs in with a code, refreshes with rotation, and is refused a spent token",
  async (clientId) => {
    const client = clientFor(clientId);
    const { tokens } = await logIn(client, "account-one");
    expect(tokens).toMatchObject({ accountId: "account-one", refresh: expect.any(Secret), scopes: ["openid"] });
    expect(tokens.expiresAt).toBeGreaterThan(Date.now() + 500_000);

    const first = tokens.refresh ?? Secret.of("");
    const second = await client.refresh(first);
    expect(second.accountId).toBe("account-one");
    expect(second.access.equals(tokens.access)).toBe(false);
    expect(second.refresh?.equals(first)).toBe(false);

    await expect(client.refresh(first)).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
    // Reuse has ended the whole family.
    await expect(client.refresh(second.refresh ?? first)).rejects.toMatchObject({ code: "oauth-refresh-rejected" });
  },
);

test("T17: the code of one login is of no use to another", async () => {
  const client = clientFor("public");
  const { callback } = await logIn(client, "account-one");
  const other = await client.beginLogin({ redirectUri: `${callback.origin}${callback.pathname}` });
  const stolen = new URL(callback);
  await expect(other.finish(stolen)).rejects.toMatchObject({ code: "login-refused", message: expect.stringContaining("state") });
  stolen.searchParams.set("state", other.state);
  await expect(other.finish(stolen)).rejects.toMatchObject({ code: "login-refused", message: expect.stringContaining("invalid_grant") });
});

test("a wrong secret or client is no dead login", async () => {
  const wrong = createOAuthClient({
    provider: "acme",
    tokenUrl: `${issuer}/token`,
    clientId: "post",
    clientSecret: Secret.of("test-wrong"),
  });
  await expect(wrong.refresh(Secret.of("test-refresh"))).rejects.toMatchObject({
    code: "oauth-denied",
    message: expect.stringContaining("invalid_client"),
  });
});

test("a device logs in after its person has consented", async () => {
  const pauses: string[] = [];
  const clock = impatientClock(async () => {
    pauses.push(pauses.length === 0 ? "first" : "consent");
    if (pauses.length === 2)
      await createBrowser({ login: "account-two", password: "test-password" }).visit(device.verificationUriComplete ?? "");
  });
  const device = await clientFor("public", clock).beginDevice();
  expect(device).toMatchObject({ userCode: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/), verificationUri: `${issuer}/device` });
  const tokens = await device.poll();
  expect(tokens).toMatchObject({ accountId: "account-two", refresh: expect.any(Secret) });
  expect(pauses).toHaveLength(2);
});

import { inspect } from "node:util";
import { createTempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome } from "./home.ts";
import { oauthEndpoints, resolveOAuthEndpoints } from "./oauth-endpoints.ts";
import { resolvePaths } from "./paths.ts";
import type { HomeSnapshot, OpenHomeOptions } from "./snapshot.ts";

const ACME = { authorizationUrl: "https://id.acme.test/authorize", tokenUrl: "https://id.acme.test/token", clientId: "client-one" };

async function homeWith(
  providers: Readonly<Record<string, object>>,
  env: Readonly<Record<string, string>> = {},
  options: Partial<OpenHomeOptions> = {},
  config: object = {},
): Promise<HomeSnapshot> {
  const folder = await createTempHome({ ".openclaw/openclaw.json": { models: { providers }, ...config } });
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const home = await openHome({ paths: resolvePaths({ env: all, osHome: folder.path, cwd: folder.path }), env: all, ...options });
  return home.current;
}

describe("where a provider logs people in", () => {
  test("is what the table knows, with the client of the configuration", async () => {
    const snapshot = await homeWith({ "openai-codex": { oauth: { clientId: "client-one" } } });
    expect(oauthEndpoints(snapshot, "OpenAI-Codex")).toMatchObject({
      provider: "openai-codex",
      tokenUrl: "https://auth.openai.com/oauth/token",
      redirectPort: 1455,
      clientId: "client-one",
    });
  });

  test("is what a variable says where the configuration names no client", async () => {
    const env = { GEMINI_CLI_OAUTH_CLIENT_ID: "client-second", OPENCLAW_GEMINI_OAUTH_CLIENT_ID: "client-first" };
    expect(oauthEndpoints(await homeWith({}, env), "google-gemini-cli")).toMatchObject({ clientId: "client-first" });
    const own = { "google-gemini-cli": { oauth: { clientId: "client-own", scopes: ["one"] } } };
    expect(oauthEndpoints(await homeWith(own, env), "google-gemini-cli")).toMatchObject({ clientId: "client-own", scopes: ["one"] });
  });

  test("is the configuration's alone where that names an address for tokens", async () => {
    const endpoints = oauthEndpoints(await homeWith({ "openai-codex": { oauth: ACME } }), "openai-codex");
    expect(endpoints).toEqual({ provider: "openai-codex", ...ACME });
  });

  test("is nowhere for a provider without a login, and for one that nobody knows", async () => {
    const snapshot = await homeWith({});
    expect([oauthEndpoints(snapshot, "openai"), oauthEndpoints(snapshot, "nobody")]).toEqual([undefined, undefined]);
  });

  test("names the setting and the variable of a client that is missing", async () => {
    const snapshot = await homeWith({});
    expect(() => oauthEndpoints(snapshot, "google-gemini-cli")).toThrow(
      expect.objectContaining({
        code: "oauth-unconfigured",
        hint: "set models.providers.google-gemini-cli.oauth.clientId, or the variable OPENCLAW_GEMINI_OAUTH_CLIENT_ID",
      }),
    );
  });

  test.each([
    ["an address without https", { ...ACME, tokenUrl: "ftp://id.acme.test" }, "models.providers.acme.oauth.tokenUrl"],
    ["a misspelt member", { ...ACME, tokenURL: "https://x.test" }, "models.providers.acme.oauth.tokenURL"],
    ["a port that is none", { ...ACME, redirectPort: 70_000 }, "models.providers.acme.oauth.redirectPort"],
  ])("refuses %s", async (_name, oauth, place) => {
    await expect(homeWith({ acme: { oauth } })).rejects.toThrow(place);
  });
});

describe("the client secret", () => {
  const withSecret = (clientSecret: unknown) => ({ acme: { oauth: { ...ACME, clientSecret } } });
  const secretOf = (endpoints: ReturnType<typeof oauthEndpoints>) => endpoints?.clientSecret?.reveal();

  test("is text or a reference, and is not printed", async () => {
    expect(secretOf(oauthEndpoints(await homeWith(withSecret("test-client-secret")), "acme"))).toBe("test-client-secret");
    const snapshot = await homeWith(withSecret("${ACME_SECRET}"), { ACME_SECRET: "test-client-secret" });
    const endpoints = oauthEndpoints(snapshot, "acme");
    expect(secretOf(endpoints)).toBe("test-client-secret");
    expect(inspect([endpoints, snapshot.config], { depth: 9 })).not.toContain("test-client-secret");
  });

  test("is that of a variable where vendors have one", async () => {
    const env = { CHUTES_CLIENT_ID: "client-one", CHUTES_CLIENT_SECRET: "test-client-secret" };
    expect(secretOf(oauthEndpoints(await homeWith({}, env), "chutes"))).toBe("test-client-secret");
  });

  test("of a variable that holds none is named, and status does without", async () => {
    const env = { CHUTES_CLIENT_ID: "client-one", CHUTES_CLIENT_SECRET: "op://vault/chutes" };
    const snapshot = await homeWith({}, env);
    expect(() => oauthEndpoints(snapshot, "chutes")).toThrow(
      expect.objectContaining({
        code: "oauth-unconfigured",
        message: expect.stringContaining("CHUTES_CLIENT_SECRET: the value is itself"),
      }),
    );
  });

  test("goes with its own client only: a login of another one is refreshed without it", async () => {
    const snapshot = await homeWith(withSecret("test-client-secret"));
    const endpoints = oauthEndpoints(snapshot, "acme", { clientId: "client-of-the-login" });
    expect(endpoints).toMatchObject({ clientId: "client-of-the-login" });
    expect(secretOf(endpoints)).toBeUndefined();
    expect(secretOf(oauthEndpoints(snapshot, "acme", { clientId: "client-one" }))).toBe("test-client-secret");
  });

  test("that does not resolve says so, and is not left out", async () => {
    const snapshot = await homeWith(withSecret("${ACME_SECRET}"), {}, { use: "inspect" });
    expect(() => oauthEndpoints(snapshot, "acme")).toThrow(
      expect.objectContaining({
        code: "oauth-unconfigured",
        message: 'models.providers.acme.oauth.clientSecret: Environment variable "ACME_SECRET" is missing or empty.',
      }),
    );
  });

  test("from a command is had where it is needed, in a home that was opened to be looked at", async () => {
    const command = process.execPath;
    const script = `process.stdout.write(JSON.stringify({ protocolVersion: 1, values: { "acme/secret": "test-client-secret" } }))`;
    const vault = { source: "exec", command, args: ["-e", script], allowSymlinkCommand: true };
    const ref = { source: "exec", provider: "vault", id: "acme/secret" };
    const snapshot = await homeWith(withSecret(ref), {}, { use: "inspect" }, { secrets: { providers: { vault } } });
    expect(() => oauthEndpoints(snapshot, "acme")).toThrow(expect.objectContaining({ code: "oauth-unconfigured" }));
    expect(secretOf(await resolveOAuthEndpoints(snapshot, "acme"))).toBe("test-client-secret");
  });
});

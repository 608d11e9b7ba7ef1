import { createServer } from "node:http";
import { Provider, type Configuration } from "oidc-provider";
import { vi } from "vitest";

/** What a client sent to the token endpoint, and what it was given. */
interface TokenGrant {
  readonly type: string;
  readonly sent: Readonly<Record<string, string>>;
  readonly given: Readonly<Record<string, unknown>>;
}

/** A certified OpenID provider on 127.0.0.1 with forms for people. Refresh tokens rotate; one that was spent ends its family. */
export interface IdentityProvider {
  readonly issuer: string;
  /** `models.providers.<id>.oauth` of a home. */
  readonly oauth: object;
  /** Every request to the token endpoint that was granted. */
  readonly grants: readonly TokenGrant[];
  /** Requests to the token endpoint that were refused, by error. */
  readonly refusals: readonly string[];
  /** Called before an answer is sent to who asked, with the path that was asked. */
  beforeAnswer(look: (path: string) => Promise<void>): void;
  close(): Promise<void>;
}

const CLIENT = "test-cli";

export async function startIdentityProvider(): Promise<IdentityProvider> {
  // It warns of being set up for development, which it is.
  const quiet = [vi.spyOn(console, "info").mockReturnValue(undefined), vi.spyOn(console, "warn").mockReturnValue(undefined)];
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const issuer = `http://127.0.0.1:${address !== null && typeof address === "object" ? address.port : 0}`;
  const provider = new Provider(issuer, configuration);

  const grants: TokenGrant[] = [];
  const refusals: string[] = [];
  let look: (path: string) => Promise<void> = async () => undefined;
  provider.on("grant.error", (_context, error) => refusals.push(error.error));
  provider.use(async (context, next) => {
    await next();
    if (context.path === "/token" && context.status === 200) {
      const sent = textsIn(context["oidc"]?.params);
      grants.push({ type: sent["grant_type"] ?? "", sent, given: { ...Object(context.body) } });
    }
    await look(context.path);
  });
  server.on("request", provider.callback());

  return {
    issuer,
    oauth: {
      issuer,
      authorizationUrl: `${issuer}/auth`,
      tokenUrl: `${issuer}/token`,
      userinfoUrl: `${issuer}/me`,
      clientId: CLIENT,
      scopes: ["openid", "email", "offline_access"],
      accountClaim: ["sub"],
    },
    grants,
    refusals,
    beforeAnswer: (next) => void (look = next),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      for (const spy of quiet) spy.mockRestore();
    },
  };
}

const configuration: Configuration = {
  clients: [
    {
      client_id: CLIENT,
      application_type: "native",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      // Of a native client any port will do (RFC 8252 section 7.3).
      redirect_uris: ["http://127.0.0.1/callback"],
    },
  ],
  claims: { openid: ["sub"], email: ["email"] },
  findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, email: `${id}@example.test` }) }),
  features: { devInteractions: { enabled: true }, userinfo: { enabled: true } },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  cookies: { keys: ["test-cookie-key"] },
  ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, RefreshToken: 6000, Session: 600 },
};

function textsIn(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(Object(value)).flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])));
}

import { describe, expect, test } from "vitest";
import { providerSpecs } from "./specs/index.ts";
import { findProvider } from "./table.ts";

/** As `oauth` of the shared provider facts has them: endpoints, scopes, callback, variables. */
const facts = [
  {
    id: "openai-codex",
    authorize: "https://auth.openai.com/oauth/authorize",
    token: "https://auth.openai.com/oauth/token",
    callback: "http://localhost:1455/auth/callback",
    scopes: "openid profile email offline_access",
    accountClaim: "https://api.openai.com/auth -> chatgpt_account_id",
  },
  {
    id: "github-copilot",
    device: "https://github.com/login/device/code",
    token: "https://github.com/login/oauth/access_token",
  },
  {
    id: "google-gemini-cli",
    authorize: "https://accounts.google.com/o/oauth2/v2/auth",
    token: "https://oauth2.googleapis.com/token",
    callback: "http://localhost:8085/oauth2callback",
    scopes:
      "https://www.googleapis.com/auth/cloud-platform https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile",
    userinfo: "https://www.googleapis.com/oauth2/v1/userinfo?alt=json",
    clientEnv: "OPENCLAW_GEMINI_OAUTH_CLIENT_ID GEMINI_CLI_OAUTH_CLIENT_ID",
  },
  {
    id: "chutes",
    issuer: "https://api.chutes.ai",
    authorize: "https://api.chutes.ai/idp/authorize",
    token: "https://api.chutes.ai/idp/token",
    userinfo: "https://api.chutes.ai/idp/userinfo",
    clientEnv: "CHUTES_CLIENT_ID CHUTES_CLIENT_SECRET",
  },
];

describe("where people log in", () => {
  test.each(facts)("$id", ({ id, ...expected }) => {
    const oauth = findProvider(id)?.oauth;
    const { redirectHost, redirectPort, redirectPath } = oauth ?? {};
    const variables = [...(oauth?.clientIdVariables ?? []), ...(oauth?.clientSecretVariables ?? [])];
    const written = {
      issuer: oauth?.issuer,
      authorize: oauth?.authorizationUrl,
      device: oauth?.deviceUrl,
      token: oauth?.tokenUrl,
      userinfo: oauth?.userinfoUrl,
      callback: redirectPort === undefined ? undefined : `http://${redirectHost}:${redirectPort}${redirectPath}`,
      scopes: oauth?.scopes?.join(" "),
      accountClaim: oauth?.accountClaim?.join(" -> "),
      clientEnv: variables.length === 0 ? undefined : variables.join(" "),
    };
    expect(Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))).toEqual(expected);
  });

  const known = providerSpecs.flatMap(({ id, oauth, authKinds }) => (oauth ? [[id, oauth, authKinds] as const] : []));

  test("is known of these alone: of minimax-portal there is a base URL and no endpoint", () => {
    expect(known.map(([id]) => id).toSorted()).toEqual(facts.map(({ id }) => id).toSorted());
  });

  test.each(known)("%s takes logins, over https, and names real variables", (_id, oauth, authKinds) => {
    expect(authKinds).toContain("oauth");
    const urls = [oauth.authorizationUrl, oauth.tokenUrl, oauth.deviceUrl, oauth.userinfoUrl].filter((url) => url !== undefined);
    expect(urls.filter((url) => new URL(url).protocol !== "https:")).toEqual([]);
    const variables = [...(oauth.clientIdVariables ?? []), ...(oauth.clientSecretVariables ?? [])];
    expect(variables.filter((name) => !/^[A-Z][A-Z0-9_]*$/.test(name))).toEqual([]);
  });
});

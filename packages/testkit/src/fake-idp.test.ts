import { createHash } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { startFakeIdp, type FakeIdp, type FakeIdpOptions } from "./fake-idp.ts";
import { manualClock } from "./manual-clock.ts";

const started: FakeIdp[] = [];

async function start(options?: FakeIdpOptions): Promise<FakeIdp> {
  const idp = await startFakeIdp(options);
  started.push(idp);
  return idp;
}

afterEach(async () => {
  for (const idp of started.splice(0)) await idp.close();
});

const post = (url: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(url, { method: "POST", body: new URLSearchParams({ client_id: "test-client", ...form }), headers });

const refresh = async (idp: FakeIdp, token: string) => {
  const response = await post(idp.tokenUrl, { grant_type: "refresh_token", refresh_token: token });
  return [response.status, await jsonOf(response)] as const;
};

async function jsonOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  return Object({ ...Object(await response.json()) });
}

const verifier = "test-verifier-that-is-long-enough-for-the-rfc-0";
const redirect = "http://127.0.0.1:4000/cb";

const loginUrl = (idp: FakeIdp) => {
  const url = new URL(idp.authorizationUrl);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: idp.clientId,
    redirect_uri: redirect,
    state: "state-one",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
  }).toString();
  return url;
};

const redeem = (idp: FakeIdp, code: string | null, codeVerifier = verifier) =>
  post(idp.tokenUrl, { grant_type: "authorization_code", code: code ?? "", redirect_uri: redirect, code_verifier: codeVerifier });

describe("logins", () => {
  test("gives tokens for a code once, and only to its verifier", async () => {
    const idp = await start();
    const callback = await idp.authorize(loginUrl(idp), { accountId: "account-two" });
    expect([callback.searchParams.get("state"), callback.searchParams.get("iss")]).toEqual(["state-one", idp.issuer]);
    const answer = await (await redeem(idp, callback.searchParams.get("code"))).json();
    expect(answer).toMatchObject({ token_type: "Bearer", expires_in: 3600 });
    expect((await redeem(idp, callback.searchParams.get("code"))).status).toBe(400);

    const other = await idp.authorize(loginUrl(idp));
    expect((await redeem(idp, other.searchParams.get("code"), "wrong")).status).toBe(400);
  });

  test("refuses an authorization request without PKCE, and passes a person's refusal on", async () => {
    const idp = await start({ sendsIssuer: false });
    const bare = loginUrl(idp);
    bare.searchParams.delete("code_challenge");
    await expect(idp.authorize(bare)).rejects.toThrow("400");
    const denied = await idp.authorize(loginUrl(idp), { error: "access_denied", errorDescription: "no" });
    expect(Object.fromEntries(denied.searchParams)).toEqual({ error: "access_denied", error_description: "no", state: "state-one" });
  });

  test("a device waits for its person", async () => {
    const idp = await start();
    const device = async () => {
      const { device_code: deviceCode, user_code: userCode } = await jsonOf(await post(idp.deviceUrl, {}));
      return { deviceCode: String(deviceCode), userCode: String(userCode) };
    };
    const poll = async (code: string) =>
      (await post(idp.tokenUrl, { grant_type: "urn:ietf:params:oauth:grant-type:device_code", device_code: code })).json();
    const first = await device();
    expect(await poll(first.deviceCode)).toMatchObject({ error: "authorization_pending" });
    idp.settleDevice(first.userCode, { accountId: "account-two" });
    expect(await poll(first.deviceCode)).toMatchObject({ token_type: "Bearer" });
    const second = await device();
    idp.settleDevice(second.userCode, { error: "access_denied" });
    expect(await poll(second.deviceCode)).toMatchObject({ error: "access_denied" });
  });

  test("wants the client's secret where it has one, by Basic or in the form", async () => {
    const idp = await start({ clientSecret: "test secret" });
    const form = () => ({ grant_type: "refresh_token", refresh_token: idp.issue().refresh });
    const basic = `Basic ${Buffer.from("test-client:test+secret").toString("base64")}`;
    expect((await post(idp.tokenUrl, form())).status).toBe(401);
    expect((await post(idp.tokenUrl, { ...form(), client_secret: "test secret" })).status).toBe(200);
    expect((await post(idp.tokenUrl, form(), { authorization: basic })).status).toBe(200);
  });
});

describe("refresh", () => {
  test("spends the token, and its second use revokes the family", async () => {
    const idp = await start();
    const { refresh: first } = idp.issue();
    const [, answer] = await refresh(idp, first);
    expect([idp.isAlive(first), idp.isAlive(String(answer["refresh_token"])), idp.reuses()]).toEqual([false, true, 0]);
    expect(await refresh(idp, first)).toMatchObject([400, { error: "invalid_grant" }]);
    expect([idp.isAlive(String(answer["refresh_token"])), idp.reuses()]).toEqual([false, 1]);
    expect(idp.tokenRequests("refresh_token")).toBe(2);
  });

  test("within the grace a spent token gets the same successor again", async () => {
    const clock = manualClock();
    const idp = await start({ graceMs: 1000, clock });
    const { refresh: first } = idp.issue();
    const [, answer] = await refresh(idp, first);
    clock.advance(999);
    expect(await refresh(idp, first)).toEqual([200, answer]);
    clock.advance(1);
    expect(await refresh(idp, first)).toMatchObject([400, {}]);
  });

  test("without rotation the token stays", async () => {
    const idp = await start({ rotates: false });
    const { refresh: only } = idp.issue();
    expect(await refresh(idp, only)).toMatchObject([200, { refresh_token: only }]);
    expect(idp.isAlive(only)).toBe(true);
  });

  test("an ended family is refused without counting as reuse", async () => {
    const idp = await start();
    const { refresh: token } = idp.issue();
    idp.revoke(token);
    expect(await refresh(idp, token)).toMatchObject([400, { error: "invalid_grant" }]);
    expect(idp.reuses()).toBe(0);
  });
});

describe("steps", () => {
  test.each([
    ["before", true],
    ["during", false],
    ["after", false],
  ] as const)("an answer dropped %s: the token lives on: %s", async (drop, isAlive) => {
    const idp = await start();
    idp.script({ drop });
    const { refresh: token } = idp.issue();
    await expect(refresh(idp, token)).rejects.toThrow();
    expect([idp.isAlive(token), idp.unusedSteps()]).toEqual([isAlive, 0]);
  });

  test.each([
    [false, true],
    [true, false],
  ])("an odd reply (spends: %s) leaves the token alive: %s", async (spends, isAlive) => {
    const idp = await start();
    idp.script({ reply: { status: 503, body: { error: "temporarily_unavailable" } }, spends });
    const { refresh: token } = idp.issue();
    expect(await refresh(idp, token)).toEqual([503, { error: "temporarily_unavailable" }]);
    expect(idp.isAlive(token)).toBe(isAlive);
  });

  test("waits before it spends or before it answers, and tells when a request has come", async () => {
    const idp = await start();
    const spend = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    idp.script({ beforeSpending: spend.promise, beforeAnswering: answer.promise, fields: { refresh_token: undefined } });
    const { refresh: token } = idp.issue();
    const asked = refresh(idp, token);
    await idp.waitForTokenRequests(1);
    expect(idp.isAlive(token)).toBe(true);
    spend.resolve();
    await expect.poll(() => idp.isAlive(token)).toBe(false);
    answer.resolve();
    const [status, body] = await asked;
    expect([status, Object.keys(body)]).toEqual([200, ["access_token", "token_type", "expires_in"]]);
  });
});

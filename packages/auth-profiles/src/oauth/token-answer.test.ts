import { describe, expect, test } from "vitest";
import type { Answer } from "./read-answer.ts";
import { judgeTokenAnswer, type TokenVerdict } from "./token-answer.ts";

const now = 1_800_000_000_000;
const year = 365 * 24 * 3600 * 1000;

const answered = (body: unknown, status = 200, contentType = "application/json"): Answer => ({
  kind: "answered",
  status,
  contentType,
  retryAfter: undefined,
  body: { text: typeof body === "string" ? body : JSON.stringify(body) },
});

const judge = (answer: Answer, accountClaim?: readonly string[]): TokenVerdict =>
  judgeTokenAnswer(answer, { askedAt: now, now: now + 500, accountClaim });

const good = { access_token: "test-access", token_type: "Bearer", expires_in: 60 };

const tokensOf = (body: unknown, accountClaim?: readonly string[]) => {
  const verdict = judge(answered(body), accountClaim);
  if (verdict.kind !== "tokens") throw new Error(`${verdict.kind}: ${JSON.stringify(verdict)}`);
  return verdict.tokens;
};

const jwt = (payload: string) => ["{}", payload].map((part) => Buffer.from(part).toString("base64url")).join(".") + ".sig";

describe("O8: the end of a token", () => {
  test.each([
    [60, 60_000],
    ["3600", 3_600_000],
    [" 60 ", 60_000],
    [0.5, 500],
    [1e12, year],
    [Number.MAX_VALUE, year],
    ["999999999999999", year],
  ])("expires_in %j is %i ms after the request was made", (expiresIn, lifeMs) => {
    expect(tokensOf({ ...good, expires_in: expiresIn }).expiresAt).toBe(now + lifeMs);
  });

  test.each([0, -5, "0", "-5", "", "1e3", "soon", true, [], {}, "Infinity", "0x10"])("expires_in %j is refused", (expiresIn) => {
    expect(judge(answered({ ...good, expires_in: expiresIn }))).toMatchObject({ kind: "bad" });
  });

  test("1e400 is refused", () => {
    expect(judge(answered('{"access_token":"test-access","token_type":"bearer","expires_in":1e400}'))).toMatchObject({ kind: "bad" });
  });

  test("a provider may say nothing", () => {
    expect(tokensOf({ ...good, expires_in: undefined })).not.toHaveProperty("expiresAt");
    expect(tokensOf({ ...good, expires_in: null })).not.toHaveProperty("expiresAt");
  });
});

describe("what is no token answer", () => {
  test.each([
    ["no access token", { ...good, access_token: undefined }],
    ["an empty one", { ...good, access_token: "" }],
    ["one that is no text", { ...good, access_token: 5 }],
    ["one that no header carries", { ...good, access_token: "test\r\naccess" }],
    ["a mask in its place", { ...good, access_token: "test***" }],
    ["one larger than 64 KiB", { ...good, access_token: "x".repeat(65 * 1024) }],
    ["a refresh token that is no text", { ...good, refresh_token: 5 }],
    ["a refresh token that is a mask", { ...good, refresh_token: "[redacted]" }],
    ["no token_type", { ...good, token_type: undefined }],
    ["token_type mac", { ...good, token_type: "mac" }],
    ["token_type dpop", { ...good, token_type: "DPoP" }],
    ["an array", [good]],
    ["null", null],
    ["text", '"x"'],
    ["half of it", '{"access_token":"test-acc'],
    ["nothing", ""],
    ["a form", "access_token=test-access&token_type=bearer"],
  ])("%s", (_what, body) => {
    const verdict = judge(answered(body));
    expect(verdict.kind).toBe("bad");
    expect(JSON.stringify(verdict)).not.toContain("test-acc");
  });

  test.each([
    ["application/json", "tokens"],
    ["application/json;charset=UTF-8", "tokens"],
    ["Application/JSON ; charset=utf-8", "tokens"],
    ["application/vnd.api+json", "tokens"],
    ["text/html", "bad"],
    ["text/plain", "bad"],
    ["application/jsonp", "bad"],
    ["", "bad"],
  ])("a content type of %j makes it %s", (contentType, kind) => {
    expect(judge(answered(good, 200, contentType)).kind).toBe(kind);
  });

  test.each(["bearer", "Bearer", "BEARER"])("token_type %s is fine", (tokenType) => {
    expect(tokensOf({ ...good, token_type: tokenType }).access.reveal()).toBe("test-access");
  });
});

describe("errors in an answer", () => {
  test.each([
    [400, { error: "invalid_grant" }, "invalid_grant"],
    [200, { error: "authorization_pending" }, "authorization_pending"],
    [401, { error: { code: "refresh_token_expired" } }, "refresh_token_expired"],
    [401, { error: { type: "invalid_request_error" } }, "invalid_request_error"],
    [401, { code: "refresh_token_invalidated" }, "refresh_token_invalidated"],
    [201, { error: "invalid_grant" }, "invalid_grant"],
    [400, { error: 5 }, ""],
  ])("%i with %j is %j", (status, body, error) => {
    expect(judge(answered(body, status))).toMatchObject({ kind: "refused", error, status });
  });

  test.each([429, 500, 503])("with %i it is the status that counts: the provider cannot now", (status) => {
    expect(judge(answered({ error: "invalid_grant" }, status))).toMatchObject({ kind: "unavailable" });
  });

  test("tokens with another 2xx are tokens: refusing them would lose what was spent for them", () => {
    expect(judge(answered(good, 201)).kind).toBe("tokens");
    expect(judge(answered("", 204)).kind).toBe("bad");
  });

  test("tokens beside an empty error are tokens", () => {
    expect(tokensOf({ ...good, error: null }).access.reveal()).toBe("test-access");
  });
});

describe("O13: what an access token says of its account", () => {
  const path = ["https://api.openai.com/auth", "chatgpt_account_id"];
  const claims = (value: unknown) => jwt(JSON.stringify(value));

  test("is read from the path, in the id token first", () => {
    const own = (id: string) => claims({ [path[0] ?? ""]: { [path[1] ?? ""]: id }, email: `${id}@example.test` });
    expect(tokensOf({ ...good, access_token: own("account-one") }, path)).toMatchObject({
      accountId: "account-one",
      email: "account-one@example.test",
    });
    expect(tokensOf({ ...good, access_token: own("account-one"), id_token: own("account-two") }, path).accountId).toBe("account-two");
  });

  test.each([
    ["an opaque token", "test-access"],
    ["bad base64", "a.!!!.c"],
    ["no JSON", jwt("{")],
    ["no object", jwt("[]")],
    ["a huge payload", jwt(JSON.stringify({ pad: "x".repeat(80_000) })).slice(0, 60_000) + ".c"],
    ["no account", claims({ sub: "x" })],
    ["an account that is no text", claims({ account: 5 })],
    ["a blank account", claims({ account: "  " })],
    ["a long account", claims({ account: "x".repeat(257) })],
    ["an account with a line break", claims({ account: "x\ny" })],
    ["an account that turns the text around", claims({ account: "x\u202Ey" })],
    ["a prototype", jwt('{"__proto__":{"account":"account-one"}}')],
    ["four parts", `${claims({ account: "account-one" })}.more`],
  ])("%s has none", (_what, access) => {
    expect(tokensOf({ ...good, access_token: access }, ["account"])).not.toHaveProperty("accountId");
  });

  test.each([["constructor", "name"], ["__proto__"], ["toString"], []])("inherited properties are no claims: %j", (...path) => {
    expect(tokensOf({ ...good, access_token: claims({}) }, path)).not.toHaveProperty("accountId");
  });

  test.each(["me", "a b@example.test", "@", ""])("%j is no e-mail address", (email) => {
    expect(tokensOf({ ...good, access_token: claims({ email }) })).not.toHaveProperty("email");
  });
});

test("scopes are split at spaces and commas", () => {
  expect(tokensOf({ ...good, scope: "repo,gist  user" }).scopes).toEqual(["repo", "gist", "user"]);
});

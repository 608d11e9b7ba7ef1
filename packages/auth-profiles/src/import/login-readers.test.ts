import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { LoginFile, LoginOwner } from "./imported-login.ts";
import { loginReaders } from "./login-readers.ts";

const WRITTEN = 1_700_000_000_000;
const END = 1_700_000_900;
const jwt = (claims: object) => ["h", JSON.stringify(claims), "s"].map((part) => Buffer.from(part).toString("base64url")).join(".");
const file = (json: unknown): LoginFile => ({ path: "/home/a/login.json", json, modifiedAt: WRITTEN });
const openai = { "https://api.openai.com/auth": { chatgpt_account_id: "account-1" } };
const codexAccess = jwt({ exp: END, ...openai });
const codex = {
  OPENAI_API_KEY: null,
  auth_mode: "chatgpt",
  tokens: { id_token: jwt({ email: "a@example.com", ...openai }), access_token: codexAccess, refresh_token: "test-refresh-one" },
  last_refresh: "2026-01-01T00:00:00Z",
};
const claude = {
  claudeAiOauth: {
    accessToken: "test-access-one",
    refreshToken: "test-refresh-one",
    expiresAt: WRITTEN + 5,
    scopes: ["user:inference"],
    x: 1,
  },
};
const gemini = {
  access_token: "test-access-one",
  refresh_token: "test-refresh-one",
  expiry_date: WRITTEN + 5.7791,
  id_token: jwt({ email: "a@example.com" }),
  token_type: "Bearer",
};

test("codex: the account is that of the tokens, and the end that of the access token", () => {
  const login = loginReaders.codex(file(codex));
  expect(login).toMatchObject({
    provider: "openai-codex",
    profileId: "openai-codex:default",
    accountId: "account-1",
    email: "a@example.com",
    expiresAt: END * 1000,
  });
  expect([login.access.reveal(), login.refresh?.reveal()]).toEqual([codexAccess, "test-refresh-one"]);
});

test("codex: what says no end is taken to end an hour after the file was written", () => {
  const login = loginReaders.codex(file({ tokens: { access_token: "test-access-one", account_id: "account-2" } }));
  expect(login).toMatchObject({ expiresAt: WRITTEN + 3_600_000, accountId: "account-2" });
  expect(login).not.toHaveProperty("refresh");
});

test("D19: claude: the refresh token is not even read", () => {
  const login = loginReaders.claude(file(claude));
  expect(login).toMatchObject({ provider: "anthropic", profileId: "anthropic:claude", expiresAt: WRITTEN + 5 });
  expect(login).not.toHaveProperty("refresh");
});

test("gemini: is kept under the address its id token names, and a fraction of a millisecond is cut", () => {
  expect(loginReaders.gemini(file(gemini))).toMatchObject({
    profileId: "google-gemini-cli:a@example.com",
    email: "a@example.com",
    expiresAt: WRITTEN + 5,
  });
  expect(loginReaders.gemini(file({ access_token: "test-access-one" }))).toMatchObject({
    profileId: "google-gemini-cli:default",
    expiresAt: WRITTEN + 3_600_000,
  });
});

test.each<[string, LoginOwner, unknown, string]>([
  ["a list", "codex", [], "it is not an object"],
  ["no tokens", "codex", {}, "tokens is missing"],
  ["tokens that are text", "codex", { tokens: "test-token" }, "tokens is not an object"],
  ["no access token", "codex", { tokens: { refresh_token: "test-refresh-one" } }, "tokens.access_token is missing"],
  ["an access token that is a number", "codex", { tokens: { access_token: 5 } }, "tokens.access_token is not a text"],
  ["an API key alone", "codex", { OPENAI_API_KEY: "test-key-one", tokens: null }, "OPENAI_API_KEY is an API key"],
  ["another file", "claude", codex, "claudeAiOauth is missing"],
  ["a mask", "claude", { claudeAiOauth: { accessToken: "test-***" } }, "claudeAiOauth.accessToken is the mask"],
  [
    "an end as text",
    "claude",
    { claudeAiOauth: { accessToken: "test-access-one", expiresAt: "x" } },
    "claudeAiOauth.expiresAt is not a Unix time",
  ],
  ["an end that is no time", "gemini", { access_token: "test-access-one", expiry_date: -1 }, "expiry_date is not a Unix time"],
  ["a token of two words", "gemini", { access_token: "test-access one" }, "access_token holds a space"],
  ["a token with a control character", "gemini", { access_token: "test-access-one", refresh_token: "test\u0001" }, "refresh_token holds"],
])("%s is refused with file and place, and no value", (_name, owner, json, message) => {
  let error: unknown;
  try {
    loginReaders[owner](file(json));
  } catch (caught) {
    error = caught;
  }
  expect(error).toMatchObject({ code: "login-file-invalid", message: expect.stringContaining(`/home/a/login.json: ${message}`) });
  expect(inspect(error, { depth: 9 }).replace(/\n {4}at .*/gu, "")).not.toMatch(/test-(?:key|access|refresh|token|\*)/u);
});

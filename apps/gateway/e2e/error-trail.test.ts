import { openaiError } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();
const ask = { model: "test/m", messages: [{ role: "user", content: "hi" }] };
const provider = { baseUrl: "@PROVIDER@/v1", api: "openai-completions" };
const limited = {
  status: 429,
  body: openaiError("Rate limit reached", "requests", "rate_limit_exceeded"),
  headers: { "retry-after": "60" },
};

const me = "test:me@example.com";
const apiKey = (more: object) => ({ type: "api_key", provider: "test", ...more });
const token = (expires: unknown) => ({ type: "token", provider: "test", token: "test-token-one", expires });
const login = (more: object) => ({ type: "oauth", provider: "test", access: "test-access-one", expires: 1, ...more });

interface Scenario {
  readonly profiles: object;
  readonly order?: object;
  readonly auth?: object;
  /** What is said of the one profile. */
  readonly said: string;
  /** `no_credentials` unless given. */
  readonly code?: string;
}

const scenarios: Readonly<Record<string, Scenario>> = {
  "a token that has expired": { profiles: { [me]: token(1) }, said: "left out (expired)" },
  "a token with an end that is no time": { profiles: { [me]: token("soon") }, said: "left out (invalid_expires)" },
  "a profile without a key": { profiles: { [me]: apiKey({ key: " " }) }, said: "left out (missing_credential)" },
  "a profile of another mode": {
    profiles: { [me]: apiKey({ key: "test-key-one" }) },
    auth: { profiles: { [me]: { provider: "test", mode: "token" } } },
    said: "left out (mode_mismatch)",
  },
  "a profile that is in no order": {
    profiles: { [me]: apiKey({ key: "test-key-one" }) },
    order: { test: ["test:gone@example.com"] },
    said: "left out (excluded_by_auth_order)",
  },
  "a profile among others that are configured": {
    profiles: { [me]: apiKey({ key: "test-key-one" }), "test:old": token(1) },
    auth: { profiles: { "test:old": { provider: "test", mode: "token" } } },
    said: "left out (",
  },
  "a profile whose reference leads nowhere": {
    profiles: { [me]: apiKey({ keyRef: { source: "env", provider: "default", id: "NOT_SET" } }) },
    said: "failed (auth, ref-unresolved)",
    code: "ref_unresolved",
  },
  "a login that has ended, and nobody knows where to refresh it": {
    profiles: { [me]: login({ refresh: "test-refresh-one" }) },
    said: "failed (auth, oauth-expired)",
    code: "oauth_expired",
  },
  "a login that has ended and cannot be refreshed": {
    profiles: { [me]: login({}) },
    said: "failed (auth, oauth-expired)",
    code: "oauth_expired",
  },
};

describe("an error of the gateway's own names what became of each profile, and none by its name", () => {
  test.each(Object.entries(scenarios))("%s", async (_name, { profiles, order, auth, said, code = "no_credentials" }) => {
    const { post, events } = await start({
      config: { models: { providers: { test: provider } }, secrets: { onFailure: "isolate" }, ...(auth && { auth }) },
      store: { version: 1, profiles, ...(order && { order }) },
    });
    const response = await post("/v1/chat/completions", ask);
    const { error } = JSON.parse(await response.text());
    expect(error.message).toMatch(/#[0-9a-f]{8} /u);
    expect(error.message).toContain(said);
    expect(error.message).not.toMatch(/no api key/iu);
    expect(error.message).not.toContain("example.com");
    expect(error.code).toBe(code);
    expect(events).toContainEqual(expect.objectContaining({ type: "refused", status: response.status }));
  });
});

test("those that cool, those that failed and those left out are told apart, and an operator reads the names", async () => {
  const { post, events } = await start({
    config: { models: { providers: { test: provider } }, secrets: { onFailure: "isolate" } },
    store: {
      version: 1,
      profiles: {
        "test:a@example.com": apiKey({ key: "test-key-one" }),
        "test:b@example.com": apiKey({ keyRef: { source: "env", provider: "default", id: "NOT_SET" } }),
        "test:c@example.com": token(1),
      },
    },
    replies: { "test-key-one": [limited] },
  });
  expect((await post("/v1/chat/completions", ask)).status).toBe(429);
  const response = await post("/v1/chat/completions", ask);
  const { error } = JSON.parse(await response.text());
  expect(response.status).toBe(503);
  expect(error.message).toMatch(
    /#[0-9a-f]{8} for \d+ s \(until [^,]+, rate_limit\); #[0-9a-f]{8} failed \(auth, ref-unresolved\); #[0-9a-f]{8} left out \(expired\)$/u,
  );
  expect(error.message).not.toContain("example.com");
  const refused = events.findLast((event) => event.type === "refused");
  expect(refused).toMatchObject({ message: expect.stringContaining("test:b@example.com") });
});

test("where there is no profile and no key it says what to set", async () => {
  const { post } = await start({ config: { models: { providers: { test: provider } } } });
  const { error } = JSON.parse(await (await post("/v1/chat/completions", ask)).text());
  expect(error).toMatchObject({ code: "no_credentials", message: expect.stringContaining("set TEST_API_KEY") });
});

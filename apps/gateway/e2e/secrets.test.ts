import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createCanary, findCanary, openaiCompletion, type Reply } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { testGateways, TOKEN, type TestGateway, type TestGatewayOptions } from "./test-gateway.ts";

const start = testGateways();

const answers = (key: string) => ({ "bin/answer.json": JSON.stringify({ protocolVersion: 1, values: { "team/key": key } }) });
const resolver = `#!/bin/sh
cat > /dev/null
echo run >> "$(dirname "$0")/runs"
cat "$(dirname "$0")/answer.json"
`;
const config = (more: object = {}) => ({
  secrets: {
    providers: {
      file: { source: "file", path: "@HOME@/secrets.json", allowInsecurePath: true },
      vault: { source: "exec", command: "@HOME@/bin/resolver", env: { PATH: "/usr/bin:/bin" }, allowInsecurePath: true },
    },
    ...more,
  },
  models: {
    providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions", apiKey: { source: "file", provider: "file", id: "/key" } } },
  },
});
const store = {
  profiles: { "test:vault": { type: "api_key", provider: "test", keyRef: { source: "exec", provider: "vault", id: "team/key" } } },
};
const files = { "secrets.json": JSON.stringify({ key: "test-key-file" }), "bin/resolver": resolver, ...answers("test-key-exec") };
const body = { model: "test/m", messages: [{ role: "user", content: "hi" }] };

const fine: Reply = { body: openaiCompletion("hello") };
const limited: Reply = { status: 429, body: { error: { message: "rate limit" } } };

const open = (options: Partial<TestGatewayOptions> = {}) => start({ config: config(), store, files, default: fine, ...options });
const keysOf = ({ provider }: TestGateway) => provider.hits.map((hit) => hit.key);
const reload = (gateway: TestGateway) => gateway.post("/api/v1/secrets/reload", {});
const runsOf = async ({ home }: TestGateway) => (await home.read("bin/runs")).trim().split("\n").length;

describe("references to files and commands", () => {
  test("are resolved before the gateway listens, and never while a request waits", async () => {
    const gateway = await open({ replies: { "test-key-exec": limited } });
    for (let count = 0; count < 3; count += 1) expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
    expect(keysOf(gateway)).toEqual(["test-key-exec", "test-key-file", "test-key-file", "test-key-file"]);
    expect(await runsOf(gateway)).toBe(1);
  });

  test("are reported in valid JSON, also where a key is as short as a number of the report", async () => {
    const gateway = await open({ files: { ...files, "secrets.json": JSON.stringify({ key: "2" }) } });
    const report = await gateway.post("/api/v1/secrets/reload", {});
    expect(await report.json()).toMatchObject({ ok: true, outcome: "swapped", generation: 2 });
  });

  test("R1: that lead nowhere stop the start: nothing listens", async () => {
    await expect(open({ files: { ...files, "secrets.json": "{}" } })).rejects.toMatchObject({ code: "activation-failed" });
  });

  test("R1: under `isolate` turn off their owner alone, with a typed answer and without a word to the provider", async () => {
    const gateway = await open({
      config: config({ onFailure: "isolate" }),
      files: { ...files, ...answers("") },
      env: { TEST_API_KEY: "test-key-env" },
    });
    const response = await gateway.post("/v1/chat/completions", body);
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "ref_unresolved" } });
    expect(keysOf(gateway)).toEqual([]);
  });
});

test("R1: the key of the configuration that is off is no fault of the client's token", async () => {
  const gateway = await open({
    config: config({ onFailure: "isolate" }),
    store: { profiles: {} },
    files: { ...files, "secrets.json": "{}" },
  });
  const response = await gateway.post("/v1/chat/completions", body);
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ error: { code: "ref_unresolved" } });
  expect(keysOf(gateway)).toEqual([]);
});

test("D17: another profile of the provider goes on where one is off", async () => {
  const both = { profiles: { ...store.profiles, "test:well": { type: "api_key", provider: "test", key: "test-key-well" } } };
  const gateway = await open({ config: config({ onFailure: "isolate" }), store: both, files: { ...files, ...answers("") } });
  expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
  expect(keysOf(gateway)).toEqual(["test-key-well"]);
});

describe("POST /api/v1/secrets/reload", () => {
  test("puts new values in use for the next request, and says what changed", async () => {
    const gateway = await open();
    await gateway.post("/v1/chat/completions", body);
    await gateway.home.write("bin/answer.json", answers("test-key-new")["bin/answer.json"]);
    const response = await reload(gateway);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      ok: true,
      outcome: "swapped",
      changed: ["profiles.test:vault.key"],
      failures: [],
      warningCount: 0,
    });
    await gateway.post("/v1/chat/completions", body);
    expect(keysOf(gateway)).toEqual(["test-key-exec", "test-key-new"]);
    expect(gateway.events).toContainEqual(expect.objectContaining({ type: "secrets" }));
  });

  test("keeps what works when a reference leads nowhere, names it, and recovers", async () => {
    const gateway = await open();
    await gateway.home.write("secrets.json", "{}");
    const kept = await reload(gateway);
    expect(kept.status).toBe(503);
    expect(await kept.json()).toMatchObject({
      ok: false,
      error: { code: "secrets-kept" },
      failures: [{ path: "models.providers.test.apiKey", ref: "file:file:/key", code: "reference-unresolved" }],
      diagnostics: [{ code: "SECRETS_RELOADER_DEGRADED" }],
    });
    expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
    await gateway.home.write("secrets.json", files["secrets.json"]);
    expect(await (await reload(gateway)).json()).toMatchObject({ ok: true, diagnostics: [{ code: "SECRETS_RELOADER_RECOVERED" }] });
  });

  test("R5: of a configuration that is torn changes nothing and names the place", async () => {
    const gateway = await open();
    await gateway.home.write(".openclaw/openclaw.json", "{torn");
    const response = await reload(gateway);
    expect(response.status).toBe(503);
    expect(await response.text()).toContain("openclaw.json:1:6: not valid JSON5");
    expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
  });

  test("is refused without the token, with another method, and from a form", async () => {
    const { gateway } = await open();
    const url = `${gateway.url}/api/v1/secrets/reload`;
    const send = (init: RequestInit) => fetch(url, init).then(({ status }) => status);
    const headers = { authorization: `Bearer ${TOKEN}` };
    expect(await send({ method: "POST", headers: { "content-type": "application/json" }, body: "{}" })).toBe(401);
    expect(await send({ headers })).toBe(405);
    expect(await send({ method: "POST", headers: { ...headers, "content-type": "text/plain" }, body: "{}" })).toBe(415);
  });

  test("a profile with a new value begins with a clean record", async () => {
    const gateway = await open({
      config: { ...config(), models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } } },
      replies: { "test-key-exec": { ...limited, headers: { "retry-after": "600" } } },
    });
    // The second answer is our own: the credential waits as long as the provider said.
    for (let count = 0; count < 2; count += 1) expect((await gateway.post("/v1/chat/completions", body)).status).toBe(429);
    expect(keysOf(gateway)).toEqual(["test-key-exec"]);
    await gateway.home.write("bin/answer.json", answers("test-key-new")["bin/answer.json"]);
    await reload(gateway);
    expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
  });

  test("R3: a request that began before the swap goes on with the keys and the address it began with", async () => {
    const held = Promise.withResolvers<undefined>();
    const gateway = await open({ replies: { "test-key-exec": { ...limited, after: held.promise } } });
    const answer = gateway.post("/v1/chat/completions", body);
    await expect.poll(() => keysOf(gateway)).toEqual(["test-key-exec"]);
    await gateway.home.write("secrets.json", JSON.stringify({ key: "test-key-new" }));
    expect((await reload(gateway)).status).toBe(200);
    held.resolve(undefined);
    expect((await answer).status).toBe(200);
    expect(keysOf(gateway)).toEqual(["test-key-exec", "test-key-file"]);
  });

  test("X19: a provider that calls back while it is asked gets its answer once it has given its own", async () => {
    const gateway = await open();
    const callback = `#!/bin/sh
cat > /dev/null
curl -sS -m 2 -o "$(dirname "$0")/callback" -X POST -H 'content-type: application/json' -H 'authorization: Bearer ${TOKEN}' -d '{}' ${gateway.gateway.url}/api/v1/secrets/reload
cat "$(dirname "$0")/answer.json"
`;
    await gateway.home.write("bin/resolver", callback);
    await chmod(join(gateway.home.path, "bin/resolver"), 0o700);
    const settled = await reload(gateway);
    expect(settled.status).toBe(200);
    expect((await gateway.post("/v1/chat/completions", body)).status).toBe(200);
    // Nothing is left of the call: what it asked for would have come before this one.
    await gateway.home.write("bin/resolver", resolver);
    await chmod(join(gateway.home.path, "bin/resolver"), 0o700);
    expect((await reload(gateway)).status).toBe(200);
    expect(gateway.events.filter(({ type }) => type === "secrets")).toHaveLength(2);
  });

  test("R8: a value that was replaced is looked for until the last answer that could hold it has ended, and not longer", async () => {
    const canary = createCanary("old");
    const held = Promise.withResolvers<undefined>();
    const echo: Reply = { status: 400, body: { error: { message: `not with ${canary}` } } };
    const gateway = await open({ files: { ...files, ...answers(canary) }, replies: { [canary]: { ...echo, after: held.promise } } });
    const answer = gateway.post("/v1/chat/completions", body);
    await expect.poll(() => keysOf(gateway)).toEqual([canary]);
    await gateway.home.write("bin/answer.json", answers("test-key-new")["bin/answer.json"]);
    await reload(gateway);
    held.resolve(undefined);
    const text = await (await answer).text();
    expect(text).toContain("[redacted]");
    expect(await findCanary(canary, { texts: { text, events: JSON.stringify(gateway.events) } })).toEqual([]);
    gateway.provider.setReplies("test-key-new", echo);
    expect(await (await gateway.post("/v1/chat/completions", body)).text()).toContain(canary);
  });

  test("L2: a new value is looked for before its first use, one of a store from its first use", async () => {
    const [unused, stored] = [createCanary("unused"), createCanary("stored")];
    const echo: Reply = { status: 400, body: { error: { message: `neither ${unused} nor ${stored}` } } };
    const plain = { profiles: { "test:plain": { type: "api_key", provider: "test", key: stored } } };
    const gateway = await open({ store: plain, replies: { [stored]: echo } });
    await gateway.home.write("secrets.json", JSON.stringify({ key: unused }));
    await reload(gateway);
    const text = await (await gateway.post("/v1/chat/completions", body)).text();
    expect(text).toContain("neither [redacted] nor [redacted]");
  });
});

test("GET /api/v1/secrets says how every reference stands, and no value", async () => {
  const gateway = await open();
  const response = await fetch(`${gateway.gateway.url}/api/v1/secrets`, { headers: { authorization: `Bearer ${TOKEN}` } });
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({
    generation: 1,
    surfaces: [
      { path: "models.providers.test.apiKey", status: "live", ref: "file:file:/key", resolvedAt: expect.any(Number) },
      {
        path: "profiles.test:vault.key",
        status: "live",
        ref: "exec:vault:team/key",
        fingerprint: expect.stringMatching(/^#[0-9a-f]{8}$/u),
      },
    ],
  });
  expect(text).not.toContain("test-key");
});

describe("values that expire", () => {
  test("are renewed although somebody is editing the configuration, and although another reference is broken", async () => {
    const gateway = await open();
    await gateway.home.write(".openclaw/openclaw.json", "{torn");
    await gateway.home.write("secrets.json", "{}");
    await gateway.home.write("bin/answer.json", answers("test-key-new")["bin/answer.json"]);
    const report = await gateway.gateway.renew();
    expect(report).toMatchObject({
      outcome: "swapped",
      changed: ["profiles.test:vault.key"],
      failures: [{ path: "models.providers.test.apiKey" }],
    });
    await gateway.post("/v1/chat/completions", body);
    expect(keysOf(gateway)).toEqual(["test-key-new"]);
  });
});

import { openaiCompletion } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { adminApi } from "./admin-api.ts";
import { testGateways } from "./test-gateway.ts";

const start = testGateways();

const store = {
  version: 1,
  profiles: {
    "test:one": { type: "api_key", provider: "test", key: "test-key-one" },
    "test:two@example.com": { type: "api_key", provider: "test", key: "test-key-two" },
    "other:x": { type: "api_key", provider: "openai", key: "test-key-other" },
  },
};

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";

const config = {
  models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } },
  agents: { defaults: { model: "test/m" } },
};

async function open() {
  const gateway = await start({ config, store, default: { body: openaiCompletion("hello") } });
  const ask = async (model = "openclaw/default") => {
    const body = { model, messages: [{ role: "user", content: "hi" }] };
    const response = await gateway.post("/v1/chat/completions", body, { "x-openclaw-session-key": "test-session" });
    return response.status;
  };
  expect(await ask()).toBe(200);
  const used = () => {
    const { key, body } = gateway.provider.hits.at(-1) ?? {};
    return [key, z.object({ model: z.string() }).parse(JSON.parse(String(body))).model];
  };
  const api = adminApi(gateway);
  const { body } = await api("GET", "/api/v1/sessions");
  const [session] = z.object({ sessions: z.array(z.object({ id: z.string() })) }).parse(body).sessions;
  return { gateway, ask, used, api, path: `/api/v1/sessions/${encodeURIComponent(session?.id ?? "")}` };
}

test("a session is listed by a hash, and pinned to what its next request is answered by, also after a restart", async () => {
  const { gateway, ask, used, api, path } = await open();
  expect(await api("GET", path)).toMatchObject({ status: 200, body: { agent: "main", client: "admin", pin: null } });
  expect(JSON.stringify(await api("GET", "/api/v1/sessions"))).not.toContain("test-session");

  const pin = { model: "test/other", profile: "test:two@example.com" };
  expect(await api("PUT", path, pin)).toMatchObject({ status: 200, body: { pin } });
  await ask();
  expect(used()).toEqual(["test-key-two", "other"]);

  await gateway.restart();
  expect(await adminApi(gateway)("GET", path)).toMatchObject({ status: 200, body: { pin } });
  await ask();
  expect(used()).toEqual(["test-key-two", "other"]);
});

test("a profile with a slash in its name is the one that is asked, and no other", async () => {
  const { gateway, ask, used, api, path } = await open();
  const withSlash = { "test:team/three": { type: "api_key", provider: "test", key: "test-key-three" } };
  await gateway.home.write(STORE, JSON.stringify({ ...store, profiles: { ...store.profiles, ...withSlash } }));
  await gateway.gateway.reload();
  expect(await api("PUT", path, { model: "test/other", profile: "test:team/three" })).toMatchObject({ status: 200 });
  await ask();
  expect(used()).toEqual(["test-key-three", "other"]);
  await ask("test/m");
  expect(used()).toEqual(["test-key-three", "m"]);
});

test("its pin is taken away, as often as one likes", async () => {
  const { gateway, ask, used, api, path } = await open();
  await api("PUT", path, { model: "test/other", profile: "test:two@example.com" });
  expect(await api("DELETE", path)).toMatchObject({ status: 200, body: { pin: null } });
  expect(await api("DELETE", path)).toMatchObject({ status: 200, body: { pin: null } });
  const session = `session ${decodeURIComponent(path.split("/").at(-1) ?? "")} (agent main)`;
  const by = { type: "admin-change", by: "admin" };
  expect(gateway.events.filter(({ type }) => type === "admin-change")).toEqual([
    { ...by, operation: "pinSession", what: `${session} pinned to test/other@test:two@example.com` },
    { ...by, operation: "clearSession", what: `${session} has no pin any more and begins anew` },
    { ...by, operation: "clearSession", what: `${session} begins anew` },
  ]);
  await ask();
  expect(used()).toEqual(["test-key-one", "m"]);
});

test.each([
  [{ model: "nonsense" }, 404, "model_not_found"],
  [{ model: "nobody/m" }, 404, "model_not_found"],
  [{ model: "test/m", profile: "test:nobody" }, 404, "profile_not_found"],
  [{ model: "test/m", profile: "other:x" }, 400, "invalid_request"],
  [{ profile: "test:one" }, 400, "invalid_request"],
])("%o pins nothing", async (pin, status, code) => {
  const { api, path } = await open();
  expect(await api("PUT", path, pin)).toMatchObject({ status, body: { error: { code } } });
  expect(await api("GET", path)).toMatchObject({ body: { pin: null } });
});

test.each(["PUT", "DELETE", "GET"])("%s of a session nobody knows is a 404", async (method) => {
  const { api } = await open();
  const body = method === "PUT" ? { model: "test/m" } : undefined;
  expect(await api(method, "/api/v1/sessions/nonsense", body)).toMatchObject({ status: 404, body: { error: { code: "not_found" } } });
});

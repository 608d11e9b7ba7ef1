import { createTempHome, manualClock, startFakeIdp } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openHome } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const clock = manualClock();
const login = { type: "oauth", provider: "acme", accountId: "account-one" };

async function homeOf(files: Readonly<Record<string, object>>, env: Readonly<Record<string, string>> = {}) {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  return openHome({ paths: resolvePaths({ env: all, osHome: folder.path, cwd: folder.path }), env: all, clock, use: "inspect" });
}

test("D12: what a home says of a login when it is opened counts the copies of other agents, as a request does", async () => {
  const idp = await startFakeIdp();
  onTestFinished(() => idp.close());
  const oauth = { tokenUrl: idp.tokenUrl, clientId: idp.clientId };
  const home = await homeOf({
    ".openclaw/openclaw.json": {
      agents: { list: [{ id: "work" }] },
      models: { providers: { acme: { baseUrl: "https://acme.test/v1", api: "openai-completions", oauth } } },
    },
    [storeOf("main")]: { profiles: { "acme:a": { ...login, access: "test-access-old", expires: clock.now() - 1 } } },
    [storeOf("work")]: { profiles: { "acme:b": { ...login, access: "test-access-new", expires: clock.now() + 3_600_000 } } },
  });
  expect(home.current.agents.find("main").profiles().inspect()).toMatchObject([{ status: "ok", access: "expired", refresh: "ready" }]);
  const credential = await home.plan({ provider: "acme" }).candidates[0]?.resolve({});
  expect(credential && "secret" in credential && credential.secret.reveal()).toBe("test-access-new");
  expect(idp.tokenRequests()).toBe(0);
});

test("D10: a client secret that cannot be one breaks no inspection", async () => {
  const profiles = {
    "chutes:a": { ...login, provider: "chutes", access: "test-access", refresh: "test-refresh", expires: clock.now() - 1 },
  };
  const env = { CHUTES_CLIENT_ID: "client-one", CHUTES_CLIENT_SECRET: "op://vault/chutes" };
  const home = await homeOf({ [storeOf("main")]: { profiles } }, env);
  expect(home.current.agents.find().profiles().inspect()).toMatchObject([{ status: "expired", refresh: "none" }]);
});

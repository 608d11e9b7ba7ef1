import { join } from "node:path";
import { createSecretResolver, type Env } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { readAgents, type AgentAccounts, type Agents } from "./agents.ts";
import { parseConfig } from "./config.ts";
import { resolvePaths } from "./paths.ts";

const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const key = (name: string, provider = "openai") => ({ type: "api_key", provider, key: `test-key-${name}` });
const login = (account: string, expires: number) => ({
  type: "oauth",
  provider: "openai-codex",
  access: `test-access-${account}`,
  expires,
});

interface Opened {
  readonly agents: Agents;
  readonly path: string;
  readonly stateDir: string;
}

async function agentsOf(files: Readonly<Record<string, string | object>>, config: object = {}, env: Env = {}): Promise<Opened> {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  const values = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value?.replace("@HOME@", home.path)]));
  const text = JSON.stringify(config).replaceAll("@HOME@", home.path);
  const agents = await readAgents({
    config: parseConfig(text, "openclaw.json"),
    paths: resolvePaths({ env: { ...home.env, ...values }, osHome: home.path, cwd: home.path }),
    secrets: createSecretResolver({ env: values }),
    clock: manualClock(),
  });
  return { agents, path: home.path, stateDir: home.stateDir };
}

const list = (...agents: readonly object[]) => ({ agents: { list: agents } });

async function secretOf(agent: AgentAccounts, id: string): Promise<string | undefined> {
  const { candidates } = agent
    .profiles()
    .candidates({ provider: agent.profiles().store.profiles.get(id)?.provider ?? "", hosts: [], profileId: id });
  const credential = await candidates[0]?.resolve({});
  return credential && "secret" in credential ? credential.secret.reveal() : undefined;
}

describe("the agents", () => {
  test.each<[string, object, string, readonly string[]]>([
    ["main alone, where none is configured", {}, "main", ["main"]],
    ["main by default, and always there", list({ id: "work" }), "main", ["main", "work"]],
    ["the one marked default first", list({ id: "work" }, { id: "home", default: true }), "home", ["home", "main", "work"]],
    ["each once", list({ id: "main" }, { id: "work" }, { id: "work" }), "main", ["main", "work"]],
  ])("are %s", async (_name, config, defaultId, ids) => {
    const { agents } = await agentsOf({}, config);
    expect(agents).toMatchObject({ defaultId, ids });
    expect(agents.find().id).toBe(defaultId);
    expect(agents.find("main").profiles().ids()).toEqual([]);
  });

  test("have a folder each, with the store in it", async () => {
    const { agents, stateDir } = await agentsOf({}, list({ id: "work", model: "openai/a" }));
    expect(agents.find("work")).toMatchObject({
      id: "work",
      dir: join(stateDir, "agents/work/agent"),
      storePath: join(stateDir, "agents/work/agent/auth-profiles.json"),
      config: { id: "work", model: "openai/a" },
    });
    expect(agents.find("main").config).toBeUndefined();
  });

  test.each([
    ["absolute", "@HOME@/elsewhere", "elsewhere"],
    ["in the home", "~/elsewhere", "elsewhere"],
    ["relative to the state folder, not to the working directory", "elsewhere", ".openclaw/elsewhere"],
    ["blank, which is not configured", " ", ".openclaw/agents/work/agent"],
  ])("may have it elsewhere: %s", async (_name, agentDir, dir) => {
    const { agents, path } = await agentsOf(
      { [`${dir}/auth-profiles.json`]: { profiles: { "openai:x": key("x") } } },
      list({ id: "work", agentDir }),
    );
    expect(agents.find("work").dir).toBe(join(path, dir));
    expect(agents.find("work").profiles().ids()).toEqual(["openai:x"]);
  });

  test.each(["work", "", "../../x", "__proto__", "constructor"])("W10: %j is not known", async (id) => {
    const { agents } = await agentsOf({});
    expect(() => agents.find(id)).toThrow(
      expect.objectContaining({
        code: "unknown-agent",
        message: `Unknown agent id "${id}". Use "openclaw agents list" to see configured agents.`,
      }),
    );
  });
});

describe("reading through to main", () => {
  const config = list({ id: "work" });

  test.each<[string, object | undefined, object | undefined, readonly string[]]>([
    ["both have profiles", { "openai:main": key("m") }, { "openai:work": key("w") }, ["openai:main", "openai:work"]],
    ["main alone", { "openai:main": key("m") }, undefined, ["openai:main"]],
    ["the agent alone", undefined, { "openai:work": key("w") }, ["openai:work"]],
    ["the agent has an empty store", { "openai:main": key("m") }, {}, ["openai:main"]],
    ["neither", undefined, undefined, []],
  ])("%s", async (_name, main, work, ids) => {
    const { agents } = await agentsOf(
      { ...(main && { [storeOf("main")]: { profiles: main } }), ...(work && { [storeOf("work")]: { profiles: work } }) },
      config,
    );
    expect(agents.find("work").profiles().ids()).toEqual(ids);
    expect(agents.find("main").profiles().ids()).toEqual(Object.keys(main ?? {}));
  });

  test("the agent's own profile wins, and a login that lasts longer in main is read from there", async () => {
    const now = manualClock().now();
    const { agents } = await agentsOf(
      {
        [storeOf("main")]: { profiles: { "openai:x": key("main"), "openai-codex:x": login("main", now + 20) } },
        [storeOf("work")]: { profiles: { "openai:x": key("work"), "openai-codex:x": login("work", now + 10) } },
      },
      config,
    );
    const work = agents.find("work");
    expect([await secretOf(work, "openai:x"), await secretOf(work, "openai-codex:x")]).toEqual(["test-key-work", "test-access-main"]);
  });

  test("reaches main wherever the configuration puts it", async () => {
    const { agents } = await agentsOf(
      {
        "main-dir/auth-profiles.json": { profiles: { "openai:main": key("m") } },
        [storeOf("main")]: { profiles: { "openai:old": key("o") } },
      },
      list({ id: "main", agentDir: "~/main-dir" }, { id: "work" }),
    );
    expect(agents.find("work").profiles().ids()).toEqual(["openai:main"]);
  });
});

describe("OPENCLAW_AGENT_DIR", () => {
  const files = {
    [storeOf("main")]: { profiles: { "openai:main": key("m") } },
    [storeOf("work")]: { profiles: { "openai:work": key("w") } },
    "alt/auth-profiles.json": { profiles: { "openai:alt": key("a") } },
  };

  test.each(["OPENCLAW_AGENT_DIR", "PI_CODING_AGENT_DIR"])(
    "%s is where the default agent's accounts are, unless an agent is named",
    async (variable) => {
      const { agents, path } = await agentsOf(files, list({ id: "work" }), { [variable]: "@HOME@/alt" });
      expect(agents.find()).toMatchObject({ id: "main", dir: join(path, "alt"), storePath: join(path, "alt/auth-profiles.json") });
      expect(agents.find().profiles().ids()).toEqual(["openai:alt"]);
      expect(agents.find("main").profiles().ids()).toEqual(["openai:main"]);
      expect(agents.find("work").profiles().ids()).toEqual(["openai:main", "openai:work"]);
    },
  );

  test("of an agent other than main reads through to main", async () => {
    const { agents } = await agentsOf(files, list({ id: "work", default: true }), { OPENCLAW_AGENT_DIR: "@HOME@/alt" });
    expect(agents.find().id).toBe("work");
    expect(agents.find().profiles().ids()).toEqual(["openai:main", "openai:alt"]);
  });
});

describe("a store that is broken", () => {
  test("breaks its own agent and no other", async () => {
    const { agents, stateDir } = await agentsOf(
      { [storeOf("main")]: { profiles: { "openai:main": key("m") } }, [storeOf("work")]: '{"profiles": {"openai:x": {"key": "test-canary' },
      list({ id: "work" }, { id: "other" }),
    );
    expect(agents.find("main").profiles().ids()).toEqual(["openai:main"]);
    expect(agents.find("other").profiles().ids()).toEqual(["openai:main"]);
    for (let count = 0; count < 2; count += 1) {
      expect(() => agents.find("work").profiles()).toThrow(
        expect.objectContaining({ code: "store-malformed", message: expect.stringContaining(join(stateDir, "agents/work")) }),
      );
    }
  });

  test("in main breaks those who read it too, for nobody knows what they would miss", async () => {
    const { agents, stateDir } = await agentsOf({ [storeOf("main")]: "{torn", [storeOf("work")]: { profiles: {} } }, list({ id: "work" }));
    for (const id of ["main", "work"]) {
      expect(() => agents.find(id).profiles()).toThrow(
        expect.objectContaining({ message: expect.stringContaining(join(stateDir, "agents/main")) }),
      );
    }
  });

  test("keeps its place in the list", async () => {
    const { agents } = await agentsOf({ [storeOf("main")]: "{torn" });
    expect(agents.find()).toMatchObject({ id: "main" });
  });
});

describe("what the configuration says of profiles", () => {
  test("their order and their metadata count", async () => {
    const { agents } = await agentsOf(
      { [storeOf("main")]: { profiles: { "openai:a": key("a"), "openai:b": key("b"), "xai:a": key("x", "xai") } } },
      { auth: { order: { openai: ["openai:b"] }, profiles: { "xai:a": { provider: "xai", mode: "token" } } } },
    );
    const profiles = agents.find().profiles();
    expect(profiles.order("openai")).toMatchObject({ ids: ["openai:b"], isExplicit: true });
    expect(profiles.order("xai").excluded).toEqual([{ id: "xai:a", reason: "mode_mismatch" }]);
  });

  test("a provider is the same under every spelling, and so is a plan of it", async () => {
    const profiles = { "z:a": key("a", "Z.AI"), "v:a": key("b", "volcengine-plan"), "v:b": key("c", "doubao") };
    const { agents } = await agentsOf({ [storeOf("main")]: { profiles } }, { auth: { order: { "z-ai": ["z:a"] } } });
    const set = agents.find().profiles();
    expect(set.order("zai")).toMatchObject({ ids: ["z:a"], isExplicit: true });
    for (const provider of ["volcengine", "volcengine-plan"]) expect(set.order(provider).ids).toEqual(["v:a", "v:b"]);
  });

  test("secrets.defaults is the provider of references that name none", async () => {
    const store = { profiles: { "openai:a": { type: "api_key", provider: "openai", keyRef: { source: "env", id: "A" } } } };
    const { agents } = await agentsOf({ [storeOf("main")]: store }, { secrets: { defaults: { env: "vault" } } }, { A: "test-key-env" });
    expect(agents.find().profiles().store.profiles.get("openai:a")).toMatchObject({ ref: { source: "env", provider: "vault", id: "A" } });
  });

  test("a reference is resolved against the environment of the home", async () => {
    const store = { profiles: { "openai:a": { ...key("a"), key: "${A}" } } };
    const { agents } = await agentsOf({ [storeOf("main")]: store }, {}, { A: "test-key-env" });
    expect(await secretOf(agents.find(), "openai:a")).toBe("test-key-env");
  });
});

test("nothing of it can be changed", async () => {
  const { agents } = await agentsOf({});
  expect([agents, agents.ids, agents.find()].map((part) => Object.isFrozen(part))).toEqual([true, true, true]);
});

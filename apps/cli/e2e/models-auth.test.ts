import { stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Secret } from "@openclaw/secrets";
import { createTempHome, findCanary, startProcess, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const STORE = storeOf("main");
const token = `sk-ant-oat01-${"test_Key-One".repeat(8).slice(0, 95)}`;
const key = (name: string, provider = "anthropic") => ({ type: "api_key", provider, key: `test-key-${name}` });
const store = (profiles: object, rest: object = {}) => ({ version: 1, profiles, ...rest });

async function sceneWith(files: Readonly<Record<string, string | object>> = {}) {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  const auth = (args: readonly string[], options?: RunOptions) => openclaw(home, ["models", "auth", ...args], options);
  const json = async (file: string) => JSON.parse(await home.read(file));
  return { home, auth, json };
}

async function tree(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const files = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.endsWith("/"));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await home.read(file)] as const)));
}

const paste = ["paste-token", "--provider", "anthropic"];
const wrapped = `\uFEFF\u001B[200~${token.slice(0, 80)}\r\n${token.slice(80)}\u001B[201~\n`;

test("20, L12: stores a wrapped token from stdin whole and privately, and shows none of it", async () => {
  const { home, auth, json } = await sceneWith();
  const { code, stdout, stderr } = await auth([...paste, "--expires-in", "365d"], { input: wrapped });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^Updated \$OPENCLAW_HOME\/\.openclaw\/openclaw\.json\nAuth profile: anthropic:manual \(anthropic\/token\)\n/u);
  expect(stdout).toMatch(/^Token: \S*#[0-9a-f]{8}, 108 characters$/mu);
  // The public prefix may be seen (D11), and nothing that follows it.
  expect(await findCanary(token.slice("sk-ant-oat01-".length), { texts: { stdout, stderr } })).toEqual([]);
  const { profiles } = await json(STORE);
  expect(profiles).toEqual({ "anthropic:manual": { type: "token", provider: "anthropic", token, expires: expect.any(Number) } });
  expect((await json(CONFIG)).auth).toEqual({ profiles: { "anthropic:manual": { provider: "anthropic", mode: "token" } } });
  for (const file of [STORE, CONFIG]) expect((await stat(join(home.path, file))).mode & 0o777).toBe(0o600);
  expect((await openclaw(home, ["models", "status", "--plain"])).code).toBe(0);
});

test("the fingerprint that is shown of a token stays, for the salt of it is kept with the first account", async () => {
  const { home, auth } = await sceneWith();
  const [shown = "none"] = /#[0-9a-f]{8}/u.exec((await auth(paste, { input: wrapped })).stdout) ?? [];
  const salt = await home.read(".openclaw/fingerprint-salt");
  expect(Secret.of(token).fingerprint(Buffer.from(salt.trim(), "hex"))).toBe(shown);
  expect((await openclaw(home, ["models", "status"])).stdout).toContain(shown);
  expect(await home.read(".openclaw/fingerprint-salt")).toBe(salt);
});

test("D15: takes the token from a file, a variable and, with a warning, an argument", async () => {
  const { auth, json } = await sceneWith({ "token.txt": `${token}\n` });
  const { home } = await sceneWith({ "token.txt": `${token}\n` });
  expect(await auth([...paste, "--from-file", join(home.path, "token.txt")])).toMatchObject({ code: 0, stderr: "" });
  expect(await auth([...paste, "--profile-id", "anthropic:env", "--from-env", "PASTED"], { env: { PASTED: token } })).toMatchObject({
    code: 0,
    stderr: "",
  });
  const argument = await auth([...paste, "--profile-id", "anthropic:argument", "--token", token]);
  expect(argument).toMatchObject({ code: 0, stderr: expect.stringMatching(/^Warning: a token in --token is seen/u) });
  expect(argument.stdout + argument.stderr).not.toContain(token);
  const { profiles } = await json(STORE);
  expect(Object.keys(profiles)).toEqual(["anthropic:manual", "anthropic:env", "anthropic:argument"]);
});

test.each([
  ["nothing", paste, "", "Error: Required\n"],
  ["a token that was cut", paste, token.slice(0, 60), "Error: The token was cut off"],
  ["an API key", paste, `sk-ant-api03-${"B".repeat(90)}`, "Error: This is an API key of Anthropic"],
  ["a mask", paste, "sk-ant-oat01-\u2026", "Error: "],
  ["a bad duration", [...paste, "--expires-in", "1w"], token, "Error: invalid duration: 1w\n"],
  ["two sources", [...paste, "--from-env", "A", "--token", "test-key-one"], "", "Error: Choose one of"],
  ["an empty variable", [...paste, "--from-env", "A"], "", 'Error: Environment variable "A" is missing or empty.\n'],
  ["an agent that is not there", [...paste, "--agent", "nobody"], token, 'Error: Unknown agent id "nobody".'],
  ["no provider", ["paste-token"], token, "error: required option '--provider <name>' not specified\n"],
])("21: refuses %s with 1, and writes nothing", async (_name, args, input, message) => {
  const { home, auth } = await sceneWith();
  const { code, stdout, stderr } = await auth(args, { input });
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(await tree(home)).toEqual({});
});

test("26: replaces a profile, keeps what nobody here knows, and moves the new one to the front of the configured order", async () => {
  const { auth, home, json } = await sceneWith({
    [STORE]: store(
      { "anthropic:manual": { type: "token", provider: "anthropic", token: "test-token-old", x: 1 }, other: { y: 2 } },
      { z: 3 },
    ),
    [CONFIG]: "{ /* mine */ auth: { order: { anthropic: ['anthropic:a'] } } }\n",
  });
  expect(await auth(paste, { input: token })).toMatchObject({ code: 0 });
  expect(await json(STORE)).toEqual(
    store({ "anthropic:manual": { type: "token", provider: "anthropic", token, x: 1 }, other: { y: 2 } }, { z: 3 }),
  );
  const config = await home.read(CONFIG);
  expect(config).toContain("/* mine */");
  expect(config).toMatch(/"?anthropic:manual"?[\s\S]*"anthropic:a"/u);
});

test("54: warns of a provider nobody knows and says what it may be", async () => {
  const { auth } = await sceneWith();
  expect(await auth(["paste-token", "--provider", "antropic"], { input: "test-key-one" })).toMatchObject({
    code: 0,
    stderr: 'Warning: no provider is called "antropic"; there is anthropic\n',
  });
});

test("24: says what requests make of an order, and which one rules where the agent has none of its own", async () => {
  const { auth } = await sceneWith({
    [STORE]: store({
      "anthropic:sub": { type: "token", provider: "anthropic", token },
      "anthropic:work": key("w"),
      "anthropic:home": key("h"),
    }),
    [CONFIG]: { auth: { order: { anthropic: ["anthropic:home", "anthropic:work"] } } },
  });
  const configured = "Requests go by auth.order.anthropic in openclaw.json: anthropic:home, anthropic:work\n";
  const order = (verb: string, ...rest: readonly string[]) => auth(["order", verb, "--provider", "anthropic", ...rest]);
  expect((await order("get")).stderr).toBe(configured);
  expect(await order("get", "--json")).toMatchObject({ stderr: "" });
  expect((await order("set", "anthropic:sub", "anthropic:work", "anthropic:home")).stderr).toBe(
    "Requests try anthropic:sub (the stored order; openclaw models auth order set changes that)\n" +
      'anthropic:work, anthropic:home are paid per token and are not used behind it; auth.billingCrossing: "allow" in openclaw.json lets requests go on to them\n',
  );
  expect((await order("get")).stderr).toBe("");
  expect((await order("clear")).stderr).toBe(configured);
});

test("24, 54: sets, shows and clears the order of an alias under the provider's id", async () => {
  const { auth, json } = await sceneWith({
    [STORE]: store({ "zai:a": key("a", "z.ai"), "zai:b": key("b", "zai") }, { order: { "Z.AI": [] } }),
  });
  const set = await auth(["order", "set", "--provider", "z-ai", "zai:b", "zai:a", "zai:b"]);
  expect(set).toMatchObject({ code: 0, stderr: "" });
  expect(set.stdout).toBe(`Agent: main\nProvider: zai\nAuth file: $OPENCLAW_HOME/${STORE}\nOrder override: zai:b, zai:a\n`);
  expect((await json(STORE)).order).toEqual({ zai: ["zai:b", "zai:a"] });
  expect(JSON.parse((await auth(["order", "get", "--provider", "zai", "--json"])).stdout).order).toEqual(["zai:b", "zai:a"]);
  expect((await auth(["order", "clear", "--provider", "Z.ai"])).stdout).toContain("Order override: (none)");
  expect(await json(STORE)).not.toHaveProperty("order");
});

test("clearing makes an empty store where there is none", async () => {
  const { auth, json } = await sceneWith();
  expect(await auth(["order", "clear", "--provider", "anthropic"])).toMatchObject({ code: 0 });
  expect(await json(STORE)).toEqual(store({}));
});

test.each([
  [
    "an unknown id",
    ["anthropic:wrok"],
    /^Error: Auth profile "anthropic:wrok" not found in \/.*\/agents\/main\/agent\.\n {2}there is anthropic:work/u,
  ],
  ["an id of another provider", ["openai:a"], /^Error: Auth profile "openai:a" is for openai, not anthropic\.\n$/u],
  ["no id", [], /^error: missing required argument 'profileIds'\n$/u],
])("24: refuses %s in an order, and writes nothing", async (_name, ids, message) => {
  const { home, auth } = await sceneWith({ [STORE]: store({ "anthropic:work": key("work"), "openai:a": key("a", "openai") }) });
  const before = await tree(home);
  expect(await auth(["order", "set", "--provider", "anthropic", ...ids])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(message),
  });
  const { [STORE]: after } = await tree(home);
  expect(after).toBe(before[STORE]);
});

test("28: --agent counts wherever it stands, and changes that agent's file alone", async () => {
  const { home, auth, json } = await sceneWith({
    [CONFIG]: { agents: { list: [{ id: "main" }, { id: "work" }] } },
    [STORE]: store({ "anthropic:shared": key("shared") }),
  });
  const before = await home.read(STORE);
  const set = ["order", "set", "--provider", "anthropic", "anthropic:shared"];
  for (const args of [
    ["models", "auth", ...set, "--agent", "work"],
    ["models", "auth", "--agent", "work", ...set],
    ["models", "--agent", "work", "auth", ...set],
  ]) {
    expect((await openclaw(home, args)).stdout).toContain("Agent: work\n");
  }
  expect(await json(storeOf("work"))).toEqual(store({}, { order: { anthropic: ["anthropic:shared"] } }));
  expect(await home.read(STORE)).toBe(before);
  const list = JSON.parse((await auth(["list", "--agent", "work", "--json"])).stdout);
  expect(list).toMatchObject({ agentId: "work", profiles: [{ profileId: "anthropic:shared", agentId: "main", access: "static" }] });
  expect(JSON.parse((await openclaw(home, ["models", "status", "--agent", "work", "--json"])).stdout).agentId).toBe("work");
  expect(JSON.parse((await openclaw(home, ["models", "--agent", "work", "--json"])).stdout).agentId).toBe("work");
});

test("32: removes an account and every mention of it; a dry run writes nothing", async () => {
  const { home, auth, json } = await sceneWith({
    [STORE]: store(
      { "anthropic:a": key("a"), "anthropic:b": key("b") },
      { order: { anthropic: ["anthropic:a", "anthropic:b"] }, lastGood: { anthropic: "anthropic:a" }, usageStats: { "anthropic:a": {} } },
    ),
    [CONFIG]: {
      auth: {
        profiles: { "anthropic:a": { provider: "anthropic", mode: "api_key" } },
        order: { anthropic: ["anthropic:a", "anthropic:b"] },
      },
    },
  });
  const before = await tree(home);
  expect((await auth(["remove", "anthropic:a", "--dry-run"])).stdout).toContain("  openclaw.json: auth.order.anthropic\n");
  expect(await auth(["remove", "anthropic:a"])).toMatchObject({ code: 1, stderr: expect.stringContaining("add --yes") });
  expect(await auth(["remove", "anthropic:x", "--yes"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is anthropic:a"),
  });
  expect(await tree(home)).toEqual(before);
  expect(await auth(["remove", "anthropic:a", "--yes", "--json"])).toMatchObject({ code: 0, stderr: "" });
  expect(await json(STORE)).toEqual(store({ "anthropic:b": key("b") }, { order: { anthropic: ["anthropic:b"] } }));
  expect((await json(CONFIG)).auth).toEqual({ profiles: {}, order: { anthropic: ["anthropic:b"] } });
});

test("lists accounts, and shows no key", async () => {
  const { auth } = await sceneWith({ [STORE]: store({ "anthropic:a": key("a"), "openai:b": key("b", "openai") }) });
  expect((await auth(["list", "--provider", "Anthropic"])).stdout).toMatch(
    /^anthropic\n {2}anthropic:a=#[0-9a-f]{8} {2}api_key static\n$/mu,
  );
});

test("26: an order is set while another process writes, and neither loses anything", async () => {
  const { home, auth, json } = await sceneWith({ [STORE]: store({ "anthropic:a": key("a"), "anthropic:b": key("b") }) });
  const script = fileURLToPath(new URL("count-updates.ts", import.meta.url));
  const args = ["--conditions=@openclaw/source", script, join(home.path, STORE), join(home.stateDir, "locks"), "anthropic:a", "50"];
  const writer = await startProcess(process.execPath, args, { env: home.env });
  onTestFinished(async () => void (await writer.stop()));
  await writer.waitForOutput(/updated 1/u, 20_000);
  expect(await auth(["order", "set", "--provider", "anthropic", "anthropic:b", "anthropic:a"])).toMatchObject({ code: 0 });
  expect(await writer.exited).toMatchObject({ code: 0 });
  expect(await json(STORE)).toEqual(
    store(
      { "anthropic:a": { ...key("a"), metadata: { count: "50" } }, "anthropic:b": key("b") },
      { order: { anthropic: ["anthropic:b", "anthropic:a"] } },
    ),
  );
});

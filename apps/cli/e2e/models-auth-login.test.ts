import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  createTempHome,
  findCanary,
  startFakeIdp,
  startProcess,
  type FakeIdp,
  type FakeIdpOptions,
  type TempHome,
} from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { BIN, openclaw, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const STORE = storeOf("main");
const store = (profiles: object, rest: object = {}) => ({ version: 1, profiles, ...rest });
const setupToken = `sk-ant-oat01-${"test_Key-One".repeat(8).slice(0, 95)}`;
const login = ["login", "--provider", "acme", "--device"];

async function sceneWith(files: Readonly<Record<string, string | object>> = {}, idpOptions: FakeIdpOptions = {}) {
  const idp = await startFakeIdp({ deviceIntervalSeconds: 1, ...idpOptions });
  onTestFinished(() => idp.close());
  const { [CONFIG]: config = {}, ...others } = files;
  const home = await createTempHome({ [CONFIG]: { models: { providers: { acme: providerAt(idp) } }, ...Object(config) }, ...others });
  onTestFinished(() => home.remove());
  const auth = (args: readonly string[], options?: RunOptions) => openclaw(home, ["models", "auth", ...args], options);
  const json = async (file: string) => JSON.parse(await home.read(file));
  return { idp, home, auth, json };
}

function providerAt({ tokenUrl, deviceUrl, clientId, authorizationUrl }: FakeIdp) {
  return {
    baseUrl: "http://127.0.0.1:1/v1",
    api: "openai-completions",
    models: [],
    oauth: { tokenUrl, deviceUrl, authorizationUrl, clientId, accountClaim: ["account_id"] },
  };
}

/** Logs in without a terminal; whoever is asked at the provider says so. */
async function loginOnDevice(
  { idp, home }: { readonly idp: FakeIdp; readonly home: TempHome },
  args: readonly string[] = [],
  consent: Parameters<FakeIdp["settleDevice"]>[1] = {},
) {
  const running = await startProcess(process.execPath, [BIN, "models", "auth", ...login, ...args], { env: { ...home.env, TZ: "UTC" } });
  const [, userCode = ""] = await running.waitForOutput(/^ {2}([0-9A-F]{8})$/mu, 20_000);
  idp.settleDevice(userCode, consent);
  const { code } = await running.exited;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

async function tree(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const files = (await home.list()).filter((file) => !/^\.cache|\/locks\/|\/$/u.test(file));
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, hash(await home.read(file))] as const)));
}

test("28: a device login needs no terminal, changes the file of the agent it is for and no other, and shows no token", async () => {
  const scene = await sceneWith({
    [CONFIG]: { agents: { list: [{ id: "main" }, { id: "b" }, { id: "c" }] } },
    [STORE]: store({ "acme:shared": { type: "api_key", provider: "acme", key: "test-key-shared" } }),
    [storeOf("b")]: store(
      {},
      { future: 1e21, usageStats: { "acme:old": { lastUsed: 1, cooldownUntil: 9e12 }, "openai:a": { cooldownUntil: 9e12 } } },
    ),
    [storeOf("c")]: store({}),
  });
  const before = await tree(scene.home);
  const { code, stdout, stderr } = await loginOnDevice(scene, ["--agent", "b"]);
  expect([code, stderr]).toEqual([0, expect.stringContaining(`open\n\n  ${scene.idp.url}/activate\n`)]);
  expect(stdout).toMatch(
    /^Updated \S+\nAuth profile: acme:account-one@example\.test \(acme\/oauth\)\nAgent: b\nAccount: account-one@example\.test \(account #[0-9a-f]{8}\)\nAccess ends: \S+Z; it is refreshed before\n$/u,
  );
  const { profiles, ...rest } = await scene.json(storeOf("b"));
  const entry = profiles["acme:account-one@example.test"];
  expect(entry).toMatchObject({ type: "oauth", accountId: "account-one", email: "account-one@example.test", clientId: "test-client" });
  expect(rest).toEqual({ version: 1, future: 1e21, usageStats: { "acme:old": { lastUsed: 1 }, "openai:a": { cooldownUntil: 9e12 } } });
  expect((await stat(join(scene.home.path, storeOf("b")))).mode & 0o777).toBe(0o600);
  const after = await tree(scene.home);
  const changed = Object.keys(after).filter((file) => after[file] !== before[file]);
  expect(changed.filter((file) => file.endsWith("auth-profiles.json"))).toEqual([storeOf("b")]);
  expect((await scene.json(CONFIG)).auth.profiles).toEqual({
    "acme:account-one@example.test": { provider: "acme", mode: "oauth", email: "account-one@example.test" },
  });
  for (const token of [entry.access, entry.refresh]) expect(await findCanary(token, { texts: { stdout, stderr } })).toEqual([]);
  expect(stdout + stderr).not.toContain("test-device-");
});

test("a login renews the account that is there, whatever it is called", async () => {
  const stored = {
    type: "oauth",
    provider: "acme",
    access: "test-access-old",
    refresh: "test-refresh-old",
    expires: 1,
    accountId: "account-one",
  };
  const scene = await sceneWith({
    [STORE]: store({ "acme:mine": { ...stored, projectId: "p", note: 1, metadata: { importedFrom: "codex", team: "a" } } }),
  });
  expect(await loginOnDevice(scene)).toMatchObject({ code: 0, stdout: expect.stringContaining("Auth profile: acme:mine (acme/oauth)") });
  const { profiles } = await scene.json(STORE);
  expect(Object.keys(profiles)).toEqual(["acme:mine"]);
  expect(profiles["acme:mine"]).toMatchObject({ projectId: "p", note: 1, accountId: "account-one", expires: expect.any(Number) });
  // It is not the other tool's any more, and nothing an import may overwrite.
  expect(profiles["acme:mine"].metadata).toEqual({ team: "a" });
  expect(scene.idp.isAlive(profiles["acme:mine"].refresh)).toBe(true);
});

test("T17, T18: another account's login is refused, names both, and changes nothing; --replace lets it in", async () => {
  const stored = {
    type: "oauth",
    provider: "acme",
    access: "test-access-old",
    refresh: "test-refresh-old",
    expires: 1,
    accountId: "account-one",
    projectId: "p",
  };
  const scene = await sceneWith({ [STORE]: store({ "acme:default": { ...stored, email: "anna@example.test" } }) });
  const before = await tree(scene.home);
  const refused = await loginOnDevice(scene, ["--profile-id", "acme:default"], { accountId: "account-two" });
  expect([refused.code, refused.stdout]).toEqual([1, ""]);
  expect(refused.stderr).toMatch(
    /^Error: acme:default is anna@example\.test \(account #[0-9a-f]{8}\), and the login is of account-two@example\.test \(account #[0-9a-f]{8}\)\. Nothing was changed\.$/mu,
  );
  expect(await tree(scene.home)).toEqual(before);
  expect(await loginOnDevice(scene, ["--profile-id", "acme:default", "--replace"], { accountId: "account-two" })).toMatchObject({
    code: 0,
  });
  const { profiles } = await scene.json(STORE);
  expect(profiles["acme:default"]).toMatchObject({ accountId: "account-two", email: "account-two@example.test" });
  // What belonged to the other account went with it.
  expect(profiles["acme:default"]).not.toHaveProperty("projectId");
});

test("22: a key is not lost to a login", async () => {
  const scene = await sceneWith({ [STORE]: store({ "acme:default": { type: "api_key", provider: "acme", key: "test-key-one" } }) });
  const before = await tree(scene.home);
  const refused = await loginOnDevice(scene, ["--profile-id", "acme:default"]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("acme:default is an API key, and the login is of ")]);
  expect(await tree(scene.home)).toEqual(before);
});

test("a login without refresh token and end is stored as a token", async () => {
  const scene = await sceneWith();
  scene.idp.script(
    { fields: { refresh_token: undefined, expires_in: undefined } },
    { fields: { refresh_token: undefined, expires_in: undefined } },
    { fields: { refresh_token: undefined, expires_in: undefined } },
  );
  expect(await loginOnDevice(scene, ["--json"])).toMatchObject({ code: 0, stdout: expect.stringContaining('"type": "token"') });
  const { profiles } = await scene.json(STORE);
  expect(profiles["acme:account-one@example.test"]).toEqual({
    type: "token",
    provider: "acme",
    token: expect.any(String),
    email: "account-one@example.test",
  });
});

describe("35: what fails stores nothing, and says what happened", () => {
  test.each([
    ["a person who says no", { fail: "denied" }, "Error: acme: the login was denied"],
    ["a code that ended", { fail: "expired_token" }, "Error: acme: the login took too long"],
    ["an error nobody knows", { fail: "server_is_out" }, "Error: acme: the login was refused: the provider answered server_is_out"],
    [
      "an error that quotes",
      { fail: "test-token-one" },
      "Error: acme: the login was refused: the provider answered an error it did not name",
    ],
  ])("%s", async (_name, { fail }, message) => {
    const scene = await sceneWith();
    const before = await tree(scene.home);
    if (fail !== "denied") scene.idp.script({ reply: { status: 400, body: { error: fail } } });
    const { code, stdout, stderr } = await loginOnDevice(scene, [], fail === "denied" ? { error: "access_denied" } : {});
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
    expect(await tree(scene.home)).toEqual(before);
  });

  test("Ctrl-C while it waits ends with 130", async () => {
    const scene = await sceneWith();
    const before = await tree(scene.home);
    const running = await startProcess(process.execPath, [BIN, "models", "auth", ...login], { env: scene.home.env });
    await running.waitForOutput(/Waiting; Ctrl-C ends it/u, 20_000);
    running.signal("SIGINT");
    expect([(await running.exited).code, running.stdout()]).toEqual([130, ""]);
    expect(await tree(scene.home)).toEqual(before);
  });
});

test.each([
  [
    "without a terminal",
    ["login", "--provider", "acme"],
    "Error: models auth login requires an interactive TTY.\n  --device logs in without one\n",
  ],
  ["without a terminal and a provider", ["login", "--device"], "Error: --provider is needed"],
  [
    "to a provider nobody knows",
    ["login", "--device", "--provider", "acmee"],
    'Error: No provider is called "acmee".\n  these have one: acme, chutes, github-copilot,',
  ],
  ["to one that has none", ["login", "--device", "--provider", "groq"], "Error: groq has no login.\n  these have one: acme, "],
  ["to anthropic", ["login", "--device", "--provider", "claude", "--provider", "anthropic"], "openclaw models auth setup-token"],
  ["without a client id", ["login", "--device", "--provider", "github-copilot"], "set models.providers.github-copilot.oauth.clientId"],
  ["of an agent that is not there", [...login, "--agent", "nobody"], 'Error: Unknown agent id "nobody".'],
  ["under a name that is none", [...login, "--profile-id", "a b"], 'Error: "a b" is no id of a profile'],
  ["with a setup-token, without a terminal", ["setup-token", "--yes"], "Error: setup-token requires an interactive TTY.\n"],
])("D22: a login %s is refused with 1 before anybody is asked", async (_name, args, message) => {
  const { idp, home, auth } = await sceneWith();
  const before = await tree(home);
  const { code, stdout, stderr } = await auth(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(await tree(home)).toEqual(before);
  expect(idp.requests).toEqual([]);
});

describe("add", () => {
  const add = ["add", "--provider", "openai", "--type", "api_key"];

  test("D15: takes a key from stdin, a file and a variable, and shows none of it", async () => {
    const { home, auth, json } = await sceneWith({ "key.txt": "sk-proj-\ntest-key-file\n" });
    const piped = await auth(["add", "--provider", "openai"], { input: "\uFEFFsk-proj-test-key-piped\r\n" });
    expect(piped).toMatchObject({ code: 0, stderr: "" });
    expect(piped.stdout).toMatch(
      /^Updated \S+\nAuth profile: openai:default \(openai\/api_key\)\nAgent: main\nKey: sk-proj-#[0-9a-f]{8}, 22 characters\n$/u,
    );
    expect(await auth([...add, "--profile-id", "openai:file", "--from-file", join(home.path, "key.txt")])).toMatchObject({
      code: 0,
      stderr: "",
    });
    expect(await auth([...add, "--profile-id", "openai:env", "--from-env", "HERE", "--json"], { env: { HERE: "x" } })).toMatchObject({
      code: 0,
    });
    expect(await json(STORE)).toEqual(
      store({
        "openai:default": { type: "api_key", provider: "openai", key: "sk-proj-test-key-piped" },
        "openai:file": { type: "api_key", provider: "openai", key: "sk-proj-test-key-file" },
        // D5: a key may be of any length.
        "openai:env": { type: "api_key", provider: "openai", key: "x" },
      }),
    );
    expect(Object.keys((await json(CONFIG)).auth.profiles)).toEqual(["openai:default", "openai:file", "openai:env"]);
  });

  test("D5: a key that is shorter than usual is stored, with a word about it", async () => {
    const { auth } = await sceneWith();
    expect(await auth(["add", "--provider", "groq"], { input: "gsk_test-key-short" })).toMatchObject({
      code: 0,
      stderr: "Warning: it has 18 characters, and those that begin so usually have 56: if requests fail, it was cut off\n",
    });
  });

  test("stores a reference in place of a value, and says where it leads nowhere", async () => {
    const { auth, json } = await sceneWith();
    const stored = await auth([...add, "--ref", "env:TEAM_KEY"]);
    expect(stored).toMatchObject({ code: 0, stderr: 'Warning: Environment variable "TEAM_KEY" is missing or empty here\n' });
    expect(stored.stdout).toContain("Key: ref(env:TEAM_KEY)\n");
    expect(
      await auth(["add", "--provider", "acme", "--type", "token", "--ref", "env:TEAM_KEY", "--expires-in", "1d"], {
        env: { TEAM_KEY: "test-token-team" },
      }),
    ).toMatchObject({ code: 0, stderr: "" });
    const ref = { source: "env", provider: "default", id: "TEAM_KEY" };
    expect((await json(STORE)).profiles).toEqual({
      "openai:default": { type: "api_key", provider: "openai", keyRef: ref },
      "acme:manual": { type: "token", provider: "acme", tokenRef: ref, expires: expect.any(Number) },
    });
  });

  test("a key is replaced by a key, and by nothing else without --replace", async () => {
    const { auth, json, home } = await sceneWith({
      [STORE]: store(
        {
          "openai:default": { type: "api_key", provider: "openai", key: "test-key-old", note: 1 },
          "acme:manual": { type: "oauth", provider: "acme", access: "test-access-one", refresh: "test-refresh-one" },
        },
        { usageStats: { "openai:default": { disabledUntil: 9e12, disabledReason: "billing" } } },
      ),
    });
    expect(await auth(add, { input: "test-key-new" })).toMatchObject({
      code: 0,
      stderr: "The key that openai:default had before was replaced.\n",
    });
    expect(await json(STORE)).toMatchObject({
      profiles: { "openai:default": { type: "api_key", provider: "openai", key: "test-key-new", note: 1 } },
    });
    expect(await json(STORE)).not.toHaveProperty("usageStats");
    const before = await tree(home);
    const token = ["add", "--provider", "acme", "--type", "token"];
    expect(await auth(token, { input: "test-token-new" })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("acme:manual is a login of acme. Nothing was changed."),
    });
    expect(await tree(home)).toEqual(before);
    expect(await auth([...token, "--replace"], { input: "test-token-new" })).toMatchObject({ code: 0 });
  });

  test("says which account requests try first, where one of another kind is beside it", async () => {
    const { auth, json } = await sceneWith();
    expect(await auth(add, { input: "test-key-one" })).toMatchObject({ code: 0, stderr: "" });
    const token = ["add", "--provider", "openai", "--type", "token"];
    expect(await auth(token, { input: "test-token-one" })).toMatchObject({
      code: 0,
      stderr:
        "Requests try openai:manual (auth.order.openai in openclaw.json; openclaw models auth order set changes that)\n" +
        'openai:default is paid per token and is not used behind it; auth.billingCrossing: "allow" in openclaw.json lets requests go on to it\n',
    });
    expect((await json(CONFIG)).auth.order).toEqual({ openai: ["openai:manual", "openai:default"] });
  });

  test("says that requests go on to keys where that is allowed", async () => {
    const { auth } = await sceneWith({ [CONFIG]: { auth: { billingCrossing: "allow" } } });
    await auth(add, { input: "test-key-one" });
    expect(await auth(["add", "--provider", "openai", "--type", "token"], { input: "test-token-one" })).toMatchObject({
      code: 0,
      stderr:
        "Requests try openai:manual first, then openai:default (auth.order.openai in openclaw.json; openclaw models auth order set changes that)\n",
    });
  });

  test.each([
    ["a mask", add, "sk-proj-****", "Error: "],
    ["a placeholder", add, "your-api-key-here", "Error: This is the mask of a key or an example, not a key"],
    ["a variable's name", add, "$OPENAI_API_KEY", "Error: This is the name of a place where a key is, not a key"],
    ["a command", add, "export OPENAI_API_KEY", "Error: This is a command, not a key"],
    ["a setup-token", add, setupToken, "openclaw models auth setup-token"],
    ["nothing", add, "", "Error: Required"],
    ["an end for a key", [...add, "--expires-in", "1d"], "test-key-one", "Error: --expires-in is for tokens"],
    ["another type", ["add", "--provider", "openai", "--type", "oauth"], "test-key-one", 'Error: --type "oauth" is neither'],
    ["two sources", [...add, "--from-env", "A", "--ref", "env:A"], "", "Error: Choose one of"],
    ["a reference that is none", [...add, "--ref", "env:lower"], "", "Error: "],
    ["a secret as a reference", [...add, "--ref", "TEAM_KEY"], "", 'Error: --ref "TEAM_KEY" is not env:NAME'],
    ["no provider", ["add"], "test-key-one", "Error: --provider is needed where nobody can be asked"],
    ["a provider that is none", ["add", "--provider", "a:b"], "test-key-one", 'Error: "a:b" is no id of a provider'],
    ["a path as a provider", ["add", "--provider", "../../x"], "test-key-one", "is no id of a provider"],
    ["an id nobody could read", [...add, "--profile-id", "openai:".padEnd(201, "x")], "test-key-one", "has at most 200 characters"],
  ])("21: refuses %s with 1, and writes nothing", async (_name, args, input, message) => {
    const { home, auth } = await sceneWith();
    const before = await tree(home);
    const { code, stdout, stderr } = await auth(args, { input });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(message);
    expect(await tree(home)).toEqual(before);
  });

  test("warns where the order that the agent goes by leaves the account out, main's behind it too", async () => {
    const { auth } = await sceneWith({
      [CONFIG]: { agents: { list: [{ id: "main" }, { id: "b" }] } },
      [STORE]: store({}, { order: { openai: ["openai:a"] } }),
    });
    expect(await auth([...add, "--agent", "b"], { input: "test-key-one" })).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("the order of agent b for openai does not name it"),
    });
  });
});

import { inspect } from "node:util";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, manualClock, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";
import type { OpenHomeOptions } from "./snapshot.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";

/** A command that answers every id with what `values` says, and counts its runs in a file beside it. */
const RESOLVER = `#!/bin/sh
read -r request
echo "$request" >> "$(dirname "$0")/runs"
cat "$(dirname "$0")/answer.json"
`;
const answer = (values: object) => JSON.stringify({ protocolVersion: 1, values });

interface Setup {
  readonly folder: TempHome;
  open(options?: Partial<OpenHomeOptions>): Promise<Home>;
  /** How often the command ran. */
  runs(): Promise<number>;
}

async function setUp(files: Readonly<Record<string, string | object>>, env: Readonly<Record<string, string>> = {}): Promise<Setup> {
  const folder = await createTempHome({ "bin/resolver": RESOLVER, "bin/answer.json": answer({ "team/key": "test-key-exec" }), ...files });
  onTestFinished(() => folder.remove());
  await chmod(join(folder.path, "bin/resolver"), 0o700);
  const all = { ...folder.env, PATH: "/usr/bin:/bin", ...env };
  const paths = resolvePaths({ env: all, osHome: folder.path, cwd: folder.path });
  return {
    folder,
    open: (options) => openHome({ paths, env: all, clock: manualClock(), ...options }),
    async runs() {
      const list = await folder.list();
      return list.includes("bin/runs") ? (await folder.read("bin/runs")).trim().split("\n").length : 0;
    },
  };
}

/** The paths of the fixtures are in the test's own folder, which others may look into. */
const vault = (folder: TempHome, more: object = {}, secrets: object = {}) => ({
  ...more,
  secrets: {
    providers: {
      vault: { source: "exec", command: join(folder.path, "bin/resolver"), passEnv: ["PATH"], allowInsecurePath: true },
      file: { source: "file", path: join(folder.path, "secrets.json"), allowInsecurePath: true },
    },
    ...secrets,
  },
});

const execRef = { source: "exec", provider: "vault", id: "team/key" };
const fileRef = { source: "file", provider: "file", id: "/openai" };
const profiles = {
  "openai:exec": { type: "api_key", provider: "openai", keyRef: execRef },
  "openai:file": { type: "api_key", provider: "openai", keyRef: fileRef },
};

async function keysOf(home: Home, provider = "openai"): Promise<readonly string[]> {
  return Promise.all(
    home.plan({ provider }).candidates.map(async (candidate) => {
      const credential = await candidate.resolve({});
      return "secret" in credential ? credential.secret.reveal() : credential.kind;
    }),
  );
}

describe("a home opened for requests", () => {
  test("resolves every reference once, and none while a request waits", async () => {
    const { folder, open, runs } = await setUp({ [STORE]: { profiles }, "secrets.json": { openai: "test-key-file" } });
    await folder.write(CONFIG, vault(folder, { models: { providers: { openai: { apiKey: execRef } } } }));
    const home = await open();
    expect(await keysOf(home)).toEqual(["test-key-exec", "test-key-file", "test-key-exec"]);
    expect(await keysOf(home)).toHaveLength(3);
    expect(await runs()).toBe(1);
  });

  test("R1: does not open under `strict`, which is the default, when one reference leads nowhere, and names all that do", async () => {
    const { folder, open } = await setUp({ [STORE]: { profiles }, "bin/answer.json": answer({}) });
    await folder.write(CONFIG, vault(folder));
    await expect(open()).rejects.toMatchObject({
      code: "activation-failed",
      message: expect.stringMatching(
        /profiles\.openai:exec\.key \(exec:vault:team\/key\).*profiles\.openai:file\.key \(file:file:\/openai\)/u,
      ),
    });
  });

  test("R1: under `isolate` turns off the owner alone, which never falls to another key", async () => {
    const store = { profiles, order: { openai: ["openai:exec", "openai:file"] } };
    const { folder, open } = await setUp({ [STORE]: store, "secrets.json": { openai: "test-key-file" }, "bin/answer.json": answer({}) });
    await folder.write(CONFIG, vault(folder, { models: { providers: { xai: { apiKey: execRef } } } }, { onFailure: "isolate" }));
    const home = await open();
    const [broken, healthy] = home.plan({ provider: "openai" }).candidates;
    expect(() => broken?.resolve({})).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
    expect(await healthy?.resolve({})).toMatchObject({ kind: "api-key" });
    expect(home.plan({ provider: "xai" })).toMatchObject({ candidates: [], excluded: [{ reason: "unresolved_ref" }] });
    expect(home.report.failures.map(({ owner, code }) => [owner, code])).toEqual([
      ["models.providers.xai", "reference-unresolved"],
      ["openai:exec", "reference-unresolved"],
    ]);
  });

  test("S1: a reference that breaks a rule of its form stops the start, named by its place", async () => {
    const { folder, open } = await setUp({});
    await folder.write(CONFIG, { models: { providers: { openai: { apiKey: { source: "ENV", provider: "default", id: "A" } } } } });
    await expect(open()).rejects.toMatchObject({
      code: "activation-failed",
      message: expect.stringContaining("models.providers.openai.apiKey"),
    });
    expect((await open({ use: "inspect" })).current.brokenReferences).toMatchObject([{ path: "models.providers.openai.apiKey" }]);
  });

  test.each([
    ["beside the value", { keyRef: { source: "env", provider: "default", id: "lower" } }],
    ["in its place", { key: { source: "env", provider: "default", id: "lower" } }],
    ["in text form", { key: "${lower}" }],
  ])("S1: nor does one of a stored profile (%s), and under `isolate` no key of the environment stands in", async (_name, held) => {
    const store = { profiles: { "openai:work": { type: "api_key", provider: "openai", ...held } } };
    const { folder, open } = await setUp({ [STORE]: store, [CONFIG]: {} }, { OPENAI_API_KEY: "test-key-env" });
    await expect(open()).rejects.toMatchObject({
      code: "activation-failed",
      message: expect.stringContaining("profiles.openai:work.key"),
    });
    await folder.write(CONFIG, { secrets: { onFailure: "isolate" } });
    const home = await open();
    expect(home.current.brokenReferences).toMatchObject([{ path: "profiles.openai:work.key", error: { code: "invalid-reference" } }]);
    const [first, second] = home.plan({ provider: "openai" }).candidates;
    expect(() => first?.resolve({})).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
    expect([first?.via, second?.via]).toEqual(["profile", "key"]);
  });

  test.each(["${mine_key}", "$MINE_KEY", "Bearer ${MINE_KEY}", { secret: "test-key-one" }, ["test-key-one"], 5])(
    "S1: %j as the key of a provider is no key, and stops the start by name",
    async (apiKey) => {
      const { folder, open } = await setUp({});
      await folder.write(CONFIG, { models: { providers: { mine: { apiKey } } } });
      const error: unknown = await open().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "activation-failed", message: expect.stringContaining("models.providers.mine.apiKey") });
      expect(inspect(error, { depth: 9 })).not.toContain("test-key");
    },
  );

  test("a key that is a name of a variable which is not set stops nothing: it stands for no key", async () => {
    const { folder, open } = await setUp({});
    await folder.write(CONFIG, { models: { providers: { mine: { apiKey: "MINE_API_KEY" } } } });
    expect((await open()).report.failures).toEqual([]);
  });

  test("keeps the last good snapshot when a reload finds one that leads nowhere, and recovers", async () => {
    const { folder, open } = await setUp({ [STORE]: { profiles }, "secrets.json": { openai: "test-key-file" } });
    await folder.write(CONFIG, vault(folder));
    const home = await open();
    const before = home.current;
    await folder.write("secrets.json", {});
    expect(await home.reload()).toMatchObject({ outcome: "kept", diagnostics: [{ code: "SECRETS_RELOADER_DEGRADED" }] });
    expect(home.current).toBe(before);
    await folder.write("secrets.json", { openai: "test-key-new" });
    expect(await home.reload()).toMatchObject({
      outcome: "swapped",
      changed: ["profiles.openai:file.key"],
      diagnostics: [{ code: "SECRETS_RELOADER_RECOVERED" }],
    });
    expect(await keysOf(home)).toEqual(["test-key-exec", "test-key-new"]);
  });

  test("R3: a plan made before a swap goes on with the secrets it was made with", async () => {
    const { folder, open } = await setUp({ [STORE]: { profiles }, "secrets.json": { openai: "test-key-file" } });
    await folder.write(CONFIG, vault(folder));
    const home = await open();
    const candidate = home.plan({ provider: "openai" }).candidates[1];
    await folder.write("secrets.json", { openai: "test-key-new" });
    await home.reload();
    const credential = await candidate?.resolve({});
    expect(credential && "secret" in credential && credential.secret.reveal()).toBe("test-key-file");
  });

  test("the gateway's token is the gateway's alone", async () => {
    const { folder, open } = await setUp({});
    await folder.write(CONFIG, { gateway: { auth: { token: "${UNSET_TOKEN}" } }, secrets: { onFailure: "isolate" } });
    expect((await open()).report.diagnostics).toMatchObject([
      {
        code: "SECRETS_REF_IGNORED_INACTIVE_SURFACE",
        path: "gateway.auth.token",
        message: expect.stringContaining("only the gateway uses it"),
      },
    ]);
    await expect(open({ use: "gateway" })).rejects.toMatchObject({ code: "activation-failed" });
    const replaced = { "gateway.auth.token": "--token-file is given" };
    expect((await open({ use: "gateway", replaced })).report.diagnostics).toMatchObject([
      { message: expect.stringContaining("--token-file is given") },
    ]);
  });

  test("the token of a client is the gateway's alone too, and where only its owner is off nobody else is", async () => {
    const { folder, open } = await setUp({});
    const gateway = { clients: { ci: { token: "${UNSET_TOKEN}" }, dev: { token: "${SET_TOKEN}" } } };
    await folder.write(CONFIG, { gateway, env: { SET_TOKEN: "test-token-of-dev" } });
    expect((await open()).report.diagnostics).toMatchObject([
      { path: "gateway.clients.ci.token", message: expect.stringContaining("only the gateway uses it") },
      { path: "gateway.clients.dev.token" },
    ]);
    await expect(open({ use: "gateway" })).rejects.toMatchObject({
      code: "activation-failed",
      message: expect.stringContaining("gateway.clients.ci.token"),
    });
    await folder.write(CONFIG, { gateway, env: { SET_TOKEN: "test-token-of-dev" }, secrets: { onFailure: "isolate" } });
    const { secrets } = (await open({ use: "gateway" })).current;
    expect(secrets.stateOf("gateway.clients.ci.token")).toMatchObject({ status: "cold" });
    expect(secrets.get("gateway.clients.dev.token")?.reveal()).toBe("test-token-of-dev");
  });
});

describe("a home opened to be looked at", () => {
  test("X20: runs no command, and counts such a credential neither as good nor as broken", async () => {
    const { folder, open, runs } = await setUp({ [STORE]: { profiles }, "secrets.json": { openai: "test-key-file" } });
    await folder.write(CONFIG, vault(folder, { models: { providers: { xai: { apiKey: execRef } } } }));
    const home = await open({ use: "inspect" });
    expect(home.current.agents.find().profiles().inspect()).toMatchObject([{ access: "static" }, { access: "static" }]);
    expect(home.plan({ provider: "xai" }).candidates).toMatchObject([{ origin: "models.providers.xai.apiKey" }]);
    expect(() => home.plan({ provider: "xai" }).candidates[0]?.resolve({})).toThrow("was not resolved");
    expect(await runs()).toBe(0);
  });

  test("D10: opens whatever leads nowhere", async () => {
    const { folder, open } = await setUp({ [STORE]: { profiles } });
    await folder.write(CONFIG, vault(folder, { gateway: { auth: { token: "${UNSET_TOKEN}" } } }));
    const home = await open({ use: "inspect" });
    expect(home.current.agents.find().profiles().inspect()).toMatchObject([
      { access: "static" },
      { access: "missing", reasonCode: "unresolved_ref" },
    ]);
  });
});

test("D10: a home opened to try accounts out runs the commands behind references, and opens whatever leads nowhere", async () => {
  const { folder, open, runs } = await setUp({ [STORE]: { profiles } });
  const broken = { source: "ENV", provider: "default", id: "A" };
  await folder.write(CONFIG, vault(folder, { models: { providers: { xai: { apiKey: broken } } } }, { onFailure: "strict" }));
  const home = await open({ use: "probe" });
  const [exec, file] = home.plan({ provider: "openai" }).candidates;
  expect(await exec?.resolve({})).toMatchObject({ kind: "api-key" });
  expect(() => file?.resolve({})).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
  expect(home.current.brokenReferences).toMatchObject([{ path: "models.providers.xai.apiKey" }]);
  expect(await runs()).toBe(1);
});

test("a profile that the configuration calls a login is not resolved: using it is an error of its own", async () => {
  const { folder, open } = await setUp({ [STORE]: { profiles: { "openai:file": profiles["openai:file"] } } });
  await folder.write(CONFIG, vault(folder, { auth: { profiles: { "openai:file": { provider: "openai", mode: "oauth" } } } }));
  expect((await open()).report.diagnostics).toMatchObject([
    { code: "SECRETS_REF_IGNORED_INACTIVE_SURFACE", path: "profiles.openai:file.key" },
  ]);
});

test("S12: a value beside a reference is named, and never used", async () => {
  const both = {
    type: "api_key",
    provider: "openai",
    key: "test-key-plain",
    keyRef: { source: "env", provider: "default", id: "WORK_KEY" },
  };
  const { open } = await setUp({ [STORE]: { profiles: { "openai:a": both } } }, { WORK_KEY: "test-key-env" });
  const home = await open();
  expect(home.report.diagnostics).toMatchObject([{ code: "SECRETS_REF_OVERRIDES_PLAINTEXT", path: "profiles.openai:a.key" }]);
  expect(await keysOf(home)).toEqual(["test-key-env"]);
});

test("R6: the same reference of two agents is asked for once, and each agent has it", async () => {
  const { folder, open, runs } = await setUp({
    [STORE]: { profiles: { "openai:exec": profiles["openai:exec"] } },
    ".openclaw/agents/work/agent/auth-profiles.json": { profiles: { "openai:work": profiles["openai:exec"] } },
  });
  await folder.write(CONFIG, vault(folder, { agents: { list: [{ id: "work" }] } }));
  const home = await open();
  expect(home.current.secrets.paths).toEqual(["profiles.openai:exec.key", "profiles.openai:work.key"]);
  expect(home.plan({ provider: "openai", agentId: "work" }).candidates).toHaveLength(2);
  expect(await runs()).toBe(1);
});

test("a reading that is refused changes nothing: neither configuration nor secrets, and these are renewed as before", async () => {
  const { folder, open } = await setUp({
    [STORE]: { profiles: { "openai:file": profiles["openai:file"] } },
    "secrets.json": { openai: "one" },
  });
  await folder.write(CONFIG, vault(folder));
  const home = await open();
  const before = home.current;
  home.require(async (next) => {
    if (next.config.gateway?.port === 1) throw new Error(`not with ${next.secrets.get("profiles.openai:file.key")?.reveal()}`);
  });
  await folder.write("secrets.json", { openai: "two" });
  await folder.write(CONFIG, vault(folder, { gateway: { port: 1 } }));
  await expect(home.reload()).rejects.toThrow("not with two");
  expect(home.current).toBe(before);
  expect(await keysOf(home)).toEqual(["one"]);
  await folder.write("secrets.json", { openai: "three" });
  await home.renew();
  expect([home.current === before, await keysOf(home)]).toEqual([true, ["three"]]);
  await folder.write(CONFIG, vault(folder, { gateway: { port: 2 } }));
  expect(await home.reload()).toMatchObject({ outcome: "swapped" });
  expect(home.current.config.gateway?.port).toBe(2);
});

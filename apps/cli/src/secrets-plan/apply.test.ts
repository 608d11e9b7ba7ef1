import { execFileSync } from "node:child_process";
import { lstat, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseAuthStore } from "@openclaw/auth-profiles";
import { openHome, resolvePaths } from "@openclaw/home";
import { createCanary, createTempHome, findCanary, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { applySecretsPlan, type ApplyOptions, type ApplyResult } from "./apply.ts";

const CONFIG = ".openclaw/openclaw.json";
const ENV = ".openclaw/.env";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const LEGACY = ".openclaw/agents/main/agent/auth.json";
const MODELS = ".openclaw/agents/main/agent/models.json";
const WORK = ".openclaw/agents/work/agent/auth-profiles.json";

const OLD = createCanary("moved");
const ref = { source: "env", provider: "default", id: "MOVED_KEY" };
const keyTarget = { type: "models.providers.apiKey", path: "models.providers.openai.apiKey", ref };
const profileTarget = { type: "auth-profiles.api_key.key", path: "profiles.openai:default.key", agentId: "main", ref };
const openai = (apiKey: unknown) => ({ models: { providers: { openai: { baseUrl: "https://api.openai.com/v1", apiKey } } } });
const profiles = (entries: object) => ({ version: 1, profiles: entries });
const stored = (key: string) => ({ type: "api_key", provider: "openai", key });
const planOf = (targets: readonly object[], more: object = {}) => ({ version: 1, protocolVersion: 1, targets, ...more });

interface Run extends ApplyResult {
  readonly home: TempHome;
  json(file: string): Promise<unknown>;
}

type Options = Partial<Pick<ApplyOptions, "mode" | "allowExec">> & { readonly env?: Readonly<Record<string, string>> };

async function homeOf(files: Readonly<Record<string, string | object>>): Promise<TempHome> {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  return home;
}

async function applyIn(home: TempHome, { mode = "write", allowExec = false, env = { MOVED_KEY: OLD } }: Options = {}): Promise<Run> {
  const variables = { ...home.env, ...env };
  const opened = await openHome({
    paths: resolvePaths({ env: variables, osHome: home.path, cwd: home.path }),
    env: variables,
    use: "inspect",
  });
  try {
    const stamp = { version: "1.2.3", at: new Date(0) };
    const result = await applySecretsPlan(opened, { planPath: join(home.path, "plan.json"), mode, allowExec, stamp });
    const json = async (file: string): Promise<unknown> => JSON.parse(await home.read(file));
    return { ...result, home, json };
  } finally {
    opened.close();
  }
}

async function apply(files: Readonly<Record<string, string | object>>, plan: object, options?: Options): Promise<Run> {
  return applyIn(await homeOf({ ...files, "plan.json": plan }), options);
}

/** Everything in a home, byte for byte. */
async function tree(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const entries = (await home.list()).map(async (file) => [file, file.endsWith("/") ? "" : await home.read(file)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

const codes = (result: ApplyResult) => result.warnings.map(({ code, path }) => `${code} ${path ?? ""}`.trim());

describe("puts references", () => {
  test("where a provider was not that nobody knows, and says so: its name may be a slip", async () => {
    const slip = { ...keyTarget, path: "models.providers.opnai.apiKey" };
    const run = await apply({ [CONFIG]: openai(OLD) }, planOf([slip]));
    expect(codes(run)).toContain("provider-created models.providers.opnai.apiKey");
  });

  test("in the configuration, which keeps its comments and says who touched it", async () => {
    const text = `{\n  // mine\n  models: { providers: { openai: { baseUrl: 'https://api.openai.com/v1', apiKey: '${OLD}' } } }, // end\n}\n`;
    const run = await apply({ [CONFIG]: text }, planOf([keyTarget]));
    expect(run).toMatchObject({ mode: "write", changed: true, changedFiles: [join(run.home.path, CONFIG)], refsChecked: 1, warnings: [] });
    const after = await run.home.read(CONFIG);
    expect(after).toMatch(/^\{\n {2}\/\/ mine\n/u);
    expect(after).toContain("// end");
    expect(after).toContain("1970-01-01T00:00:00.000Z");
    expect(after).not.toContain(OLD);
    expect(after).toMatch(/source: "env", provider: "default", id: "MOVED_KEY"/u);
  });

  test("beside the value where a reference has its place there", async () => {
    const target = { type: "channels.googlechat.serviceAccount", path: "channels.googlechat.serviceAccount", ref };
    const { json } = await apply({ [CONFIG]: { channels: { googlechat: { serviceAccount: OLD } } } }, planOf([target]));
    expect(await json(CONFIG)).toMatchObject({ channels: { googlechat: { serviceAccountRef: ref } } });
    expect(await json(CONFIG)).not.toHaveProperty("channels.googlechat.serviceAccount");
  });

  test("S12: in a profile with a value and another reference, both of which go", async () => {
    const entry = { mode: "api_key", provider: "openai", apiKey: OLD, keyRef: { ...ref, id: "GONE" }, note: { kept: [1.0] } };
    const { json } = await apply({ [STORE]: profiles({ "openai:default": entry }) }, planOf([profileTarget]));
    expect(await json(STORE)).toEqual(
      profiles({ "openai:default": { mode: "api_key", provider: "openai", keyRef: ref, note: { kept: [1] } } }),
    );
  });

  test.each([
    ["api_key", "key", ["apiKey", "api_key"]],
    ["token", "token", ["accessToken", "access_token"]],
  ])("S12: 34: in a profile of type %s in place of every name of its %s", async (type, field, others) => {
    const names = [...others, ...(field === "key" ? ["key_ref"] : ["token_ref"])];
    const entry = { type, provider: "openai", ...Object.fromEntries(names.map((name) => [name, OLD])) };
    const target = { ...profileTarget, type: `auth-profiles.${type}.${field}`, path: `profiles.openai:default.${field}` };
    const { json, home, warnings } = await apply({ [STORE]: profiles({ "openai:default": entry }) }, planOf([target]));
    expect(await json(STORE)).toEqual(profiles({ "openai:default": { type, provider: "openai", [`${field}Ref`]: ref } }));
    expect(warnings).toEqual([]);
    expect(await findCanary(OLD, { folders: [home.path] })).toEqual([]);
  });

  test.each([
    ["that is there", "openai:default", 3],
    ["that is new", "openai:new", 4],
  ])("22: in a profile %s of a store without profiles, which gets them and loses no account", async (_which, id, count) => {
    const flat = {
      openai: { apiKey: OLD, note: 1 },
      "anthropic:manual": { type: "token", provider: "anthropic", token: "test-token-manual" },
      codex: { accessToken: "test-access", refreshToken: "test-refresh", expiresAt: 1_900_000_000_000 },
      order: { openai: ["openai:default"] },
      notes: { by: "me" },
    };
    const target = { ...profileTarget, path: `profiles.${id}.key`, authProfileProvider: "openai" };
    const { json, home } = await apply({ [STORE]: flat }, planOf([target]));
    const store = parseAuthStore(await json(STORE));
    expect(store.profiles.size).toBe(count);
    expect(store.profiles.get(id)).toMatchObject({ type: "api_key", provider: "openai", ref });
    expect(store.profiles.get("anthropic:manual")).toMatchObject({ secret: expect.anything() });
    expect(store.profiles.get("codex:default")).toMatchObject({ refresh: expect.anything(), expires: 1_900_000_000_000 });
    expect(await json(STORE)).toMatchObject({
      version: 1,
      order: flat.order,
      notes: flat.notes,
      profiles: { "openai:default": { note: 1 } },
    });
    expect(await json(STORE)).not.toHaveProperty("openai");
    // Another account keeps its value.
    expect((await findCanary(OLD, { folders: [home.path] })).length > 0).toBe(id === "openai:new");
  });

  test("in a profile that is new, of a store that is new", async () => {
    const target = { ...profileTarget, type: "auth-profiles.token.token", path: "profiles.x:one.token", authProfileProvider: "anthropic" };
    const { json, home } = await apply({}, planOf([target]));
    expect(await json(STORE)).toEqual(profiles({ "x:one": { type: "token", provider: "anthropic", tokenRef: ref } }));
    expect(await home.list()).not.toContain(CONFIG);
  });

  test("in the folder of the agent that is named, also when a variable names another, and once where two share it", async () => {
    const shared = {
      agents: {
        list: [
          { id: "a", agentDir: "shared" },
          { id: "b", agentDir: "shared" },
        ],
      },
    };
    const home = await homeOf({
      [CONFIG]: shared,
      ".openclaw/shared/auth-profiles.json": profiles({ "openai:default": stored(OLD) }),
      [STORE]: profiles({ "openai:default": stored(OLD) }),
      "other/auth-profiles.json": profiles({ "openai:default": stored("test-key-other") }),
      "plan.json": planOf([profileTarget, { ...profileTarget, agentId: "b" }]),
    });
    const run = await applyIn(home, { env: { MOVED_KEY: OLD, OPENCLAW_AGENT_DIR: join(home.path, "other") } });
    expect(run.changedFiles).toEqual([STORE, ".openclaw/shared/auth-profiles.json"].map((file) => join(home.path, file)));
  });

  test("once in a store that two agents reach through a link, which stays one", async () => {
    const home = await homeOf({
      [CONFIG]: { ...openai(OLD), agents: { list: [{ id: "work" }] } },
      [STORE]: profiles({ "openai:default": stored(OLD) }),
      [WORK]: "",
      "plan.json": planOf([keyTarget, profileTarget]),
    });
    await rm(join(home.path, WORK));
    await symlink(join(home.path, STORE), join(home.path, WORK));
    const run = await applyIn(home);
    expect(run.warnings).toEqual([]);
    expect(await run.json(STORE)).toEqual(profiles({ "openai:default": { type: "api_key", provider: "openai", keyRef: ref } }));
    expect((await lstat(join(home.path, WORK))).isSymbolicLink()).toBe(true);
  });

  test("and changes nothing the second time", async () => {
    const first = await apply(
      { [CONFIG]: openai(OLD), [STORE]: profiles({ "openai:default": stored(OLD) }) },
      planOf([keyTarget, profileTarget]),
    );
    const before = await tree(first.home);
    expect(await applyIn(first.home)).toMatchObject({ changed: false, changedFiles: [], warnings: [] });
    expect(await tree(first.home)).toEqual(before);
  });

  test("through secret providers that the same plan sets", async () => {
    const fileRef = { source: "file", provider: "vault", id: "/openai" };
    const home = await homeOf({
      "vault.json": { openai: OLD },
      [CONFIG]: { ...openai(OLD), secrets: { providers: { gone: { source: "env" } } } },
    });
    const vault = { source: "file", path: join(home.path, "vault.json") };
    await home.write(
      "plan.json",
      planOf([{ ...keyTarget, ref: fileRef }], { providerUpserts: { vault }, providerDeletes: ["gone", "never-there"] }),
    );
    const { json, warnings } = await applyIn(home);
    expect(warnings).toEqual([]);
    expect(await json(CONFIG)).toMatchObject({ ...openai(fileRef), secrets: { providers: { vault } } });
  });
});

describe("scrubs", () => {
  test("a store without profiles where its accounts are, and every name of a field", async () => {
    const flat = { openai: { apiKey: OLD }, "openai:b": { type: "api_key", provider: "openai", api_key: "test-key-b" } };
    const run = await apply({ [CONFIG]: openai(OLD), [STORE]: flat }, planOf([keyTarget]));
    expect(await run.json(STORE)).toEqual({ openai: {}, "openai:b": flat["openai:b"] });
    expect(codes(run)).toEqual(["profile-emptied openai", "unscrubbed openai:b.api_key"]);
  });

  test("a store without profiles that holds none of it not at all", async () => {
    const text = '{ "groq": { "key" : "test-key-groq" } }';
    const run = await apply({ [CONFIG]: openai(OLD), [STORE]: text }, planOf([keyTarget]));
    expect(await run.home.read(STORE)).toBe(text);
  });

  test("the copy of a store without profiles: the reference takes the place of the value", async () => {
    const flat = { openai: { apiKey: OLD } };
    const run = await apply({ [STORE]: flat, [`${STORE}.bak`]: flat }, planOf([profileTarget]));
    expect(await run.json(`${STORE}.bak`)).toEqual({ openai: { keyRef: ref } });
    expect(run.warnings).toEqual([]);
  });

  test("what was moved from .env, auth.json and the profiles of the provider, and says nothing", async () => {
    const run = await apply(
      {
        [CONFIG]: { ...openai(OLD), agents: { list: [{ id: "work" }] } },
        [ENV]: `# keep\nexport OPENAI_API_KEY="${OLD}"\r\nOTHER=1\n`,
        [LEGACY]: { openai: { type: "api_key", key: OLD }, anthropic: { type: "oauth", access: "test-access", refresh: "test-refresh" } },
        [STORE]: profiles({ "openai:default": stored(OLD) }),
        [WORK]: profiles({
          "openai:b": { ...stored(OLD), keyRef: { ...ref, id: "B_KEY" } },
          "anthropic:a": { ...stored("test-key-a"), provider: "anthropic" },
        }),
      },
      planOf([keyTarget, profileTarget]),
    );
    expect(run.warnings).toEqual([]);
    expect(run.changedFiles).toEqual([ENV, STORE, LEGACY, WORK, CONFIG].map((file) => join(run.home.path, file)).toSorted());
    expect(await run.home.read(ENV)).toBe("# keep\nOTHER=1\n");
    expect(await run.json(LEGACY)).toEqual({ anthropic: { type: "oauth", access: "test-access", refresh: "test-refresh" } });
    expect(await run.json(WORK)).toEqual(
      profiles({
        "openai:b": { type: "api_key", provider: "openai", keyRef: { ...ref, id: "B_KEY" } },
        "anthropic:a": { type: "api_key", provider: "anthropic", key: "test-key-a" },
      }),
    );
    await run.home.write("plan.json", "");
    expect(await findCanary(OLD, { folders: [run.home.path] })).toEqual([]);
  });

  test("no other value: it stays and is named", async () => {
    const other = "test-key-other-0002";
    const files = {
      [CONFIG]: openai(OLD),
      [ENV]: `OPENAI_API_KEY=${other}\nANTHROPIC_API_KEY=test-key-three\n`,
      [LEGACY]: { openai: { type: "api_key", key: other } },
      [STORE]: profiles({ "openai:default": stored(other) }),
    };
    const run = await apply(files, planOf([keyTarget]));
    expect(codes(run)).toEqual(["unscrubbed profiles.openai:default.key", "unscrubbed openai", "unscrubbed $env.OPENAI_API_KEY"]);
    expect(run.changedFiles).toEqual([join(run.home.path, CONFIG)]);
  });

  test("no login: its row stays byte for byte", async () => {
    const row = `"openai:me": {"type":"oauth",  "provider":"openai", "access":"${OLD}", "refresh": "test-refresh", "expires": 1.0e3}`;
    const text = `{ "version": 1,\n "profiles": { ${row},\n  "openai:default": { "type": "api_key", "provider": "openai", "key": "${OLD}" } } }\n`;
    const run = await apply({ [CONFIG]: openai(OLD), [STORE]: text }, planOf([keyTarget, profileTarget]));
    expect(await run.home.read(STORE)).toContain(row);
    expect(codes(run)).toEqual(["unscrubbed profiles.openai:me.access"]);
  });

  test("no line of .env that the reference is read from", async () => {
    const files = { [CONFIG]: openai(OLD), [ENV]: `OPENAI_API_KEY=${OLD}\n` };
    const run = await apply(files, planOf([{ ...keyTarget, ref: { ...ref, id: "OPENAI_API_KEY" } }]), { env: {} });
    expect(await run.home.read(ENV)).toBe(`OPENAI_API_KEY=${OLD}\n`);
    expect(codes(run)).toEqual(["unscrubbed $env.OPENAI_API_KEY"]);
  });

  test("no line of .env that the command of a secret provider is given", async () => {
    const vault = { source: "exec", command: "/bin/vault", passEnv: ["OPENAI_API_KEY"] };
    const run = await apply(
      { [CONFIG]: { ...openai(OLD), secrets: { providers: { vault } } }, [ENV]: `OPENAI_API_KEY=${OLD}\n` },
      planOf([keyTarget]),
    );
    expect(await run.home.read(ENV)).toBe(`OPENAI_API_KEY=${OLD}\n`);
  });

  test("and says so when a reference is left to the environment of this process", async () => {
    const files = { [CONFIG]: openai(OLD), [ENV]: `OPENAI_API_KEY=${OLD}\n` };
    const run = await apply(files, planOf([{ ...keyTarget, ref: { ...ref, id: "OPENAI_API_KEY" } }]), { env: { OPENAI_API_KEY: OLD } });
    expect(await run.home.read(ENV)).toBe("");
    expect(codes(run)).toEqual(["environment-only $env.OPENAI_API_KEY"]);
  });

  test("and names a profile that holds nothing any more", async () => {
    const run = await apply({ [CONFIG]: openai(OLD), [STORE]: profiles({ "openai:default": stored(OLD) }) }, planOf([keyTarget]));
    expect(codes(run)).toEqual(["profile-emptied profiles.openai:default"]);
    expect(await run.json(STORE)).toEqual(profiles({ "openai:default": { type: "api_key", provider: "openai" } }));
  });

  test("nothing that the plan's options leave out", async () => {
    const files = {
      [CONFIG]: openai(OLD),
      [ENV]: `OPENAI_API_KEY=${OLD}\n`,
      [LEGACY]: { openai: { type: "api_key", key: OLD } },
      [STORE]: profiles({ "openai:default": stored(OLD) }),
    };
    const options = { scrubEnv: false, scrubAuthProfilesForProviderTargets: false, scrubLegacyAuthJson: false };
    const run = await apply(files, planOf([keyTarget], { options }));
    expect(run.changedFiles).toEqual([join(run.home.path, CONFIG)]);
  });

  test("names what it found and has no rule for, a comment too", async () => {
    const text = JSON.stringify({ ...openai(OLD), env: { SOME_KEY: OLD } }).replace(/\}$/u, `} // was ${OLD}\n`);
    const models = { providers: { openai: { apiKey: OLD } } };
    const run = await apply({ [CONFIG]: text, [ENV]: `# OPENAI_API_KEY=${OLD}\n`, [MODELS]: models }, planOf([keyTarget]));
    expect(run.warnings.map(({ file, path }) => [file?.slice(run.home.path.length + 1), path])).toEqual([
      [CONFIG, "env.SOME_KEY"],
      [MODELS, "providers.openai.apiKey"],
      [ENV, undefined],
    ]);
  });

  test("the value out of every copy that lies beside, or names the copy", async () => {
    const copies = [`${CONFIG}.bak`, `${CONFIG}.bak.1`, `${STORE}.bak`, `${ENV}.old`];
    const run = await apply(
      {
        [CONFIG]: openai(OLD),
        [STORE]: profiles({ "openai:default": stored(OLD) }),
        [`${CONFIG}.bak`]: `{ // older\n models: { providers: { openai: { apiKey: "${OLD}" } } } }`,
        [`${CONFIG}.bak.1`]: { noSuchKey: { list: [OLD] }, env: { A_KEY: OLD } },
        [`${CONFIG}.bak.2`]: `{ "torn": "${OLD}`,
        [`${CONFIG}.bak.3`]: `{ "torn": "test-key-else`,
        [`${STORE}.bak`]: profiles({ "openai:default": stored(OLD), "openai:x": stored("test-key-else") }),
        [`${ENV}.old`]: `A=1\nANY=${OLD}\n`,
        [ENV]: "A=1\n",
      },
      planOf([keyTarget, profileTarget]),
    );
    expect(run.warnings.map(({ code, file }) => [code, file])).toEqual([["unscrubbed", join(run.home.path, `${CONFIG}.bak.2`)]]);
    expect(run.changedFiles).toEqual([CONFIG, STORE, ...copies].map((file) => join(run.home.path, file)).toSorted());
    expect(await run.home.read(`${CONFIG}.bak`)).toMatch(/^\{ \/\/ older\n models: \{ providers: \{ openai: \{ apiKey: \{ source: "env"/u);
    expect(await run.json(`${CONFIG}.bak.1`)).toEqual({ noSuchKey: { list: [""] }, env: {} });
    expect(await run.json(`${STORE}.bak`)).toEqual(
      profiles({ "openai:default": { type: "api_key", provider: "openai", keyRef: ref }, "openai:x": stored("test-key-else") }),
    );
    expect(await run.home.read(`${ENV}.old`)).toBe("A=1\n");
  });
});

describe("applies with a warning", () => {
  test("a reference that leads to another value", async () => {
    const run = await apply({ [CONFIG]: openai(OLD) }, planOf([keyTarget]), { env: { MOVED_KEY: "test-key-new-0009" } });
    expect(run.changed).toBe(true);
    expect(run.warningCount).toBe(1);
    expect(run.warnings[0]).toMatchObject({ code: "value-differs", path: "models.providers.openai.apiKey" });
    expect(JSON.stringify(run.warnings)).not.toMatch(/test-key/u);
    expect(run.warnings[0]?.message).toMatch(/#[0-9a-f]{8}.*#[0-9a-f]{8}/u);
  });

  test("a reference that leads elsewhere than the one before", async () => {
    const run = await apply({ [CONFIG]: openai("${FIRST_KEY}") }, planOf([keyTarget]), {
      env: { FIRST_KEY: "test-key-first", MOVED_KEY: OLD },
    });
    expect(codes(run)).toEqual(["value-differs models.providers.openai.apiKey"]);
  });

  test("a change of a secret provider that breaks another reference", async () => {
    const other = { source: "file", provider: "vault", id: "/gone" };
    const home = await homeOf({ "vault.json": { here: OLD }, [CONFIG]: { ...openai(OLD), gateway: { auth: { token: other } } } });
    const vault = { source: "file", path: join(home.path, "vault.json") };
    await home.write("plan.json", planOf([{ ...keyTarget, ref: { ...other, id: "/here" } }], { providerUpserts: { vault } }));
    expect(codes(await applyIn(home))).toEqual(["reference-broken gateway.auth.token"]);
  });

  test("copies that cannot be read as text: they are left as they are, and hold nothing up", async () => {
    const home = await homeOf({ [CONFIG]: openai(OLD), "plan.json": planOf([keyTarget]) });
    await writeFile(join(home.path, `${CONFIG}.bak.gz`), Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff]), { mode: 0o600 });
    execFileSync("mkfifo", [join(home.path, `${CONFIG}.old`)]);
    const run = await applyIn(home);
    expect(run.changedFiles).toEqual([join(home.path, CONFIG)]);
    expect(run.warnings.map(({ code, file }) => [code, file])).toEqual([
      ["file-skipped", join(home.path, `${CONFIG}.bak.gz`)],
      ["file-skipped", join(home.path, `${CONFIG}.old`)],
    ]);
  });

  test("the store of another agent that is broken: it is left as it is", async () => {
    const run = await apply({ [CONFIG]: openai(OLD), [WORK]: "{ torn" }, planOf([keyTarget]));
    expect(codes(run)).toEqual(["file-skipped"]);
    expect(await run.home.read(WORK)).toBe("{ torn");
  });
});

describe("R5: changes nothing at all", () => {
  const files = {
    [CONFIG]: openai(OLD),
    [ENV]: `OPENAI_API_KEY=${OLD}\n`,
    [STORE]: profiles({ "openai:default": stored(OLD), "openai:me": { type: "oauth", provider: "openai", access: "test-access" } }),
  };

  test.each<[string, object, RegExp, Options?]>([
    [
      "when a reference leads nowhere",
      planOf([keyTarget, { ...profileTarget, ref: { ...ref, id: "MISSING" } }]),
      /^SecretRefResolutionError: env:default:MISSING: /u,
    ],
    [
      "when a value is a mask",
      planOf([keyTarget]),
      /^SecretRefResolutionError: env:default:MOVED_KEY: .*mask/u,
      { env: { MOVED_KEY: "sk-***" } },
    ],
    [
      "when a command would have to run",
      planOf([{ ...keyTarget, ref: { source: "exec", provider: "vault", id: "a" } }]),
      /^Plan contains exec SecretRefs\/providers\. Re-run with --allow-exec\.$/u,
    ],
    [
      "when a provider is a command",
      planOf([], { providerUpserts: { vault: { source: "exec", command: "/bin/vault" } } }),
      /^Plan contains exec/u,
    ],
    [
      "for a profile that is not there, of no provider",
      planOf([{ ...profileTarget, path: "profiles.new:one.key" }]),
      /^Cannot create auth profile "new:one" for profiles\.new:one\.key without authProfileProvider\.$/u,
    ],
    ["for a login", planOf([{ ...profileTarget, path: "profiles.openai:me.key" }]), /^Invalid secrets plan file/u],
    ["for a profile of another provider", planOf([{ ...profileTarget, authProfileProvider: "anthropic" }]), /^Invalid secrets plan file/u],
    ["for an agent nobody knows", planOf([{ ...profileTarget, agentId: "nobody" }]), /^Invalid secrets plan file/u],
    ["for an agent whose name is a path", planOf([{ ...profileTarget, agentId: "../../x" }]), /^Invalid secrets plan file/u],
    [
      "when a secret provider is missing",
      planOf([{ ...keyTarget, ref: { source: "file", provider: "vault", id: "/a" } }]),
      /^SecretRefResolutionError: .*"vault" is not configured/u,
    ],
  ])("%s", async (_when, plan, message, options) => {
    const home = await homeOf({ ...files, "plan.json": plan });
    const before = await tree(home);
    await expect(applyIn(home, options)).rejects.toThrow(message);
    expect(await tree(home)).toEqual(before);
  });

  test("when a secret provider that goes is still used", async () => {
    const config = { ...openai({ source: "env", provider: "mine", id: "MOVED_KEY" }), secrets: { providers: { mine: { source: "env" } } } };
    const home = await homeOf({ [CONFIG]: config, "plan.json": planOf([], { providerDeletes: ["mine"] }) });
    await expect(applyIn(home)).rejects.toThrow(/mine is still used by models\.providers\.openai\.apiKey/u);
    expect(await home.read(CONFIG)).toContain('"mine"');
  });

  test("when the store has a newer version, or is broken", async () => {
    const newer = await homeOf({
      [STORE]: { version: 2, profiles: {} },
      "plan.json": planOf([{ ...profileTarget, authProfileProvider: "openai" }]),
    });
    await expect(applyIn(newer)).rejects.toThrow(/has version 2/u);
    const torn = await homeOf({ [STORE]: `{ "key": "${OLD}`, "plan.json": planOf([profileTarget]) });
    await expect(applyIn(torn)).rejects.toThrow(/auth-profiles\.json is not valid JSON at line 1, column \d+$/u);
    expect(await torn.read(STORE)).toBe(`{ "key": "${OLD}`);
  });

  test("when a store without profiles has a name twice, one of which would be lost", async () => {
    const text = '{ "openai": { "apiKey": "test-key-one" }, "groq": { "key": "test-key-two" }, "groq": { "key": "test-key-three" } }';
    const home = await homeOf({ [STORE]: text, "plan.json": planOf([profileTarget]) });
    await expect(applyIn(home)).rejects.toThrow(/auth-profiles\.json cannot be changed without loss: a name occurs twice/u);
    expect(await home.read(STORE)).toBe(text);
  });

  test("when there is no plan", async () => {
    const home = await homeOf(files);
    await expect(applyIn(home)).rejects.toThrow(/^Invalid secrets plan file: .*plan\.json$/u);
  });

  test("in a dry run, which says what a real one would do", async () => {
    const home = await homeOf({ ...files, "plan.json": planOf([keyTarget, profileTarget]) });
    const before = await tree(home);
    const dry = await applyIn(home, { mode: "dry-run" });
    expect(await tree(home)).toEqual(before);
    const real = await applyIn(home);
    expect({ ...dry, mode: "write" }).toMatchObject({ changed: real.changed, changedFiles: real.changedFiles, refsChecked: 2 });
    expect(dry.mode).toBe("dry-run");
    expect(dry.changedFiles).toHaveLength(3);
  });

  test("X20: in a dry run of a plan with commands, none of which is run", async () => {
    const home = await homeOf({ [CONFIG]: openai(OLD) });
    const vault = { source: "exec", command: join(home.path, "vault"), jsonOnly: false };
    await home.write("vault", `#!/bin/sh\ntouch '${home.path}/was-run'\nprintf ${OLD}\n`, 0o700);
    await home.write(
      "plan.json",
      planOf([{ ...keyTarget, ref: { source: "exec", provider: "vault", id: "a" } }], { providerUpserts: { vault } }),
    );
    const before = await tree(home);
    expect(await applyIn(home, { mode: "dry-run" })).toMatchObject({
      changed: true,
      checks: { resolvability: true, resolvabilityComplete: false },
      refsChecked: 0,
      skippedExecRefs: 1,
      warnings: [],
    });
    expect(await tree(home)).toEqual(before);
    expect(await applyIn(home, { mode: "dry-run", allowExec: true })).toMatchObject({ refsChecked: 1, skippedExecRefs: 0 });
    expect(await home.list()).toContain("was-run");
  });
});

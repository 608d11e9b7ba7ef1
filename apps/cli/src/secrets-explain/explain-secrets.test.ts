import { openHome, resolvePaths } from "@openclaw/home";
import { createTempHome, findCanary, manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { renderExplanation } from "../render/secrets-explain.ts";
import { explainSecrets } from "./explain-secrets.ts";
import type { SecretsExplanation, StreamView } from "./explanation.ts";

const clock = manualClock();
const HOUR = 3_600_000;
const salt = "00".repeat(32);

interface Given {
  readonly config?: object;
  readonly store?: object | string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | object>>;
  readonly allowExec?: boolean;
  readonly agentId?: string;
}

interface Explained {
  readonly explanation: SecretsExplanation;
  /** As a person sees it, with `~` for the home. */
  readonly text: string;
}

/** Explains something in a home of its own whose fingerprints are always the same. No gateway was ever started in it. */
async function explain(name: string | undefined, { config, store, env, files, allowExec = false, agentId }: Given): Promise<Explained> {
  const home = await createTempHome({
    ".openclaw/fingerprint-salt": salt,
    ...(config && { ".openclaw/openclaw.json": config }),
    ...(store !== undefined && { ".openclaw/agents/main/agent/auth-profiles.json": store }),
    ...files,
  });
  try {
    const all = { HOME: home.path, OPENCLAW_STATE_DIR: home.stateDir, ...env };
    const paths = resolvePaths({ env: all, osHome: home.path, cwd: home.path });
    const { current } = await openHome({ paths, env: all, clock, use: "inspect" });
    const explanation = await explainSecrets(current, { name, agentId, allowExec, clock });
    const text = renderExplanation(explanation, { display: paths.display, now: clock.now() });
    return { explanation, text: text.replaceAll(home.path, "~") };
  } finally {
    await home.remove();
  }
}

const key = (name: string, more: object = {}) => ({ type: "api_key", provider: "openai", key: `test-key-${name}`, ...more });
const profiles = (entries: object, more: object = {}) => ({ version: 1, profiles: entries, ...more });
const openaiConfig = (apiKey: unknown) => ({ models: { providers: { openai: { apiKey } } } });

async function stream(given: Given, provider = "openai"): Promise<StreamView> {
  const [found] = (await explain(provider, given)).explanation.streams;
  if (!found) throw new Error("no stream");
  return found;
}

/** One line per entry: outcome, origin, why. */
const linesOf = ({ entries }: StreamView) => entries.map(({ outcome, origin, because }) => `${outcome} ${origin}: ${because}`);

describe("which credential wins, and why the others do not", () => {
  test("profiles, then the environment's keys in order, then the configured key", async () => {
    const found = await stream({
      store: profiles({ "openai:a": key("one") }),
      env: { OPENAI_API_KEYS: "test-key-two,test-key-three", OPENAI_API_KEY: "test-key-four", OPENAI_API_KEY_2: "test-key-five" },
      config: openaiConfig("test-key-six"),
    });
    expect(found).toMatchObject({ rule: "default", winner: "profile openai:a" });
    expect(linesOf(found)).toEqual([
      "wins profile openai:a: the first usable profile",
      "next OPENAI_API_KEYS[1]: tried when profile openai:a is limited, refused, out of credit or overloaded",
      "next OPENAI_API_KEYS[2]: tried when OPENAI_API_KEYS[1] is rate limited",
      "next OPENAI_API_KEY: tried when OPENAI_API_KEYS[2] is rate limited",
      "next OPENAI_API_KEY_2: tried when OPENAI_API_KEY is rate limited",
      "next models.providers.openai.apiKey: tried when OPENAI_API_KEY_2 is rate limited",
    ]);
  });

  test("a live key alone, in place of everything", async () => {
    const found = await stream({
      store: profiles({ "openai:a": key("one") }),
      env: { OPENCLAW_LIVE_OPENAI_KEY: "test-key-live", OPENAI_API_KEY: "test-key-two" },
      config: openaiConfig("test-key-three"),
    });
    expect(found).toMatchObject({ rule: "live-key", winner: "OPENCLAW_LIVE_OPENAI_KEY" });
    expect(found.because).toBe("OPENCLAW_LIVE_OPENAI_KEY is set: it alone is used, in place of profiles too");
    expect(linesOf(found)).toEqual([
      "wins OPENCLAW_LIVE_OPENAI_KEY: a live key is used alone",
      "shadowed profile openai:a: OPENCLAW_LIVE_OPENAI_KEY is used in place of it",
      "shadowed OPENAI_API_KEY: OPENCLAW_LIVE_OPENAI_KEY is used in place of it",
      "shadowed models.providers.openai.apiKey: OPENCLAW_LIVE_OPENAI_KEY is used in place of it",
    ]);
  });

  const two = { "openai:a": key("one"), "openai:b": key("two") };
  test.each<[string, Given, RegExp]>([
    ["the store", { store: profiles(two, { order: { openai: ["openai:b"] } }) }, /the store of the agent sets an order for openai/u],
    [
      "the configuration",
      { store: profiles(two), config: { auth: { order: { openai: ["openai:b"] } } } },
      /auth\.order of the configuration names openai/u,
    ],
  ])("an order of %s, at whose profiles it ends", async (_name, given, because) => {
    const found = await stream({ ...given, env: { OPENAI_API_KEY: "test-key-three" } });
    expect(found).toMatchObject({ rule: "explicit-order", winner: "profile openai:b", because: expect.stringMatching(because) });
    expect(linesOf(found)).toEqual([
      "wins profile openai:b: the first usable profile of the order",
      "shadowed profile openai:a: it is not in the order that is set",
      "shadowed OPENAI_API_KEY: an order is set, and ends at its profiles",
    ]);
  });

  test.each<[string, Given, string | null, RegExp]>([
    [
      "a key of the environment where there is no profile",
      { env: { OPENAI_API_KEY: "test-key-one" } },
      "OPENAI_API_KEY",
      /^wins OPENAI_API_KEY: there is no profile: the first key of the environment$/mu,
    ],
    [
      "the configured key where there is nothing else",
      { config: openaiConfig("test-key-one") },
      "models.providers.openai.apiKey",
      /^wins models\.providers\.openai\.apiKey: there is no profile and no key in the environment$/mu,
    ],
    [
      "a configured name of a variable, which is that key of the environment",
      { config: openaiConfig("${OPENAI_API_KEY}"), env: { OPENAI_API_KEY: "test-key-one" } },
      "OPENAI_API_KEY",
      /^shadowed models\.providers\.openai\.apiKey: the same key as OPENAI_API_KEY: it is tried once$/mu,
    ],
    [
      "the next one where a profile's reference does not resolve",
      { store: profiles({ "openai:a": key("", { key: "${NO_SUCH_KEY}" }) }), env: { OPENAI_API_KEY: "test-key-one" } },
      "OPENAI_API_KEY",
      /^unusable profile openai:a: .*could not resolve SecretRef.*"NO_SUCH_KEY" is missing or empty/mu,
    ],
    [
      "not the value beside a reference that does not resolve",
      { store: profiles({ "openai:a": key("one", { keyRef: { source: "env", id: "NO_SUCH_KEY" } }) }) },
      null,
      /^unusable profile openai:a/mu,
    ],
    [
      "not an expired token",
      { store: profiles({ "openai:a": { type: "token", provider: "openai", token: "test-token", expires: clock.now() - HOUR } }) },
      null,
      /^unusable profile openai:a: it has expired$/mu,
    ],
    [
      "nothing where the configured key does not resolve",
      { config: openaiConfig("${NO_SUCH_KEY}") },
      null,
      /^unusable models\.providers\.openai\.apiKey: .*NO_SUCH_KEY/mu,
    ],
    [
      "a key that is stored twice once",
      { store: profiles({ "openai:a": key("one"), "openai:b": key("one") }) },
      "profile openai:a",
      /^next profile openai:b: the same key as profile openai:a: it is tried once$/mu,
    ],
    [
      "not a variable that says where a key is",
      { env: { OPENAI_API_KEY_FILE: "/run/keys/openai" } },
      null,
      /^shadowed OPENAI_API_KEY_FILE: it names where a key is, and holds none$/mu,
    ],
    [
      "not an empty variable, which hides the one below",
      { env: { OPENAI_API_KEY: "" }, files: { ".openclaw/.env": "OPENAI_API_KEY=test-key-one\n" } },
      null,
      /^unusable OPENAI_API_KEY: it is set to nothing, and hides the one in \.env$/mu,
    ],
    [
      "not a second variable with the same key",
      { env: { OPENAI_API_KEY: "test-key-one", OPENAI_API_KEY_2: "test-key-one" } },
      "OPENAI_API_KEY",
      /^shadowed OPENAI_API_KEY_2: the same key as OPENAI_API_KEY/mu,
    ],
  ])("%s", async (_name, given, winner, line) => {
    const found = await stream(given);
    expect(found.winner).toBe(winner);
    expect(linesOf(found).join("\n")).toMatch(line);
  });

  test("a profile that cools down comes after one that does not, and says until when", async () => {
    const found = await stream({
      store: profiles(
        { "openai:a": key("one"), "openai:b": key("two") },
        { usageStats: { "openai:a": { cooldownUntil: clock.now() + HOUR } } },
      ),
    });
    expect(found.winner).toBe("profile openai:b");
    expect(found.entries[1]).toMatchObject({ origin: "profile openai:a", outcome: "next", coolingUntil: clock.now() + HOUR });
  });

  test("a server on this machine that was given no key needs none", async () => {
    const config = { models: { providers: { mine: { baseUrl: "http://127.0.0.1:1/v1", api: "openai-completions", models: [] } } } };
    expect(await stream({ config }, "mine")).toMatchObject({ winner: "no key needed", entries: [{ via: "none", outcome: "wins" }] });
  });

  test("that no request reaches a provider, whatever its credentials", async () => {
    const config = { models: { providers: { mine: { baseUrl: "http://10.0.0.5/v1", apiKey: "test-key-one" } } } };
    expect((await stream({ config }, "mine")).problem).toMatch(/private address/u);
  });
});

describe("exec references", () => {
  const config = {
    secrets: { providers: { vault: { source: "exec", command: "@COMMAND@", jsonOnly: false, allowInsecurePath: true } } },
    ...openaiConfig({ source: "exec", provider: "vault", id: "openai" }),
  };

  test("X20: no command is run without --allow-exec; what it would say is unknown, and so is who wins", async () => {
    const { explanation, text } = await explain("openai", {
      config: JSON.parse(JSON.stringify(config).replace("@COMMAND@", "/nowhere/vault")),
      env: {},
    });
    expect(explanation.surfaces[0]).toMatchObject({
      state: "skipped",
      durationMs: null,
      source: { source: "exec", command: "/nowhere/vault", id: "openai" },
    });
    expect(explanation.streams[0]).toMatchObject({ winner: null, entries: [{ outcome: "unknown" }] });
    expect(text).toContain("not run");
    expect(text).toContain("--allow-exec runs it");
  });

  test("with it the command is run, and its failure is told with a hint", async () => {
    const { explanation } = await explain("openai", {
      config: JSON.parse(JSON.stringify(config).replace("@COMMAND@", "/nowhere/vault")),
      allowExec: true,
    });
    expect(explanation.surfaces[0]).toMatchObject({ state: "cold", code: "command-refused", durationMs: 0 });
    expect(explanation.streams[0]).toMatchObject({ winner: null, entries: [{ outcome: "unusable", code: "command-refused" }] });
  });

  test("with it what the command prints is used, and shown as a fingerprint", async () => {
    const { explanation, text } = await explain("openai", {
      config: JSON.parse(JSON.stringify(config).replace("@COMMAND@", "/bin/hostname")),
      allowExec: true,
    });
    expect(explanation.surfaces[0]).toMatchObject({ state: "live", value: expect.stringMatching(/^#[0-9a-f]{8}$/u) });
    expect(explanation.streams[0]).toMatchObject({ winner: "models.providers.openai.apiKey" });
    expect(text).not.toMatch(/not run\b/u);
  });

  test("nor for the token of the gateway", async () => {
    const { explanation } = await explain("gateway.auth.token", {
      config: {
        ...config,
        secrets: { providers: { vault: { source: "exec", command: "/nowhere/vault" } } },
        gateway: { auth: { token: { source: "exec", provider: "vault", id: "token" } } },
      },
    });
    expect(explanation.surfaces[0]).toMatchObject({ state: "skipped" });
    expect(explanation.gateway).toEqual({ status: "unknown", reason: "its token comes from a command, which was not run (--allow-exec)" });
  });
});

describe("places", () => {
  const fileProvider = { secrets: { providers: { keys: { source: "file", path: "~/.openclaw/keys.json" } } } };

  test("a value of a file: path, pointer and how long it took", async () => {
    const { explanation, text } = await explain("profiles.openai:a.key", {
      config: fileProvider,
      store: profiles({ "openai:a": key("beside", { keyRef: { source: "file", provider: "keys", id: "/openai" } }) }),
      files: { ".openclaw/keys.json": { openai: "sk-proj-test-key-one" } },
    });
    expect(explanation.surfaces).toEqual([
      {
        path: "profiles.openai:a.key",
        holds: "reference",
        source: { source: "file", provider: "keys", file: expect.stringMatching(/keys\.json$/u), pointer: "/openai" },
        ref: "file:keys:/openai",
        shadowed: "a value is written beside the reference and is not used (SECRETS_REF_OVERRIDES_PLAINTEXT)",
        state: "live",
        value: expect.stringMatching(/^sk-proj-#[0-9a-f]{8}$/u),
        resolvedAt: clock.now(),
        durationMs: 0,
      },
    ]);
    expect(text).toContain("~/.openclaw/keys.json at /openai");
  });

  test.each<[string, string, Given, object]>([
    ["nothing is written", "models.providers.openai.apiKey", {}, { state: "absent", holds: "nothing" }],
    ["text", "models.providers.openai.apiKey", { config: openaiConfig("test-key-one") }, { state: "live", holds: "value" }],
    [
      "a placeholder",
      "models.providers.ollama.apiKey",
      { config: { models: { providers: { ollama: { apiKey: "ollama-local" } } } } },
      { state: "live", holds: "marker" },
    ],
    [
      "the name of a variable",
      "models.providers.openai.apiKey",
      { config: openaiConfig("OPENAI_API_KEY"), env: { OPENAI_API_KEY: "test-key-one" } },
      { state: "live", holds: "variable-name", source: { source: "env", provider: "default", variable: "OPENAI_API_KEY", layer: "env" } },
    ],
    [
      "a reference that breaks a rule",
      "models.providers.openai.apiKey",
      { config: openaiConfig({ source: "env", id: "lower-case" }) },
      { state: "cold", code: "invalid-reference" },
    ],
    [
      "a pointer that leads nowhere",
      "models.providers.openai.apiKey",
      {
        config: { ...fileProvider, ...openaiConfig({ source: "file", provider: "keys", id: "/zz" }) },
        files: { ".openclaw/keys.json": {} },
      },
      { state: "cold", code: "reference-unresolved" },
    ],
    [
      "a source that is not configured",
      "models.providers.openai.apiKey",
      { config: openaiConfig({ source: "file", provider: "gone", id: "/a" }) },
      { state: "cold", source: { source: "unknown", provider: "gone" }, hint: expect.stringContaining("secrets.providers.gone") },
    ],
    [
      "the gateway's own token",
      "gateway.auth.token",
      { config: { gateway: { auth: { token: "${TOKEN}" } } }, env: { TOKEN: "test-token" } },
      { state: "live" },
    ],
    [
      "what another part of OpenClaw uses",
      "skills.entries.maps.apiKey",
      { config: { skills: { entries: { maps: { apiKey: "${MAPS_KEY}" } } } } },
      { state: "inactive", reason: "another part of OpenClaw uses it" },
    ],
    [
      "a list by its index",
      "agents.list[0].memorySearch.remote.apiKey",
      { config: { agents: { list: [{ id: "main", memorySearch: { remote: { apiKey: "test-key-one" } } }] } } },
      { path: "agents.list.0.memorySearch.remote.apiKey", state: "inactive" },
    ],
    [
      "a login",
      "openai:login",
      {
        store: profiles({
          "openai:login": {
            type: "oauth",
            provider: "openai",
            access: "test-access",
            refresh: "test-refresh",
            expires: clock.now() + HOUR,
          },
        }),
      },
      { path: "profiles.openai:login.access", holds: "login", state: "live", expiresAt: clock.now() + HOUR },
    ],
    [
      "a login that ended",
      "profiles.openai:login",
      { store: profiles({ "openai:login": { type: "oauth", provider: "openai", access: "test-access", expires: clock.now() - HOUR } }) },
      { state: "cold", code: "oauth-expired", hint: "openclaw models auth login --provider openai" },
    ],
    [
      "an imported login that ended, which its owner renews",
      "profiles.openai:login",
      {
        store: profiles({
          "openai:login": {
            type: "oauth",
            provider: "openai",
            access: "test-access",
            expires: clock.now() - HOUR,
            metadata: { importedFrom: "codex" },
          },
        }),
      },
      { state: "cold", code: "oauth-expired", hint: "openclaw models auth import codex" },
    ],
    [
      "an imported token that ended",
      "profiles.anthropic:claude",
      {
        store: profiles({
          "anthropic:claude": {
            type: "token",
            provider: "anthropic",
            token: "test-token",
            expires: clock.now() - HOUR,
            metadata: { importedFrom: "claude" },
          },
        }),
      },
      { code: "expired", hint: "openclaw models auth import claude" },
    ],
    [
      "a reference where the configuration says login",
      "openai:a",
      {
        store: profiles({ "openai:a": key("", { key: "${KEY}" }) }),
        config: { auth: { profiles: { "openai:a": { provider: "openai", mode: "oauth" } } } },
      },
      { state: "inactive", reason: expect.stringContaining("mode is oauth") },
    ],
  ])("%s", async (_name, name, given, view) => {
    expect((await explain(name, given)).explanation.surfaces).toEqual([expect.objectContaining(view)]);
  });

  test.each([
    ["opnai", /openai/u],
    ["models.providers.opnai.apiKey", /models\.providers\.openai\.apiKey/u],
    ["OPENAI_API_KEZ", /OPENAI_API_KEY/u],
    ["gateway.auth.tokn", /gateway\.auth\.token/u],
    ["profiles.openai:wrk.key", /profiles\.openai:work\.key/u],
    ["sk-proj-test-key-that-was-pasted", /openclaw secrets explain lists/u],
  ])("an unknown name %s is an error with the nearest known, and is not repeated", async (name, hint) => {
    const failed = explain(name, { store: profiles({ "openai:work": key("one") }) });
    await expect(failed).rejects.toMatchObject({ name: "CliError", hint: expect.stringMatching(hint) });
    await expect(failed).rejects.not.toThrow(name);
  });
});

describe("variables", () => {
  test("every layer that defines one, whether they differ, and who uses it", async () => {
    const { explanation, text } = await explain("OPENAI_API_KEY", {
      env: { OPENAI_API_KEY: "test-key-one" },
      files: { ".openclaw/.env": "OPENAI_API_KEY=test-key-two\n" },
      config: { env: { OPENAI_API_KEY: "test-key-one" }, ...openaiConfig("${OPENAI_API_KEY}") },
    });
    const print = expect.stringMatching(/^#[0-9a-f]{8}$/u);
    expect(explanation.variables).toEqual([
      {
        name: "OPENAI_API_KEY",
        definitions: [
          { layer: "env", value: print, isUsed: true },
          { layer: ".env", value: print, isUsed: false },
          { layer: "config env", value: print, isUsed: false },
        ],
        differs: true,
        providers: ["openai"],
        isShellAsked: false,
      },
    ]);
    expect(explanation.surfaces.map(({ path }) => path)).toEqual(["models.providers.openai.apiKey"]);
    expect(explanation.streams.map(({ winner }) => winner)).toEqual(["OPENAI_API_KEY"]);
    expect(text).toContain("hidden by the one above");
  });

  test("one that no layer defines", async () => {
    const { text } = await explain("OPENAI_API_KEY", {});
    expect(text).toContain("OPENAI_API_KEY: no layer defines it, a key of openai; the login shell is not asked (env.shellEnv)");
  });

  test("serves more than one provider", async () => {
    const { explanation } = await explain("GOOGLE_API_KEY", { env: { GOOGLE_API_KEY: "test-key-one" } });
    expect(explanation.streams.map(({ provider, winner }) => [provider, winner])).toEqual([
      ["google", "GOOGLE_API_KEY"],
      ["google-vertex", "GOOGLE_API_KEY"],
    ]);
  });
});

describe("all of it", () => {
  test("is one line for each place, and the variables of keys that differ, as a person sees it", async () => {
    const { text } = await explain(undefined, {
      config: { ...openaiConfig("${OPENAI_API_KEY}"), gateway: { auth: { token: "${GATEWAY_TOKEN}" } }, talk: { apiKey: "test-key-talk" } },
      store: profiles({ "openai:a": key("one") }),
      env: { OPENAI_API_KEY: "test-key-two", EDITOR: "vi" },
      files: { ".openclaw/.env": "OPENAI_API_KEY=test-key-three\nEDITOR=emacs\n" },
    });
    expect(text).toMatchInlineSnapshot(`
      "models.providers.openai.apiKey  live      OPENAI_API_KEY (process)                          #2a76960e
      gateway.auth.token              cold      GATEWAY_TOKEN (not set)                           reference-unresolved
      talk.apiKey                     inactive  ~/.openclaw/openclaw.json                         another part of OpenClaw uses it
      profiles.openai:a.key           live      ~/.openclaw/agents/main/agent/auth-profiles.json  #c2c50d72

      Layers of the environment differ
        OPENAI_API_KEY, a key of openai: layers differ
          process               #2a76960e               used
          .env                  #353e69e3               hidden by the one above

      Gateway: cannot be seen from here: gateway.auth.token cannot be resolved: Environment variable "GATEWAY_TOKEN" is missing or empty."
    `);
  });

  test("a broken store is told, and hides nothing of the rest", async () => {
    const { explanation } = await explain(undefined, { store: "{ broken", config: openaiConfig("test-key-one") });
    expect(explanation.surfaces.map(({ path }) => path)).toEqual(["models.providers.openai.apiKey"]);
    expect(explanation.warnings).toEqual([expect.stringMatching(/the accounts of agent main cannot be read: .*auth-profiles\.json/u)]);
  });

  test("a provider as a person sees it", async () => {
    const { text } = await explain("openai", {
      config: openaiConfig({ source: "env", id: "OTHER_KEY" }),
      store: profiles({ "openai:a": key("", { key: "${NO_SUCH_KEY}" }), "openai:b": key("one") }),
      env: { OPENAI_API_KEY: "sk-proj-test-key-two", OTHER_KEY: "test-key-three" },
    });
    expect(text).toMatchInlineSnapshot(`
      "Provider openai

      models.providers.openai.apiKey
        holds     reference env:default:OTHER_KEY
        from      OTHER_KEY (process)
        state     live #353e69e3, resolved 2026-01-01T00:00:00.000Z, took less than 1 ms

      profiles.openai:a.key
        holds     reference env:default:NO_SUCH_KEY
        from      NO_SUCH_KEY (not set)
        state     cold, reference-unresolved: Environment variable "NO_SUCH_KEY" is missing or empty, took less than 1 ms
        do        set NO_SUCH_KEY in the environment or in the .env file of the state folder

      profiles.openai:b.key
        holds     value
        from      ~/.openclaw/agents/main/agent/auth-profiles.json
        state     live #c2c50d72

      Requests to openai use profile openai:b
        no order is set: profiles first, then keys of the environment, then the key of the configuration
        unusable  profile openai:a                Profile "openai:a": could not resolve SecretRef "env:default:NO_SUCH_KEY": Environment variable "NO_SUCH_KEY" is missing or empty
                  set NO_SUCH_KEY in the environment or in the .env file of the state folder
        wins      profile openai:b                #c2c50d72, the first usable profile
        next      OPENAI_API_KEY                  sk-proj-#d6a22d78, process, tried when profile openai:b is limited, refused, out of credit or overloaded
        next      models.providers.openai.apiKey  #353e69e3, tried when OPENAI_API_KEY is rate limited

      Environment
        OPENAI_API_KEY, a key of openai
          process               sk-proj-#d6a22d78       used
        OTHER_KEY
          process               #353e69e3               used
        NO_SUCH_KEY: no layer defines it; the login shell is not asked (env.shellEnv)

      Gateway: not running: There is no gateway token yet (~/.openclaw/gateway-token)"
    `);
  });

  test("no value is in any of it", async () => {
    const canary = "Qz7Wm2Kd9Rp4Xv";
    const given = {
      config: {
        ...openaiConfig(`${canary}-config`),
        gateway: { auth: { token: `${canary}-token` } },
        env: { OPENAI_API_KEY: `${canary}-env` },
      },
      store: profiles({ "openai:a": { ...key(""), key: `${canary}-profile` } }),
      env: { OPENAI_API_KEY: `${canary}-process`, OPENAI_API_KEYS: `${canary}-1,${canary}-2` },
    };
    for (const name of [undefined, "openai", "OPENAI_API_KEY", "OPENAI_API_KEYS", "gateway.auth.token", "openai:a"]) {
      const { explanation, text } = await explain(name, given);
      expect(await findCanary(canary, { texts: { text, json: JSON.stringify(explanation) } })).toEqual([]);
    }
  });
});

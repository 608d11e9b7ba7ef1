import { createTempHome, manualClock } from "@openclaw/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ProcessView } from "./context.ts";
import { redactedIo } from "./redacted-io.ts";
import { runProgram } from "./program.ts";
import { CliError } from "./exit.ts";

const clock = manualClock();
const HOUR = 3_600_000;

interface Shown {
  readonly code: number;
  readonly text: string;
}

/** Runs the program in this process, in a home made of the given files. */
async function inHome(
  files: Readonly<Record<string, string | object>>,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Shown> {
  const home = await createTempHome(files);
  const lines: string[] = [];
  const view: ProcessView = {
    io: redactedIo({
      out: (text) => void lines.push(text),
      err: (text) => void lines.push(text),
      secret: () => void lines.push("a secret"),
    }),
    env: { ...home.env, ...env },
    cwd: home.path,
    clock,
    harden: () => undefined,
    onSignal: () => undefined,
    onHangup: () => undefined,
    supervisor: undefined,
    output: { backlog: () => 0, abandonAfter: () => undefined },
    exit: () => undefined,
  };
  try {
    const code = await runProgram(argv, view).catch((error: unknown) => {
      // What main.ts prints of an error that was expected.
      if (!(error instanceof Error)) throw error;
      lines.push(error.message, error instanceof CliError ? (error.hint ?? "") : String(Reflect.get(error, "hint") ?? ""));
      return 1;
    });
    return { code, text: lines.join("\n") };
  } finally {
    await home.remove();
  }
}

const store = ".openclaw/agents/main/agent/auth-profiles.json";
const vault = {
  secrets: { providers: { vault: { source: "exec", command: "/usr/local/bin/vault-resolver" } } },
  models: { providers: { anthropic: { oauth: { tokenUrl: "https://id.anthropic.test/token", clientId: "client" } } } },
};
const withProfiles = (profiles: object) => ({ [store]: { version: 1, profiles }, ".openclaw/openclaw.json": vault });

describe("--check", () => {
  const key = { type: "api_key", provider: "anthropic", key: "test-key-one" };
  const token = (expires: number) => ({ type: "token", provider: "anthropic", token: "test-token", expires: clock.now() + expires });
  const oauth = (expires: number, refresh?: string) => ({
    type: "oauth",
    provider: "anthropic",
    access: "test-access",
    refresh,
    expires: clock.now() + expires,
  });

  test.each<[string, object, Record<string, string>, number]>([
    ["a key", { "anthropic:a": key }, {}, 0],
    ["a key in the environment", {}, { ANTHROPIC_API_KEY: "test-key-one" }, 0],
    ["nothing at all", {}, {}, 1],
    ["a blank key", { "anthropic:a": { ...key, key: " " } }, {}, 1],
    ["a reference that resolves", { "anthropic:a": { ...key, key: "${SOME_KEY}" } }, { SOME_KEY: "test-key-one" }, 0],
    ["a reference that does not", { "anthropic:a": { ...key, key: "${SOME_KEY}" } }, {}, 1],
    ["a reference that does not, with a value beside it", { "anthropic:a": { ...key, keyRef: { source: "env", id: "SOME_KEY" } } }, {}, 1],
    [
      "an exec reference, which is not run",
      { "anthropic:a": { type: "api_key", provider: "anthropic", keyRef: { source: "exec", provider: "vault", id: "a" } } },
      {},
      0,
    ],
    ["a token that lasts", { "anthropic:a": token(25 * HOUR) }, {}, 0],
    ["a token that ends in exactly 24 hours", { "anthropic:a": token(24 * HOUR) }, {}, 2],
    ["a token that ended", { "anthropic:a": token(0) }, {}, 1],
    ["an expired token beside a key that works", { "anthropic:a": key, "anthropic:b": token(-HOUR) }, {}, 1],
    ["expiring and expired: 1 wins", { "anthropic:a": token(HOUR), "anthropic:b": token(-HOUR) }, {}, 1],
    ["a login that ended but can be refreshed", { "anthropic:a": oauth(-HOUR, "test-refresh") }, {}, 0],
    ["a login that ended and cannot", { "anthropic:a": oauth(-HOUR) }, {}, 1],
    [
      "a login that ended, of a provider nobody told us the client of",
      { "xai:a": { ...oauth(-HOUR, "test-refresh"), provider: "xai" } },
      { ANTHROPIC_API_KEY: "test-key-one" },
      1,
    ],
    ["a login without a known end", { "anthropic:a": { ...oauth(0, "test-refresh"), expires: undefined } }, {}, 1],
    ["a login about to end that is refreshed", { "anthropic:a": oauth(HOUR, "test-refresh") }, {}, 0],
    ["a token whose end cannot be meant", { "anthropic:a": { ...token(0), expires: "soon" } }, {}, 1],
    ["a token without an end", { "anthropic:a": { ...token(0), expires: undefined } }, {}, 0],
    ["a login about to end", { "anthropic:a": oauth(HOUR) }, {}, 2],
    ["an expired token of a provider not in use", { "anthropic:a": key, "xai:a": { ...token(-HOUR), provider: "xai" } }, {}, 1],
  ])("%s", async (_name, profiles, env, code) => {
    expect(await inHome(withProfiles(profiles), ["models", "status", "--check"], env)).toMatchObject({ code });
    expect(await inHome(withProfiles(profiles), ["models", "status"], env)).toMatchObject({ code: 0 });
  });
});

describe("--check judges as a request would be judged", () => {
  const key = (id: string) => ({ [id]: { type: "api_key", provider: "openai", key: "test-key-one" } });
  const mine = (entry: object) => ({ agents: { defaults: { model: "mine/x" } }, models: { providers: { mine: entry } } });
  const baseUrl = "https://llm.example/v1";

  test.each<[string, object, object, Record<string, string>, number, RegExp]>([
    [
      "an order that names an absent profile",
      { order: { openai: ["openai:gone"] } },
      {},
      { OPENAI_API_KEY: "test-key" },
      1,
      /openai: left out: openai:gone \(profile_missing\)\n +openclaw secrets explain openai/u,
    ],
    ["an order that names a good one", { order: { openai: ["openai:a"] }, profiles: key("openai:a") }, {}, {}, 0, /openai:a=/u],
    [
      "a profile of another mode",
      { profiles: key("openai:a") },
      { auth: { profiles: { "openai:a": { provider: "openai", mode: "token" } } } },
      {},
      1,
      /mode_mismatch/u,
    ],
    ["a key of the configuration that does not resolve", {}, mine({ baseUrl, apiKey: "${NO_SUCH}" }), {}, 1, /unresolved_ref/u],
    ["one that does", {}, mine({ baseUrl, apiKey: "${SUCH}" }), { SUCH: "test-key" }, 0, /mine/u],
    ["a refused base URL", {}, mine({ baseUrl: "http://10.0.0.5/v1", apiKey: "test-key" }), {}, 1, /private address/u],
    ["an api nobody knows", {}, mine({ baseUrl, api: "openai", apiKey: "test-key" }), {}, 1, /api is not one of/u],
    [
      "a provider nobody knows",
      {},
      { agents: { defaults: { model: "nosuch/x" } } },
      { NOSUCH_API_KEY: "test-key" },
      1,
      /no such provider/u,
    ],
    [
      "a model without a provider",
      {},
      { agents: { defaults: { model: "gpt-5" } } },
      { OPENAI_API_KEY: "test-key" },
      1,
      /neither an alias/u,
    ],
    [
      "a plan that has its provider's keys",
      {},
      { agents: { defaults: { model: "volcengine-plan/x" } } },
      { VOLCANO_ENGINE_API_KEY: "test-key" },
      0,
      /volcengine-plan/u,
    ],
    [
      "a variable of the plan, which nobody reads",
      {},
      { agents: { defaults: { model: "volcengine-plan/x" } } },
      { VOLCENGINE_PLAN_API_KEY: "test-key" },
      1,
      /set VOLCANO_ENGINE_API_KEY/u,
    ],
  ])("%s", async (_name, content, config, env, code, text) => {
    const openai = { agents: { defaults: { model: "openai/x" } } };
    const files = { [store]: { version: 1, profiles: {}, ...content }, ".openclaw/openclaw.json": { ...openai, ...config } };
    const shown = await inHome(files, ["models", "status", "--check"], env);
    expect(shown.text).toMatch(text);
    expect(shown.code).toBe(code);
  });
});

test("entries of the store that are no accounts are named", async () => {
  const { text } = await inHome(
    withProfiles({
      "openai:typo": { type: "apikey", provider: "openai", key: "test-key-one" },
      "openai:text": "test-key-two",
      "openai:lost": { type: "token" },
    }),
    ["models", "status"],
  );
  expect(text).toMatch(/profiles\.openai:typo is no account.*its type is none of/u);
  expect(text).toMatch(/profiles\.openai:text .*not an object/u);
  expect(text).toMatch(/profiles\.openai:lost .*no provider/u);
  expect(text).not.toContain("test-key");
});

test.each([["--plain"], ["--json"], ["--check"]])("what is wrong with the home is said beside the report: %s", async (flag) => {
  const { text } = await inHome({ ".openclaw/openclaw.json": { gateway: { prot: 1 } } }, ["models", "status", flag]);
  expect(text).toContain("Warning: gateway.prot is not read: if gateway.port is meant, correct it in openclaw.json");
});

test("a store that cannot be parsed is an error that names file and place, and nothing of the content", async () => {
  const { code, text } = await inHome({ [store]: '{\n  "profiles": { "a:b": { "key": "test-key-one" ' }, ["models", "status"]);
  expect(code).toBe(1);
  expect(text).toMatch(/auth-profiles\.json.*(?:line|:)\s*\d/u);
  expect(text).not.toContain("test-key");
});

test("an agent sees its own accounts and, through them, those of main", async () => {
  const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });
  const { text } = await inHome(
    {
      ".openclaw/openclaw.json": {
        agents: {
          list: [
            { id: "main", default: true },
            { id: "work", model: "openai/work-model" },
          ],
        },
      },
      ".openclaw/agents/main/agent/auth-profiles.json": { version: 1, profiles: { "openai:shared": key("shared") } },
      ".openclaw/agents/work/agent/auth-profiles.json": { version: 1, profiles: { "openai:own": key("own") } },
    },
    ["models", "status", "--json", "--agent", "work"],
  );
  const report: unknown = JSON.parse(text);
  expect(report).toMatchObject({
    agentId: "work",
    defaultModel: "openai/work-model",
    modelConfig: { defaultSource: "agent", fallbacksSource: "defaults" },
  });
  expect(text).toMatch(/openai:own=.*\n.*openai:shared=|openai:shared=.*\n.*openai:own=/u);
});

test("names from files cannot drive the terminal", async () => {
  const evil = "x:\u001b]52;c;ZXZpbA==\u0007\u202e\r";
  const { text } = await inHome(withProfiles({ [evil]: { type: "api_key", provider: "x\u001b[2J", key: "test-key-one" } }), [
    "models",
    "status",
  ]);
  expect(text).not.toMatch(/[\u001b\u0007\u202e\r]/u);
});

describe("no output holds a character of a key", () => {
  // Latin-1 letters are sendable and stand nowhere else in the output.
  const letters = Array.from({ length: 95 }, (_, index) => String.fromCodePoint(0xa1 + index));
  const body = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 120 });
  const secret = fc.tuple(fc.constantFrom("", "sk-ant-api03-", "sk-ant-oat01-", "sk-proj-", "AIza"), body).map((parts) => parts.join(""));
  const leak = new RegExp(`[${letters.join("")}]|\\\\u00[a-f][0-9a-f]|%C[23]`, "u");

  const provider = fc.constantFrom("anthropic", "openai", "z.ai", "google", "custom", "__proto__", "");
  const anything = fc.oneof(
    secret,
    secret,
    fc.constantFrom(null, 5, true, "", " "),
    secret.map((value) => ({ value })),
    secret.map((value) => [value]),
  );
  const profile = fc.record(
    {
      type: fc.constantFrom("api_key", "token", "oauth", "nonsense"),
      mode: fc.constantFrom("api_key", "token"),
      provider,
      key: anything,
      apiKey: anything,
      token: anything,
      access: anything,
      refresh: anything,
      keyRef: fc.oneof(anything, fc.constant({ source: "env", provider: "default", id: "SECRET_NAME" })),
      tokenRef: anything,
      expires: fc.oneof(fc.integer(), fc.constant("soon"), fc.constant(null)),
    },
    { requiredKeys: [] },
  );
  const profiles = fc.dictionary(fc.constantFrom("a:1", "b:2", "c:3", "__proto__", "constructor"), fc.oneof(profile, secret));
  const usage = fc.dictionary(
    fc.constantFrom("a:1", "b:2"),
    fc.record({ cooldownUntil: fc.constant(clock.now() + HOUR), errorCount: fc.nat() }),
  );
  const home = fc.record({
    store: fc.record({ version: fc.constant(1), profiles, usageStats: usage, extra: secret }),
    cut: fc.option(fc.nat(400)),
    config: fc.record({
      models: fc.record({
        providers: fc.dictionary(
          fc.constantFrom("openai", "custom"),
          fc.record({ apiKey: anything, baseUrl: fc.constant("https://api.example/v1") }),
        ),
      }),
      env: fc.record({ GROQ_API_KEY: secret, vars: fc.record({ MISTRAL_API_KEY: secret }) }),
      gateway: fc.record({ auth: fc.record({ token: secret }) }),
      auth: fc.option(fc.record({ order: anything }), { nil: undefined }),
    }),
    cutConfig: fc.option(fc.nat(400)),
    env: fc.record({
      ANTHROPIC_API_KEY: secret,
      OPENAI_API_KEYS: fc.array(body, { maxLength: 4 }).map((keys) => keys.join(",")),
      SECRET_NAME: secret,
      ANTHROPIC_OAUTH_TOKEN: secret,
    }),
  });

  test.each([[["--json"]], [["--check"]], [["--plain"]]])("models status %j", async (flags) => {
    await fc.assert(
      fc.asyncProperty(home, async ({ store: content, cut, config, cutConfig, env }) => {
        const cutTo = (value: object, length: number | null) => (length === null ? value : JSON.stringify(value).slice(0, length));
        const shown = await inHome(
          {
            [store]: cutTo(content, cut),
            ".openclaw/openclaw.json": cutTo(config, cutConfig),
            ".openclaw/.env": `OPENROUTER_API_KEY=${env.SECRET_NAME}\n`,
          },
          ["models", "status", ...flags],
          env,
        );
        expect(shown.text).not.toMatch(leak);
        expect(shown.text).not.toBe("");
      }),
      { numRuns: 150 },
    );
  });
});

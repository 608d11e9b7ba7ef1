import { HomeError } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, manualClock, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { CliError } from "../exit.ts";
import { runProgram } from "../program.ts";
import { redactedIo } from "../redacted-io.ts";

const clock = manualClock();
const NOW = clock.now();
const MINUTE = 60_000;
const CONFIG = ".openclaw/openclaw.json";
const SALT = "ab".repeat(32);
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const stateOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-state.json`;
const fingerprint = (value: string) => Secret.of(value).fingerprint(Buffer.from(SALT, "hex"));

const key = (provider: string) => ({ type: "api_key", provider, key: "test-key-one" });
const limited = (leftMs: number, count = 1) => ({ until: NOW + leftMs, reason: "rate_limit", count });
const unpaid = { until: NOW + 9 * MINUTE, reason: "billing", count: 2 };
const ofEnv = fingerprint("test-key-env");

const files = {
  ".openclaw/fingerprint-salt": SALT,
  [CONFIG]: { auth: { credentials: { OPENAI_API_KEYS: { bucket: "team" } } }, agents: { list: [{ id: "main" }, { id: "work" }] } },
  [storeOf("main")]: {
    version: 1,
    profiles: { "anthropic:a": key("anthropic"), "anthropic:b": key("anthropic"), "openai:k": key("openai") },
  },
  [stateOf("main")]: {
    version: 1,
    credentials: {
      "anthropic:a": { lastUsed: 5, windows: { opus: limited(MINUTE, 3), "*": unpaid }, note: "mine" },
      "anthropic:b": { windows: { opus: limited(-MINUTE) } },
      "anthropic:gone": { windows: { "*": limited(MINUTE) } },
      "openai:k": { windows: { gpt: limited(2 * MINUTE) } },
      [ofEnv]: { windows: { gpt: limited(3 * MINUTE) } },
      "bucket:openai:team": { windows: { "*": limited(4 * MINUTE) } },
    },
    lastGood: { anthropic: "anthropic:b" },
  },
  [storeOf("work")]: { version: 1, profiles: { "anthropic:w": key("anthropic") } },
  [stateOf("work")]: { version: 1, credentials: { "anthropic:w": { windows: { "*": limited(MINUTE) } } } },
};
const env = { OPENAI_API_KEYS: "test-key-env, test-key-other" };

async function scene(more: Readonly<Record<string, string | object>> = {}) {
  const home = await createTempHome({ ...files, ...more });
  onTestFinished(() => home.remove());
  const run = async (...argv: readonly string[]) => {
    const lines: string[] = [];
    const code = await runProgram(["models", "auth", "clear-cooldown", ...argv], {
      io: redactedIo({ out: (text) => void lines.push(text), err: (text) => void lines.push(text), secret: () => undefined }),
      env: { ...home.env, ...env },
      cwd: home.path,
      clock,
      harden: () => undefined,
      onSignal: () => undefined,
      onHangup: () => undefined,
      supervisor: undefined,
      output: { backlog: () => 0, abandonAfter: () => undefined },
      exit: () => undefined,
    }).catch((error: unknown) => {
      if (!(error instanceof Error)) throw error;
      lines.push(error.message, error instanceof CliError || error instanceof HomeError ? (error.hint ?? "") : "");
      return 1;
    });
    return { code, text: lines.join("\n") };
  };
  return { home, run };
}

async function windowsOf(home: TempHome, agent = "main"): Promise<Readonly<Record<string, readonly string[]>>> {
  const { credentials } = JSON.parse(await home.read(stateOf(agent)));
  const entries: readonly (readonly [string, { readonly windows: object }])[] = Object.entries(credentials);
  return Object.fromEntries(entries.flatMap(([id, { windows }]) => (Object.keys(windows).length > 0 ? [[id, Object.keys(windows)]] : [])));
}

const all = {
  "anthropic:a": ["opus", "*"],
  "anthropic:b": ["opus"],
  "anthropic:gone": ["*"],
  "openai:k": ["gpt"],
  [ofEnv]: ["gpt"],
  "bucket:openai:team": ["*"],
};

function without(...ids: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([id]) => !ids.includes(id)));
}

describe("what is cleared", () => {
  test.each<[string, readonly string[], object]>([
    ["an account", ["anthropic:a"], without("anthropic:a")],
    ["an account for one model", ["anthropic:a", "--model", "opus"], { ...all, "anthropic:a": ["*"] }],
    ["an account for the model of a provider", ["anthropic:a", "--model", "anthropic/opus"], { ...all, "anthropic:a": ["*"] }],
    ["an account for all models at once", ["anthropic:a", "--model", "*"], { ...all, "anthropic:a": ["opus"] }],
    ["what is left of one that has gone", ["anthropic:gone"], without("anthropic:gone")],
    ["a key by fingerprint", [ofEnv], without(ofEnv)],
    ["accounts by the fingerprint of their key", [fingerprint("test-key-one")], without("anthropic:a", "anthropic:b", "openai:k")],
    ["a key by its place", ["OPENAI_API_KEYS[1]"], without(ofEnv)],
    ["a bucket", ["bucket:openai:team"], without("bucket:openai:team")],
    ["a bucket without its provider", ["bucket:team"], without("bucket:openai:team")],
    ["a provider, with its keys and buckets", ["--provider", "OpenAI"], without("openai:k", ofEnv, "bucket:openai:team")],
    ["a provider, with what is left of accounts", ["--provider", "anthropic"], without("anthropic:a", "anthropic:b", "anthropic:gone")],
    ["everything", ["--all"], {}],
    ["everything of one model", ["--all", "--model", "gpt"], without("openai:k", ofEnv)],
  ])("%s", async (_name, argv, left) => {
    const { home, run } = await scene();
    expect((await run(...argv)).code).toBe(0);
    expect(await windowsOf(home)).toEqual(left);
    expect(await windowsOf(home, "work")).toEqual({ "anthropic:w": ["*"] });
  });

  test.each<[string, object, string]>([
    [
      "a login, by the fingerprint of its name",
      { type: "oauth", provider: "anthropic", access: "test-access", expires: NOW + MINUTE },
      "anthropic:a",
    ],
    ["a reference, by that of its name", { type: "api_key", provider: "anthropic", keyRef: { source: "env", id: "A_KEY" } }, "anthropic:a"],
    [
      "a reference, by that of what it leads to",
      { type: "api_key", provider: "anthropic", keyRef: { source: "env", id: "OPENAI_API_KEYS" } },
      env.OPENAI_API_KEYS,
    ],
  ])("%s, as errors of a gateway name it", async (_name, profile, text) => {
    const { home, run } = await scene({ [storeOf("main")]: { version: 1, profiles: { "anthropic:a": profile } } });
    expect((await run(fingerprint(text))).text).toContain("Cleared 2 cooldowns");
    expect(await windowsOf(home)).toEqual(without("anthropic:a"));
  });

  test("of another agent: its own, and what it reads through to main for", async () => {
    const { home, run } = await scene();
    expect((await run("--provider", "anthropic", "--agent", "work")).code).toBe(0);
    expect([await windowsOf(home, "work"), Object.keys(await windowsOf(home))]).toEqual([{}, ["openai:k", ofEnv, "bucket:openai:team"]]);
  });

  test("leaves everything else as it stands there", async () => {
    const { home, run } = await scene();
    await run("anthropic:a");
    const state = JSON.parse(await home.read(stateOf("main")));
    expect([state.credentials["anthropic:a"], state.lastGood]).toEqual([
      { lastUsed: 5, windows: {}, note: "mine" },
      { anthropic: "anthropic:b" },
    ]);
  });

  test("says which windows, and how long they would have lasted", async () => {
    const { run } = await scene();
    expect((await run("anthropic:a")).text).toBe(
      [
        "Cleared 2 cooldowns of anthropic:a.",
        "  anthropic:a, opus",
        "    rate_limit, the 3rd in a row: 1m were left, until " + new Date(NOW + MINUTE).toTimeString().slice(0, 8),
        "  anthropic:a, all models",
        "    billing, the 2nd in a row: 9m were left, until " + new Date(NOW + 9 * MINUTE).toTimeString().slice(0, 8),
        "In $OPENCLAW_HOME/.openclaw/agents/main/agent/auth-state.json",
        "The next request may use what was cleared. A gateway that runs takes it over",
        "within seconds.",
      ].join("\n"),
    );
    expect((await run("anthropic:b")).text).toContain("rate_limit: had ended, and the next request was to try it");
  });

  test("says of a time that cannot be what requests make of it", async () => {
    const absurd = (reason: string) => ({ windows: { "*": { until: 1e17, reason, count: 1 } } });
    const { run } = await scene({
      [CONFIG]: { auth: { cooldowns: { billingMaxHours: 2 } } },
      [stateOf("main")]: { version: 1, credentials: { "anthropic:a": absurd("rate_limit"), "anthropic:b": absurd("billing") } },
    });
    const { cleared } = JSON.parse((await run("--all", "--json", "--dry-run")).text);
    expect(cleared).toMatchObject([
      { id: "anthropic:a", remainingMs: 60 * MINUTE, until: NOW + 60 * MINUTE },
      { id: "anthropic:b", remainingMs: 120 * MINUTE, until: NOW + 120 * MINUTE },
    ]);
  });

  test("as JSON", async () => {
    const { home, run } = await scene();
    expect(JSON.parse((await run("OPENAI_API_KEYS[1]", "--json")).text)).toEqual({
      version: 1,
      agentId: "main",
      isDryRun: false,
      what: "OPENAI_API_KEYS[1]",
      gateway: { status: "not-running", count: 0, reason: expect.stringContaining("no gateway token") },
      cleared: [
        {
          id: ofEnv,
          origin: "OPENAI_API_KEYS[1]",
          model: "gpt",
          reason: "rate_limit",
          count: 1,
          until: NOW + 3 * MINUTE,
          remainingMs: 3 * MINUTE,
          file: `${home.path}/${stateOf("main")}`,
        },
      ],
    });
  });
});

describe("nothing is written", () => {
  test.each<[string, readonly string[], number, string]>([
    ["in a dry run", ["--all", "--dry-run"], 0, "Dry run, nothing was changed. To be cleared: 7 cooldowns of agent main."],
    ["where there is nothing to clear", ["OPENAI_API_KEYS[2]"], 0, "Nothing to clear: no cooldown of OPENAI_API_KEYS[2] is kept."],
    ["for a model that nothing cools for", ["--all", "--model", "none"], 0, "Nothing to clear: no cooldown of agent main is kept."],
    ["for an account that is misspelt", ["anthropic:ab"], 1, "there is anthropic:a, anthropic:b"],
    ["for a fingerprint of nothing", ["#00000000"], 1, 'called "#00000000"'],
    ["for a bucket of nothing", ["bucket:openai:taem"], 1, "there is bucket:openai:team"],
    ["for a provider that is misspelt", ["--provider", "antropic"], 1, "there is anthropic"],
    ["for an agent that is none", ["--all", "--agent", "nobody"], 1, 'Unknown agent id "nobody"'],
    ["without saying what", [], 1, "Which cooldowns?"],
    ["for two things at once", ["anthropic:a", "--all"], 1, "Choose one of"],
    ["for control characters", ["\u001B]0;x\u0007"], 1, '"\\u001b]0;x\\u0007"'],
  ])("%s", async (_name, argv, code, text) => {
    const { home, run } = await scene();
    const files = async () => (await home.list()).filter((file) => !file.includes("/locks/"));
    const before = { files: await files(), state: await home.read(stateOf("main")) };
    const shown = await run(...argv);
    expect([shown.code, shown.text]).toEqual([code, expect.stringContaining(text)]);
    expect({ files: await files(), state: await home.read(stateOf("main")) }).toEqual(before);
  });

  test("and no file is made where there is none", async () => {
    const { home, run } = await scene();
    await home.write(stateOf("main"), "{}");
    expect((await run("--all")).code).toBe(0);
    expect(await home.read(stateOf("main"))).toBe("{}");
  });

  test.each(["{", '{"version": 2}'])("into a state file that cannot be understood: %s", async (content) => {
    const { home, run } = await scene({ [stateOf("main")]: content });
    const { code, text } = await run("--all");
    expect([code, text]).toEqual([1, expect.stringContaining("auth-state.json")]);
    expect(await home.read(stateOf("main"))).toBe(content);
  });
});

describe("what an older version kept in the store itself", () => {
  const store = {
    version: 1,
    profiles: { "anthropic:a": key("anthropic"), "anthropic:b": key("anthropic") },
    usageStats: {
      "anthropic:a": { lastUsed: 1, cooldownUntil: NOW + MINUTE, cooldownReason: "rate_limit", cooldownModel: "opus", errorCount: 4 },
      "anthropic:b": { disabledUntil: NOW + MINUTE, disabledReason: "billing" },
    },
  };
  const old = { [storeOf("main")]: store, [stateOf("main")]: { version: 1, credentials: {} } };
  const usageIn = async (home: TempHome) => JSON.parse(await home.read(storeOf("main"))).usageStats;

  test("is cleared of one account, and of that one alone", async () => {
    const { home, run } = await scene(old);
    expect((await run("anthropic:a")).text).toContain("rate_limit, the 4th in a row: 1m were left");
    expect(await usageIn(home)).toEqual({ "anthropic:a": { lastUsed: 1 }, "anthropic:b": store.usageStats["anthropic:b"] });
  });

  test("is cleared of a provider, and stays in a dry run and for another model", async () => {
    const { home, run } = await scene(old);
    expect((await run("--all", "--dry-run")).text).toContain("2 cooldowns");
    expect((await run("anthropic:a", "--model", "other")).text).toContain("Nothing to clear");
    expect(await usageIn(home)).toEqual(store.usageStats);
    expect((await run("--provider", "anthropic")).text).toContain("Cleared 2 cooldowns");
    expect(await usageIn(home)).toEqual({ "anthropic:a": { lastUsed: 1 } });
  });

  test("does not come back once the state file says nothing more", async () => {
    const { home, run } = await scene({
      ...old,
      [stateOf("main")]: { version: 1, credentials: { "anthropic:a": { windows: { opus: limited(MINUTE) } } } },
    });
    expect((await run("anthropic:a")).text).toContain("Cleared 1 cooldown");
    expect((await usageIn(home))["anthropic:a"]).toEqual({ lastUsed: 1 });
  });
});

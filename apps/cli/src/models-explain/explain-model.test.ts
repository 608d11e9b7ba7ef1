import { openHome, resolvePaths, type Home } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { explainModel, type ExplainQuery } from "./explain-model.ts";
import type { ExplainedModel, ModelExplanation } from "./explanation.ts";
import { knownHealth } from "./known-health.ts";
import { renderModelExplanation } from "../render/models-explain.ts";

const clock = manualClock();
const NOW = clock.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";

type Files = Readonly<Record<string, string | object>>;
type Env = Readonly<Record<string, string>>;

async function open(files: Files, env: Env = {}): Promise<Home> {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const home = await openHome({
    paths: resolvePaths({ env: all, osHome: folder.path, cwd: folder.path }),
    env: all,
    clock,
    use: "inspect",
  });
  onTestFinished(() => home.close());
  return home;
}

async function explainIn(
  home: Home,
  text: string,
  rest: Partial<Pick<ExplainQuery, "agentId" | "session">> = {},
): Promise<ModelExplanation> {
  const known = await knownHealth(home.current, clock);
  return explainModel(home.current, { text, agentId: undefined, session: undefined, now: NOW, ...known, ...rest });
}

async function explain(text: string, files: Files, env: Env = {}): Promise<ExplainedModel> {
  const [first] = (await explainIn(await open(files, env), text)).models;
  if (!first) throw new Error("no model");
  return first;
}

const key = (value: string, provider = "anthropic") => ({ type: "api_key", provider, key: value });
const token = (expires?: number, provider = "anthropic") => ({
  type: "token",
  provider,
  token: "test-token",
  ...(expires !== undefined && { expires }),
});
const states = ({ candidates }: ExplainedModel) =>
  candidates.map(({ origin, state }) => `${origin.replace("profile anthropic:", "")} ${state}`);
const windows = (of: Readonly<Record<string, object>>) => ({
  version: 1,
  credentials: Object.fromEntries(Object.entries(of).map(([id, byModel]) => [id, { windows: byModel }])),
});
const limited = (until: number, count = 1) => ({ until, reason: "rate_limit", count });
const OPUS = "anthropic/claude-opus-4-6";

describe("a stream", () => {
  const env = { ANTHROPIC_API_KEYS: "test-key-1 test-key-2" };
  const profiles = { "anthropic:key": key("test-key-profile"), "anthropic:plan": token() };

  test("is in the order of a request, with the rule that put each there and where it is from", async () => {
    const { candidates, end, first, strategy } = await explain(
      OPUS,
      { [STORE]: { profiles }, [CONFIG]: { models: { providers: { anthropic: { apiKey: "test-key-config" } } } } },
      env,
    );
    expect(
      candidates.map(({ position, origin, rule, via, billing, source }) => [position, origin, via, rule, billing, source.kind]),
    ).toEqual([
      [1, "profile anthropic:plan", "profile", "type_order", "subscription", "store"],
      [2, "profile anthropic:key", "profile", "type_order", "metered", "store"],
      [3, "ANTHROPIC_API_KEYS[1]", "env", "env_order", "metered", "env"],
      [4, "ANTHROPIC_API_KEYS[2]", "env", "env_order", "metered", "env"],
      [5, "models.providers.anthropic.apiKey", "config", "config_key", "metered", "config"],
    ]);
    expect(candidates[2]?.source).toEqual({ kind: "env", variable: "ANTHROPIC_API_KEYS", layer: "env" });
    expect([end.code, first, strategy]).toEqual(["spent", "anthropic:plan", "ordered"]);
  });

  test("shows keys by fingerprint, and a login by nothing", async () => {
    const { candidates } = await explain(
      OPUS,
      {
        [STORE]: { profiles: { "anthropic:login": { type: "oauth", provider: "anthropic", access: "test-access", expires: NOW + HOUR } } },
      },
      { ANTHROPIC_API_KEY: "sk-ant-api03-test" },
    );
    expect(candidates.map(({ value }) => value)).toEqual([null, expect.stringMatching(/^sk-ant-api03-#[0-9a-f]{8}$/u)]);
  });

  test("says what moves on from each: account failures from a profile, rate limits alone from a key, and a refusal is first renewed", async () => {
    const login = { type: "oauth", provider: "anthropic", access: "test-access", refresh: "test-refresh", expires: NOW + HOUR };
    const { candidates } = await explain(
      OPUS,
      { [STORE]: { profiles: { "anthropic:login": login, "anthropic:key": key("test-key-one") } } },
      { ANTHROPIC_API_KEY: "test-key-two" },
    );
    const account = ["rate_limit", "billing", "auth", "auth_permanent", "overloaded"];
    expect(candidates.map(({ movesOn, renews }) => [movesOn, renews])).toEqual([
      [account, ["auth", "auth_permanent"]],
      [account, []],
      [["rate_limit"], []],
    ]);
  });

  test("heeds the limits of how often a request moves on", async () => {
    const auth = { cooldowns: { rateLimitedProfileRotations: 1 } };
    const { candidates } = await explain(OPUS, {
      [STORE]: { profiles: { "anthropic:a": key("a"), "anthropic:b": key("b"), "anthropic:c": key("c") } },
      [CONFIG]: { auth },
    });
    expect(candidates.map(({ movesOn }) => movesOn.includes("rate_limit"))).toEqual([true, false, false]);
  });

  test("says of which credentials each list of failures is, where they differ", async () => {
    const home = await open({
      [STORE]: { profiles: { "anthropic:a": key("a"), "anthropic:b": key("b"), "anthropic:c": key("c"), "anthropic:d": key("d") } },
      [CONFIG]: { auth: { cooldowns: { overloadedProfileRotations: 1 } } },
    });
    const text = renderModelExplanation(await explainIn(home, OPUS), { display: (path) => path });
    expect(text).toMatch(
      /\nMoves on {2}from profile 1 after [^]*overloaded\nMoves on {2}from profiles 2 to 4 after rate_limit, billing, auth, auth_permanent\n/u,
    );
  });

  test.each<[string, object, object, string, string]>([
    ["the store", { order: { anthropic: ["anthropic:key"] } }, {}, "order_store", "order_store"],
    ["the configuration", {}, { auth: { order: { Anthropic: ["anthropic:key"] } } }, "order_config", "order_config"],
  ])("that an order of %s ends leaves out the rest, with reasons", async (_name, store, config, code, rule) => {
    const { candidates, leftOut, end } = await explain(OPUS, { [STORE]: { profiles, ...store }, [CONFIG]: config }, env);
    expect([candidates.map(({ id, rule }) => [id, rule]), end.code]).toEqual([[["anthropic:key", rule]], code]);
    expect(leftOut.map(({ origin, reasonCode }) => [origin, reasonCode])).toEqual([
      ["profile anthropic:plan", "excluded_by_auth_order"],
      ["ANTHROPIC_API_KEYS[1]", "beyond_order"],
      ["ANTHROPIC_API_KEYS[2]", "beyond_order"],
    ]);
  });

  test("that a live key takes the place of says so of everything else", async () => {
    const { candidates, leftOut, end } = await explain(
      OPUS,
      { [STORE]: { profiles } },
      { ...env, OPENCLAW_LIVE_ANTHROPIC_KEY: "test-key-live" },
    );
    expect([candidates.map(({ origin, rule }) => [origin, rule]), end.code]).toEqual([
      [["OPENCLAW_LIVE_ANTHROPIC_KEY", "live_key"]],
      "live_key",
    ]);
    expect(leftOut.map(({ reasonCode }) => reasonCode)).toEqual([
      "beyond_live_key",
      "beyond_live_key",
      "beyond_live_key",
      "beyond_live_key",
    ]);
  });

  test("names the same key once, and what it is in addition", async () => {
    const config = { models: { providers: { anthropic: { apiKey: "${ANTHROPIC_API_KEY}" } } } };
    const { candidates, leftOut } = await explain(
      OPUS,
      { [STORE]: { profiles: { "anthropic:a": key("test-key-one") } }, [CONFIG]: config },
      { ANTHROPIC_API_KEY: "test-key-one" },
    );
    expect(candidates.map(({ origin, state, isUsableNow }) => [origin, state, isUsableNow])).toEqual([
      ["profile anthropic:a", "usable", true],
      ["ANTHROPIC_API_KEY", "same_key", false],
    ]);
    expect(leftOut).toMatchObject([{ origin: "models.providers.anthropic.apiKey", reasonCode: "same_key" }]);
  });

  test("of a server on this machine needs no key", async () => {
    const { candidates } = await explain("ollama/llama", {});
    expect(candidates).toMatchObject([{ via: "none", source: { kind: "none" }, rule: "no_key", billing: "local", state: "usable" }]);
  });
});

describe("the state of a credential", () => {
  test.each<[string, object, Env, string, string | undefined]>([
    ["that never ends", key("test-key-one"), {}, "usable", undefined],
    ["that ends within a day", token(NOW + HOUR), {}, "expiring", undefined],
    [
      "that is a login whose access has ended",
      { type: "oauth", provider: "xai", access: "test-access", expires: NOW - 1 },
      {},
      "unusable",
      "expired",
    ],
    [
      "that is a reference which resolves",
      { ...key(""), key: undefined, keyRef: { source: "env", id: "SOME_KEY" } },
      { SOME_KEY: "test-key-one" },
      "usable",
      undefined,
    ],
    [
      "that is a reference which does not",
      { ...key(""), key: undefined, keyRef: { source: "env", id: "SOME_KEY" } },
      {},
      "unusable",
      "unresolved_ref",
    ],
  ])("%s", async (_name, entry, env, state, reasonCode) => {
    const { candidates } = await explain(
      "anthropic/m",
      { [STORE]: { profiles: { "anthropic:a": { ...entry, provider: "anthropic" } } } },
      env,
    );
    expect(candidates.map((candidate) => [candidate.state, candidate.reasonCode])).toEqual([[state, reasonCode]]);
  });

  test("whose access has ended and can be renewed is not refused before a request tries that", async () => {
    const login = { type: "oauth", provider: "anthropic", access: "test-access", refresh: "test-refresh", expires: NOW - 1 };
    const config = { models: { providers: { anthropic: { oauth: { tokenUrl: "https://id.anthropic.test/token", clientId: "client" } } } } };
    const { candidates, first } = await explain(OPUS, { [STORE]: { profiles: { "anthropic:a": login } }, [CONFIG]: config });
    expect([candidates[0]?.state, first]).toEqual(["refreshable", "anthropic:a"]);
  });

  test("that a command would give is not run", async () => {
    const config = { secrets: { providers: { vault: { source: "exec", command: "/usr/local/bin/vault-resolver" } } } };
    const profiles = { "anthropic:a": { type: "api_key", provider: "anthropic", keyRef: { source: "exec", provider: "vault", id: "a" } } };
    expect(states(await explain(OPUS, { [STORE]: { profiles }, [CONFIG]: config }))).toEqual(["a not_run"]);
  });

  test("whose reference leads nowhere keeps keys out, and the other profiles in", async () => {
    const profiles = { "anthropic:a": { ...key("${NO_KEY}") }, "anthropic:b": key("test-key-b") };
    const env = { ANTHROPIC_API_KEY: "test-key-one" };
    const both = await explain(OPUS, { [STORE]: { profiles } }, env);
    expect([states(both), both.first]).toEqual([["a unusable", "b usable", "ANTHROPIC_API_KEY usable"], "anthropic:b"]);
    const alone = await explain(OPUS, { [STORE]: { profiles: { "anthropic:a": profiles["anthropic:a"] } } }, env);
    expect([states(alone), alone.first]).toEqual([["a unusable", "ANTHROPIC_API_KEY unreachable"], null]);
  });

  test("in a window comes last, with when it ends; a window of another model does not matter", async () => {
    const files = {
      [STORE]: { profiles: { "anthropic:a": key("a"), "anthropic:b": key("b"), "anthropic:c": key("c") } },
      [STATE]: windows({
        "anthropic:a": { "claude-opus-4-6": limited(NOW + 2 * MINUTE, 2) },
        "anthropic:b": { other: limited(NOW + MINUTE) },
        "anthropic:c": { "*": { until: NOW + MINUTE, reason: "billing", count: 1 } },
      }),
    };
    const model = await explain(OPUS, files);
    expect(states(model)).toEqual(["b usable", "c cooling", "a cooling"]);
    expect(model.candidates[2]).toMatchObject({
      nextRetryAt: NOW + 2 * MINUTE,
      windows: [
        { model: "claude-opus-4-6", reason: "rate_limit", until: NOW + 2 * MINUTE, remainingMs: 2 * MINUTE, count: 2, state: "cooling" },
      ],
    });
    expect(model.candidates[1]?.windows).toMatchObject([{ state: "disabled" }]);
  });

  test("whose window has ended is half-open and tried", async () => {
    const files = {
      [STORE]: { profiles: { "anthropic:a": key("a") } },
      [STATE]: windows({ "anthropic:a": { "*": limited(NOW - MINUTE) } }),
    };
    const { candidates, first } = await explain(OPUS, files);
    expect([candidates[0]?.state, candidates[0]?.isUsableNow, first]).toEqual(["half_open", true, "anthropic:a"]);
  });

  test("shares the window of its bucket", async () => {
    const env = { OPENAI_API_KEYS: "test-key-1 test-key-2", OPENAI_API_KEY: "test-key-3" };
    const files = {
      [CONFIG]: { auth: { credentials: { OPENAI_API_KEYS: { bucket: "team", maxConcurrent: 2 } } } },
      [STATE]: windows({ "bucket:openai:team": { "*": limited(NOW + MINUTE) } }),
    };
    const model = await explain("openai/gpt-5.4", files, env);
    expect(states(model)).toEqual(["OPENAI_API_KEY usable", "OPENAI_API_KEYS[1] cooling", "OPENAI_API_KEYS[2] cooling"]);
    expect(model.candidates[1]).toMatchObject({
      bucket: "team",
      maxConcurrent: 2,
      windows: [{ kind: "bucket", id: "bucket:openai:team" }],
    });
  });

  test("is known of keys of the environment too, and of windows an older version kept", async () => {
    const salt = "ab".repeat(32);
    const files = {
      [STORE]: { profiles: { "openai:a": key("a", "openai") }, usageStats: { "openai:a": { cooldownUntil: NOW + MINUTE } } },
      [STATE]: windows({ [Secret.of("test-key-one").fingerprint(Buffer.from(salt, "hex"))]: { "*": limited(NOW + 2 * MINUTE) } }),
      ".openclaw/fingerprint-salt": salt,
    };
    expect(states(await explain("openai/gpt", files, { OPENAI_API_KEY: "test-key-one" }))).toEqual([
      "profile openai:a cooling",
      "OPENAI_API_KEY cooling",
    ]);
  });
});

describe("a pin", () => {
  test("of the configuration is explained like any, and its fallbacks follow; one of them whose profile is gone is passed over", async () => {
    const home = await open({
      [STORE]: { profiles: { "anthropic:a": key("test-key-a"), "anthropic:work": key("test-key-b") } },
      [CONFIG]: {
        agents: {
          defaults: { model: { primary: `${OPUS}@anthropic:work`, fallbacks: ["anthropic/b@anthropic:gone", "anthropic/c@anthropic:a"] } },
        },
      },
    });
    const { models, pin } = await explainIn(home, "openclaw");
    expect(pin).toEqual({ profileId: "anthropic:work", mode: "strict" });
    expect(models.map(({ candidates, problem }) => [candidates.map(({ origin }) => origin), problem?.code])).toEqual([
      [["profile anthropic:work"], undefined],
      [[], "profile_missing"],
      [["profile anthropic:a"], undefined],
    ]);
  });

  const profiles = { "anthropic:work": token(), "anthropic:old": token(NOW - 1), "minimax:k": key("k", "minimax") };
  const files = { [STORE]: { profiles }, [CONFIG]: { agents: { defaults: { model: { primary: OPUS, fallbacks: ["minimax/m"] } } } } };

  test("is that profile alone, and no fallback follows", async () => {
    const { models, pin, isUsableNow } = await explainIn(await open(files), `${OPUS}@anthropic:work`);
    expect([pin, isUsableNow]).toEqual([{ profileId: "anthropic:work", mode: "strict" }, true]);
    expect(
      models.map(({ candidates, end, leftOut }) => [
        candidates.map(({ id, rule }) => [id, rule]),
        end.code,
        leftOut.map(({ reasonCode }) => reasonCode),
      ]),
    ).toEqual([[[["anthropic:work", "pin"]], "pin", ["beyond_pin"]]]);
  });

  test("that is a first choice is followed by the others, and by the fallbacks", async () => {
    const home = await open({
      ...files,
      [CONFIG]: { auth: { pins: "prefer" }, agents: { defaults: { model: { fallbacks: ["minimax/m"] } } } },
    });
    const { models, pin } = await explainIn(home, `${OPUS}@anthropic:old`);
    expect(pin?.mode).toBe("prefer");
    expect(models.map(({ candidates }) => candidates.map(({ id }) => id))).toEqual([["anthropic:work"], ["minimax:k"]]);
  });

  test("that is a key before a flat plan, as a first choice, is not called a flat plan", async () => {
    const own = { "anthropic:work": key("work"), "anthropic:sub": token(), "anthropic:home": key("home") };
    const home = await open({ [STORE]: { profiles: own }, [CONFIG]: { auth: { pins: "prefer" } } });
    const explanation = await explainIn(home, `${OPUS}@anthropic:work`);
    expect(explanation.models[0]?.billing).toEqual({
      crossing: "refused",
      setting: "refuse",
      because:
        'a flat plan stands in what was pinned or ordered: 1 credential paid per token left out; auth.billingCrossing: "allow" lets requests go on to it',
    });
    const text = renderModelExplanation(explanation, { display: (path) => path }).replaceAll(/\s+/gu, " ");
    expect(text).toContain("anthropic:work is the first choice: what is not left out comes after it");
  });

  test("that has gone is an error for a first choice too: nothing else is tried, and all accounts are named", async () => {
    const few = { "anthropic:work": token(), "anthropic:home": key("home"), "anthropic:sub": token(), "minimax:k": key("k", "minimax") };
    const home = await open({
      [STORE]: { profiles: few },
      [CONFIG]: { auth: { pins: "prefer" }, agents: { defaults: { model: { primary: OPUS, fallbacks: ["minimax/m"] } } } },
    });
    const explanation = await explainIn(home, `${OPUS}@anthropic:nope`);
    expect([explanation.isUsableNow, explanation.models]).toMatchObject([
      false,
      [{ first: null, candidates: [], leftOut: [], end: { code: "pin" }, problem: { code: "profile_missing" } }],
    ]);
    const hint = explanation.models[0]?.problem?.hint ?? "";
    for (const id of ["anthropic:work", "anthropic:home", "anthropic:sub"]) expect(hint).toContain(id);
    const text = renderModelExplanation(explanation, { display: (path) => path });
    expect(text).toContain("anthropic:nope");
    expect(text).not.toMatch(/same_key|after it|the others/u);
  });

  test.each([
    ["that has gone", "anthropic:wrok", "profile_missing", /did you mean anthropic:work\?/u],
    ["that has ended", "anthropic:old", "expired", /openclaw models auth paste-token/u],
    ["of another provider's", "minimax:k", "provider_mismatch", /minimax/u],
  ])("%s is shown with its reason and what helps", async (_name, id, code, hint) => {
    const { models, isUsableNow } = await explainIn(await open(files), `${OPUS}@${id}`);
    expect([isUsableNow, models]).toMatchObject([
      false,
      [{ first: null, candidates: [], problem: { code, hint: expect.stringMatching(hint) } }],
    ]);
  });
});

describe("names of models", () => {
  const config = {
    agents: {
      defaults: {
        model: { primary: "opus", fallbacks: ["xai/grok-4", "openai/gpt-5.4", "nothing"] },
        models: { "xai/grok-4": { alias: "opus" } },
      },
      list: [{ id: "main" }, { id: "work", model: "openai/gpt-5.4" }],
    },
  };

  test.each([
    ["opus", ["xai/grok-4", "openai/gpt-5.4"], "main"],
    ["openclaw", ["xai/grok-4", "openai/gpt-5.4"], "main"],
    ["openclaw/default", ["xai/grok-4", "openai/gpt-5.4"], "main"],
    ["openclaw/work", ["openai/gpt-5.4", "xai/grok-4"], "work"],
    ["xai/grok", ["xai/grok", "xai/grok-4", "openai/gpt-5.4"], "main"],
  ])("%s asks %j of agent %s", async (text, names, agentId) => {
    const { models, agentId: agent, skippedFallbacks } = await explainIn(await open({ [CONFIG]: config }), text);
    expect([models.map(({ provider, model }) => `${provider}/${model}`), agent]).toEqual([names, agentId]);
    expect(skippedFallbacks).toEqual([{ name: "nothing", reason: "it is neither an alias nor provider/model" }]);
  });

  test.each([
    ["claude-opus-4-6", /anthropic\/claude-opus-4-6/u],
    ["antropic/claude-x", /anthropic\/claude-x/u],
    ["opsu", /opus/u],
    ["anthropic/", /^did you mean anthropic\/claude-opus-4-6\?/u],
    ["groq/", /for example anthropic\/claude-opus-4-6/u],
    ["openclaw/wrok", /openclaw\/work|configured are/u],
    ["\u001B[2J", /models status/u],
    ["", /models status/u],
  ])("%j is none, and what is like it is named", async (text, hint) => {
    await expect(explainIn(await open({ [CONFIG]: config }), text)).rejects.toMatchObject({ hint: expect.stringMatching(hint) });
  });

  test("two agents are too many", async () => {
    await expect(explainIn(await open({ [CONFIG]: config }), "openclaw/work", { agentId: "main" })).rejects.toMatchObject({
      name: "CliError",
    });
  });
});

describe("who pays", () => {
  const profiles = { "anthropic:plan": token(), "anthropic:key": key("test-key-one") };

  test("going on from a flat plan is announced where nothing was ordered", async () => {
    const { billing, candidates } = await explain(OPUS, { [STORE]: { profiles } });
    expect([billing.crossing, billing.setting, candidates.map(({ isCrossing }) => isCrossing)]).toEqual([
      "announced",
      "refuse",
      [false, true],
    ]);
  });

  test("is refused within an order, by the setting that is named", async () => {
    const order = { anthropic: ["anthropic:plan", "anthropic:key"] };
    const { billing, candidates, leftOut } = await explain(OPUS, { [STORE]: { profiles, order } });
    expect([billing.crossing, candidates.length, leftOut.map(({ reasonCode }) => reasonCode)]).toEqual(["refused", 1, ["billing_fence"]]);
    expect(billing.because).toContain('auth.billingCrossing: "allow"');
    const allowed = await explain(OPUS, { [STORE]: { profiles, order }, [CONFIG]: { auth: { billingCrossing: "allow" } } });
    expect([allowed.billing.crossing, allowed.billing.setting]).toEqual(["announced", "allow"]);
  });

  test("a fallback that is paid per token behind a flat plan is announced too", async () => {
    const config = { agents: { defaults: { model: { primary: OPUS, fallbacks: ["minimax/m"] } } } };
    const home = await open({ [STORE]: { profiles: { "anthropic:plan": token(), "minimax:k": key("k", "minimax") } }, [CONFIG]: config });
    expect((await explainIn(home, "openclaw")).models.map(({ billing }) => billing.crossing)).toEqual(["none", "announced"]);
  });
});

describe("a strategy that spreads", () => {
  const scene = (strategy: string) => ({
    [STORE]: { profiles: { "anthropic:a": key("a"), "anthropic:b": key("b") } },
    [CONFIG]: { auth: { strategies: { anthropic: strategy } } },
  });
  const textOf = (explanation: ModelExplanation) =>
    renderModelExplanation(explanation, { display: (path) => path }).replaceAll(/\s+/gu, " ");

  test.each(["least-used", "most-headroom"])("%s goes by what is not known here, and that is said", async (strategy) => {
    const explanation = await explainIn(await open(scene(strategy)), OPUS);
    expect(explanation.notes).toEqual([expect.stringMatching(`^${strategy} goes by what a running gateway has under way`)]);
    expect(textOf(explanation)).toContain("With nothing under way, the next request asks profile anthropic:a first.");
    expect(textOf(explanation)).toContain(explanation.notes[0]);
  });

  test("a session, a pin and a lone credential are certain all the same", async () => {
    const home = await open(scene("least-used"));
    const alone = { ...scene("least-used"), [STORE]: { profiles: { "anthropic:a": key("a") } } };
    const explanations = [
      await explainIn(home, OPUS, { session: { key: "s", id: "s" } }),
      await explainIn(home, `${OPUS}@anthropic:b`),
      await explainIn(await open(alone), OPUS),
      await explainIn(await open(scene("fill-first")), OPUS),
    ];
    for (const explanation of explanations) {
      expect(explanation.notes).toEqual([]);
      expect(textOf(explanation)).toContain(" The next request asks ");
    }
  });
});

test("an address that is refused keeps every request back", async () => {
  const { problem, first } = await explain("mine/x", {
    [CONFIG]: { models: { providers: { mine: { baseUrl: "http://llm.example", apiKey: "test-key-one" } } } },
  });
  expect([problem?.code, first]).toEqual(["provider_unusable", null]);
});

test("a state file that cannot be read is a note, and no error", async () => {
  const { notes, isUsableNow } = await explainIn(await open({ [STORE]: { profiles: { "anthropic:a": key("a") } }, [STATE]: "{" }), OPUS);
  expect([notes.length, isUsableNow]).toEqual([1, true]);
});

test("a thousand accounts are explained, each with its place", async () => {
  const profiles = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`anthropic:${index}`, key(`test-key-${index}`)]));
  const { candidates } = await explainIn(
    await open({ [STORE]: { profiles }, [CONFIG]: { auth: { cooldowns: { rateLimitedProfileRotations: 2 } } } }),
    OPUS,
  ).then(({ models: [first] }) => first ?? { candidates: [] });
  expect(new Set(candidates.map(({ id }) => id)).size).toBe(1000);
});

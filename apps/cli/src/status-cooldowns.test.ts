import { Secret } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { redactedIo } from "./redacted-io.ts";

const clock = manualClock();
const NOW = clock.now();
const MINUTE = 60_000;
const CONFIG = ".openclaw/openclaw.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const stateOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-state.json`;
const SALT = "ab".repeat(32);
const fingerprint = (value: string) => Secret.of(value).fingerprint(Buffer.from(SALT, "hex"));
const timeOf = (at: number) => new Date(at).toTimeString().slice(0, 8);

type Files = Readonly<Record<string, string | object>>;

async function status(
  files: Files,
  { env = {}, argv = [] }: { readonly env?: Readonly<Record<string, string>>; readonly argv?: readonly string[] } = {},
) {
  const home = await createTempHome({ ".openclaw/fingerprint-salt": SALT, ...files });
  const run = async (...more: readonly string[]) => {
    const lines: string[] = [];
    await runProgram(["models", "status", ...argv, ...more], {
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
    });
    return lines.join("\n");
  };
  try {
    return { text: await run(), json: JSON.parse(await run("--json")) };
  } finally {
    await home.remove();
  }
}

const key = (provider = "anthropic") => ({ type: "api_key", provider, key: "test-key-one" });
const token = { type: "token", provider: "anthropic", token: "test-token" };
const limited = (leftMs: number, count = 1) => ({ until: NOW + leftMs, reason: "rate_limit", count });
const state = (windows: Readonly<Record<string, object>>) => ({
  version: 1,
  credentials: Object.fromEntries(Object.entries(windows).map(([id, own]) => [id, { windows: own }])),
});

describe("what cools down", () => {
  const profiles = { "anthropic:a": key(), "anthropic:b": key() };

  test("is shown with its reason, its model and its time, as people and programs read it", async () => {
    const kept = state({
      "anthropic:a": { opus: limited(4 * MINUTE + 12_000, 2) },
      "anthropic:b": { "*": { until: NOW + 9 * MINUTE, reason: "billing", count: 1 } },
    });
    const { text, json } = await status({ [storeOf("main")]: { profiles }, [stateOf("main")]: kept });
    expect(text).toMatch(
      new RegExp(
        `anthropic:a=#\\w{8} +static\\n {6}cooling 4m 12s \\(rate_limit, opus\\), retry at ${timeOf(NOW + 4 * MINUTE + 12_000)}\\n`,
        "u",
      ),
    );
    expect(text).toMatch(
      new RegExp(`anthropic:b=#\\w{8} +static\\n {6}disabled 9m \\(billing\\), retry at ${timeOf(NOW + 9 * MINUTE)}`, "u"),
    );
    expect(json.auth.unusableProfiles).toEqual([
      {
        profileId: "anthropic:a",
        provider: "anthropic",
        kind: "cooldown",
        reason: "rate_limit",
        until: NOW + 252_000,
        remainingMs: 252_000,
        model: "opus",
        count: 2,
      },
      {
        profileId: "anthropic:b",
        provider: "anthropic",
        kind: "disabled",
        reason: "billing",
        until: NOW + 540_000,
        remainingMs: 540_000,
        count: 1,
      },
    ]);
    expect(json.auth.cooldowns).toMatchObject([
      { id: "anthropic:a", kind: "profile", state: "cooling", model: "opus", count: 2 },
      { id: "anthropic:b", kind: "profile", state: "disabled", model: "*", reason: "billing" },
    ]);
  });

  test("and has ended is half-open, and unusable no more", async () => {
    const { text, json } = await status({
      [storeOf("main")]: { profiles },
      [stateOf("main")]: state({ "anthropic:a": { "*": limited(0, 3) } }),
    });
    expect(text).toContain("      half-open: the next request tries it (rate_limit)");
    expect([json.auth.unusableProfiles, json.auth.cooldowns]).toMatchObject([
      [],
      [{ id: "anthropic:a", state: "half_open", remainingMs: 0, count: 3 }],
    ]);
    expect(text).not.toContain("[cooldown");
  });

  test("is known of keys and of quotas that several share", async () => {
    const env = { OPENAI_API_KEYS: "test-key-1 test-key-2", ANTHROPIC_API_KEY: "test-key-3" };
    const [one] = [fingerprint("test-key-1")];
    const { text, json } = await status(
      { [stateOf("main")]: state({ [one]: { "*": limited(MINUTE) }, "bucket:openai:team": { "*": limited(2 * MINUTE) } }) },
      { env },
    );
    expect(text).toMatch(/OPENAI_API_KEYS\[1\]=#\w{8} +key\n {6}cooling 1m \(rate_limit\)/u);
    expect(text).toMatch(/\nCooldowns\n {2}bucket:openai:team\n {4}cooling 2m \(rate_limit\)/u);
    expect(json.auth.unusableProfiles).toEqual([]);
    expect(json.auth.cooldowns).toMatchObject([
      { id: one, kind: "key", provider: "openai", origin: "OPENAI_API_KEYS[1]" },
      { id: "bucket:openai:team", kind: "bucket", provider: "openai" },
    ]);
  });

  test("is that of the agent: its own, what it reads through to main for, and no other's", async () => {
    const files = {
      [CONFIG]: { agents: { list: [{ id: "main" }, { id: "work" }, { id: "other" }] } },
      [storeOf("main")]: { profiles: { "anthropic:a": key(), "anthropic:m": key() } },
      [stateOf("main")]: state({ "anthropic:a": { "*": limited(MINUTE) }, "anthropic:m": { "*": limited(2 * MINUTE) } }),
      [storeOf("work")]: { profiles: { "anthropic:a": key() } },
      [stateOf("work")]: state({ "anthropic:a": { "*": limited(3 * MINUTE) } }),
      [storeOf("other")]: { profiles: { "anthropic:o": key() } },
      [stateOf("other")]: state({ "anthropic:o": { "*": limited(4 * MINUTE) } }),
    };
    const { json } = await status(files, { argv: ["--agent", "work"] });
    const seen = json.auth.cooldowns.map(({ id, remainingMs }: { readonly id: string; readonly remainingMs: number }) => [
      id,
      remainingMs / MINUTE,
    ]);
    expect(seen).toEqual([
      ["anthropic:m", 2],
      ["anthropic:a", 3],
    ]);
  });

  test("of an older version is shown too, for as long as requests heed it", async () => {
    const usageStats = { "anthropic:a": { cooldownUntil: NOW + 48 * 60 * MINUTE, errorCount: 3 } };
    const { json } = await status({ [storeOf("main")]: { profiles, usageStats } });
    expect(json.auth.unusableProfiles).toMatchObject([{ profileId: "anthropic:a", remainingMs: 48 * 60 * MINUTE }]);
    expect(json.auth.cooldowns).toMatchObject([{ id: "anthropic:a", reason: "rate_limit", remainingMs: 60 * MINUTE }]);
  });

  test.each([
    ["{", {}],
    ["[]", {}],
    ['{"version": 2}', {}],
    ["a folder", { [`${stateOf("main")}/file`]: "" }],
  ])("that cannot be read is said once, of the right file and with what to do: %s", async (content, folder) => {
    const state = Object.keys(folder).length > 0 ? folder : { [stateOf("main")]: content };
    const { json, text } = await status({ [storeOf("main")]: { profiles }, ...state });
    const path = expect.stringMatching(/\/main\/agent\/auth-state\.json$/u);
    expect(json.auth.storeNotes).toEqual([{ code: expect.any(String), message: expect.any(String), path, hint: expect.any(String) }]);
    expect(json.auth.cooldowns).toEqual([]);
    const [{ message, hint }] = json.auth.storeNotes;
    expect(text).toContain(`\n\nIn $OPENCLAW_HOME/${stateOf("main")}\n  ${message}\n    ${hint}`);
    expect(text).not.toContain("auth-profiles.json");
  });

  test("shows no control character of a name", async () => {
    const id = "anthropic:\u001B]52;c;x\u0007\u202Eevil";
    const { text } = await status({
      [storeOf("main")]: { profiles: { [id]: key() } },
      [stateOf("main")]: state({ [id]: { "m\u001B[2J": limited(MINUTE) } }),
    });
    expect(text).toContain("cooling 1m");
    expect([...text].filter((character) => character < " " && character !== "\n")).toEqual([]);
    expect(text).not.toContain("\u202E");
  });
});

describe("who pays", () => {
  const config = (auth: object = {}) => ({ [CONFIG]: { auth, agents: { defaults: { model: "anthropic/opus" } } } });
  const profiles = { "anthropic:plan": token, "anthropic:key": key() };
  const cooling = state({ "anthropic:plan": { "*": limited(MINUTE) } });

  test("is told while what is paid per token serves although a flat plan is there", async () => {
    const { text, json } = await status({ ...config(), [storeOf("main")]: { profiles }, [stateOf("main")]: cooling });
    expect(text).toContain(
      "\nBilling\n  anthropic/opus: the next request is paid per token, with profile anthropic:key: no flat plan can be used now",
    );
    expect(json.auth.billingNotices).toMatchObject([
      { asked: "anthropic/opus", kind: "paid", served: { id: "anthropic:key", model: "anthropic/opus" } },
    ]);
    expect((await status({ ...config(), [storeOf("main")]: { profiles } })).json.auth.billingNotices).toEqual([]);
  });

  test("is told of a fallback, and of an order that refuses", async () => {
    const models = { [CONFIG]: { agents: { defaults: { model: { primary: "anthropic/opus", fallbacks: ["minimax/m"] } } } } };
    const fallback = await status({
      ...models,
      [storeOf("main")]: { profiles: { "anthropic:plan": token, "minimax:k": key("minimax") } },
      [stateOf("main")]: cooling,
    });
    expect(fallback.json.auth.billingNotices).toMatchObject([{ kind: "paid", served: { id: "minimax:k", model: "minimax/m" } }]);
    const order = { order: { anthropic: ["anthropic:plan", "anthropic:key"] } };
    const refused = await status({ ...config(order), [storeOf("main")]: { profiles }, [stateOf("main")]: cooling });
    expect(refused.json.auth.billingNotices).toMatchObject([{ asked: "anthropic/opus", kind: "refused" }]);
    expect(refused.text).toContain('auth.billingCrossing: "allow"');
  });

  test("is shown of an account where its kind does not say it, and so are settings that are not the usual ones", async () => {
    const auth = { pins: "prefer", billingCrossing: "allow", strategies: { anthropic: "least-used" } };
    const { text, json } = await status({
      ...config(auth),
      [storeOf("main")]: { profiles: { "anthropic:oat": { ...key(), key: "sk-ant-oat01-test" }, "anthropic:key": key() } },
    });
    expect(text).toMatch(/anthropic:oat=sk-ant-oat01-#\w{8} +static, flat plan\n/u);
    expect(text).toMatch(/anthropic:key=#\w{8} +static$/u);
    expect(text).toContain("\n  anthropic, least-used\n");
    expect(text).toMatch(/Pins +: a first choice[^\n]*\nBilling +: /u);
    expect(json.auth).toMatchObject({
      pins: "prefer",
      billingCrossing: "allow",
      providers: [{ provider: "anthropic", strategy: "least-used" }],
    });
    const usual = await status({ ...config(), [storeOf("main")]: { profiles } });
    expect(usual.text).not.toMatch(/Pins|Billing|ordered|flat plan|paid/u);
  });
});

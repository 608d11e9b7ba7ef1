import { createTempHome, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openclaw, type RunOptions } from "./openclaw.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const key = (name: string, provider = "anthropic") => ({ type: "api_key", provider, key: `test-key-${name}` });
const window = (leftMs = 600_000) => ({ until: Date.now() + leftMs, reason: "rate_limit", count: 1 });

async function scene() {
  const home = await createTempHome({
    [STORE]: { version: 1, profiles: { "anthropic:a": key("a"), "anthropic:b": key("b"), "openai:k": key("k", "openai") } },
    [STATE]: {
      version: 1,
      credentials: {
        "anthropic:a": { lastUsed: 1, windows: { "*": window() } },
        "anthropic:b": { windows: { opus: window() } },
        "openai:k": { windows: { "*": window() } },
      },
      lastGood: { anthropic: "anthropic:a" },
      note: "of somebody else",
    },
  });
  onTestFinished(() => home.remove());
  const auth = (args: readonly string[], options?: RunOptions) => openclaw(home, ["models", "auth", ...args], options);
  return { home, auth };
}

const stateIn = async (home: TempHome) => JSON.parse(await home.read(STATE));
const cooling = async (home: TempHome) => {
  const { credentials } = await stateIn(home);
  return Object.keys(credentials).filter((id) => Object.keys(credentials[id].windows).length > 0);
};

test("clears what was named, and says what it was; status and explain agree", async () => {
  const { home, auth } = await scene();
  expect((await openclaw(home, ["models", "status"])).stdout).toContain("cooling 10m (rate_limit)");
  const cleared = await auth(["clear-cooldown", "anthropic:a"]);
  expect([cleared.code, cleared.stderr]).toEqual([0, ""]);
  expect(cleared.stdout).toMatch(
    /^Cleared 1 cooldown of anthropic:a\.\n {2}anthropic:a, all models\n {4}rate_limit: (?:10m|9m \d+s) were left/u,
  );
  expect(await cooling(home)).toEqual(["anthropic:b", "openai:k"]);
  expect(await stateIn(home)).toMatchObject({ note: "of somebody else", lastGood: { anthropic: "anthropic:a" } });
  const { models } = JSON.parse((await auth(["explain", "anthropic/opus", "--json"])).stdout);
  expect(models[0].candidates).toMatchObject([
    { id: "anthropic:a", state: "usable" },
    { id: "anthropic:b", state: "cooling" },
  ]);
  expect((await auth(["clear-cooldown", "anthropic:a"])).stdout).toBe("Nothing to clear: no cooldown of anthropic:a is kept.\n");
});

test("a dry run writes nothing, and a misspelt name is an error", async () => {
  const { home, auth } = await scene();
  const before = await home.read(STATE);
  expect((await auth(["clear-cooldown", "--all", "--dry-run"])).stdout).toContain("To be cleared: 3 cooldowns of agent main.");
  expect(await auth(["clear-cooldown", "anthropic:ab"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("there is anthropic:a, anthropic:b"),
  });
  expect(await auth(["clear-cooldown"])).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: Which cooldowns\?/u) });
  expect(await home.read(STATE)).toBe(before);
});

test("two at once clear both", async () => {
  const { home, auth } = await scene();
  const results = await Promise.all([auth(["clear-cooldown", "anthropic:a"]), auth(["clear-cooldown", "--provider", "openai"])]);
  expect(results.map(({ code }) => code)).toEqual([0, 0]);
  expect(await cooling(home)).toEqual(["anthropic:b"]);
});

describe("what a person does about an account ends the cooldowns of its provider", () => {
  test.each<[string, readonly string[], RunOptions]>([
    ["a pasted token", ["paste-token", "--provider", "anthropic"], { input: "test-token-new\n" }],
    ["an added key", ["add", "--provider", "anthropic", "--profile-id", "anthropic:new"], { input: "test-key-new\n" }],
  ])("%s", async (_name, args, options) => {
    const { home, auth } = await scene();
    expect(await auth(args, options)).toMatchObject({ code: 0, stderr: "" });
    expect(await cooling(home)).toEqual(["openai:k"]);
  });

  test("and where that cannot be written, the account is stored and the rest is said", async () => {
    const { home, auth } = await scene();
    await home.write(STATE, '{"version": 2}');
    const { code, stderr } = await auth(["paste-token", "--provider", "anthropic"], { input: "test-token-new\n" });
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^Warning: what cools down of anthropic goes on to do so: /u)]);
    expect(await home.read(STORE)).toContain("anthropic:manual");
    expect(await home.read(STATE)).toBe('{"version": 2}');
  });
});

test("an account that is removed leaves nothing behind", async () => {
  const { home, auth } = await scene();
  expect((await auth(["remove", "anthropic:a", "--yes"])).code).toBe(0);
  const state = await stateIn(home);
  expect([Object.keys(state.credentials), state.lastGood, state.note]).toEqual([["anthropic:b", "openai:k"], {}, "of somebody else"]);
});

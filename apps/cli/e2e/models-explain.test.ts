import {
  createCanary,
  createTempHome,
  findCanary,
  openaiCompletion,
  openaiError,
  startFakeProvider,
  type TempHome,
} from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openclaw, startOpenclawGateway, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const OPUS = "anthropic/claude-opus-4-6";
const key = (name: string, provider = "anthropic") => ({ type: "api_key", provider, key: `test-key-${name}` });
const limited = (leftMs: number) => ({ until: Date.now() + leftMs, reason: "rate_limit", count: 1 });

async function scene(files: Readonly<Record<string, string | object>>) {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  const explain = (args: readonly string[], options?: RunOptions) => openclaw(home, ["models", "auth", "explain", ...args], options);
  return { home, explain };
}

async function tree(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const files = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.endsWith("/"));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await home.read(file)] as const)));
}

const profiles = {
  "anthropic:plan": { type: "token", provider: "anthropic", token: "test-token-plan" },
  "anthropic:key": key("profile"),
  "anthropic:old": { type: "token", provider: "anthropic", token: "test-token-old", expires: Date.now() - 60_000 },
};

test("says who is asked first, who next and why, who is left out, and what ends it; 80 columns wide, and nothing is written", async () => {
  const { home, explain } = await scene({
    [STORE]: { version: 1, profiles },
    [STATE]: { version: 1, credentials: { "anthropic:key": { windows: { "claude-opus-4-6": limited(600_000) } } } },
    [CONFIG]: { agents: { defaults: { model: { primary: OPUS, fallbacks: ["minimax/m"] } } } },
  });
  const before = await tree(home);
  const { code, stdout, stderr } = await explain(["openclaw"], { env: { ANTHROPIC_API_KEYS: "test-key-one, test-key-two" } });
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").filter((line) => line.length > 80 && !line.trim().startsWith("openclaw "))).toEqual([]);
  expect(stdout).toMatch(
    /^anthropic\/claude-opus-4-6: agent main, strategy ordered\nThe next request asks profile anthropic:plan first\.\n/u,
  );
  expect(stdout).toMatch(/ {2}1 {2}profile anthropic:plan {2}#[0-9a-f]{8}\n/u);
  expect(stdout).toMatch(/ {2}2 {2}ANTHROPIC_API_KEYS\[1\] {2}#[0-9a-f]{8}\n {7}state {4}usable\n {7}billing {2}metered: going on/u);
  expect(stdout).toMatch(
    / {2}4 {2}profile anthropic:key[^]*cooling (?:10m|9m \d+s) \(rate_limit, claude-opus-4-6\), retry at\s+\d\d:\d\d:\d\d/u,
  );
  expect(stdout).toMatch(/Left out\n {2}- {2}profile anthropic:old[^]*it has expired \(expired\)\n {5}openclaw models auth paste-token/u);
  expect(stdout).toMatch(
    /\nMoves on {2}from a profile after rate_limit, billing, auth, auth_permanent,\n +overloaded\nMoves on {2}from a key after rate_limit\nEnds /u,
  );
  expect(stdout).toContain("\nminimax/m: a fallback, strategy ordered\nNo request is sent:\n  ! There is no account and no key of minimax");
  expect(await tree(home)).toEqual(before);
});

test("as JSON, with stable fields", async () => {
  const { explain } = await scene({ [STORE]: { version: 1, profiles, order: { anthropic: ["anthropic:plan", "anthropic:key"] } } });
  const { code, stdout } = await explain([OPUS, "--json"]);
  const [model] = JSON.parse(stdout).models;
  expect([code, model]).toMatchObject([
    0,
    {
      role: "requested",
      first: "anthropic:plan",
      candidates: [
        { position: 1, id: "anthropic:plan", rule: "order_store", state: "usable", source: { kind: "store" }, billing: "subscription" },
      ],
      leftOut: [
        { id: "anthropic:old", reasonCode: "excluded_by_auth_order" },
        { id: "anthropic:key", reasonCode: "billing_fence", billing: "metered" },
      ],
      end: { code: "order_store" },
      billing: { crossing: "refused", setting: "refuse" },
    },
  ]);
});

describe("exit codes and names", () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ["a usable model", [OPUS], 0, /asks profile anthropic:plan first/u],
    ["a pin", [`${OPUS}@anthropic:key`], 0, /asks profile anthropic:key first[^]*Ends +anthropic:key is pinned: that account or an error/u],
    [
      "a pin that has ended",
      [`${OPUS}@anthropic:old`],
      1,
      /No request is sent:\n {2}! Profile "anthropic:old" has expired \(expired\)\n {4}openclaw models auth/u,
    ],
    ["a pin that has gone", [`${OPUS}@anthropic:plna`], 1, /did you mean anthropic:plan, anthropic:old\?/u],
    ["no credential at all", ["xai/grok"], 1, /There is no account and no key of xai[^]*set XAI_API_KEY/u],
    ["a model that is none", ["claude-opus-4-6"], 1, /did you mean anthropic\/claude-opus-4-6\?/u],
    ["a provider that is none", ["antropic/claude"], 1, /did you mean anthropic\/claude\?/u],
    ["nonsense", ["\u001B[31m@@//"], 1, /There is no model/u],
    ["an agent that is none", [OPUS, "--agent", "nobody"], 1, /Unknown agent id "nobody"/u],
    ["nothing", [], 1, /missing required argument/u],
    ["an empty session", [OPUS, "--session", ""], 1, /--session is empty/u],
  ])("%s", async (_name, args, code, text) => {
    const { explain } = await scene({ [STORE]: { version: 1, profiles } });
    const result = await explain(args);
    expect([result.code, `${result.stdout}${result.stderr}`]).toEqual([code, expect.stringMatching(text)]);
    expect(result.stdout + result.stderr).not.toContain("\u001B");
  });
});

test("T20: neither names nor hints move the terminal", async () => {
  const evil = "anthropic:\u001B]52;c;eA==\u0007\u202Ework";
  const { explain } = await scene({
    [STORE]: { version: 1, profiles: { [evil]: key("one"), "anthropic:\r\u001B[2Jold": { ...profiles["anthropic:old"] } } },
  });
  const { code, stdout } = await explain([OPUS]);
  expect(code).toBe(0);
  expect([...stdout].filter((character) => (character < " " && character !== "\n") || character === "\u202E")).toEqual([]);
});

test("T11: no output holds a piece of a key", async () => {
  const [stored, kept, env] = ["stored", "token", "env"].map((name) => createCanary(name));
  const { home, explain } = await scene({
    [STORE]: {
      version: 1,
      profiles: {
        "anthropic:a": { type: "api_key", provider: "anthropic", key: stored },
        "anthropic:b": { type: "token", provider: "anthropic", token: kept },
        "anthropic:old": { type: "token", provider: "anthropic", token: kept, expires: 5 },
      },
    },
    [STATE]: { version: 1, credentials: { "anthropic:a": { windows: { "*": limited(600_000) } } } },
  });
  const options = { env: { ANTHROPIC_API_KEYS: `${env} test-key-two` } };
  const auth = (args: readonly string[]) => openclaw(home, ["models", "auth", ...args], options);
  const results = [
    await explain([OPUS], options),
    await explain([OPUS, "--json"], options),
    await openclaw(home, ["models", "status"], options),
    await openclaw(home, ["models", "status", "--json"], options),
    await auth(["simulate", "--fail", "anthropic=429", "--for", "1m"]),
    await auth(["simulate", "--fail", "anthropic=429", "--for", "1m", "--json"]),
    await auth(["clear-cooldown", "--all", "--json"]),
  ];
  expect(results.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  const texts = Object.fromEntries(results.map(({ stdout, stderr }, index) => [String(index), stdout + stderr]));
  for (const canary of [stored, kept, env]) expect(await findCanary(canary ?? "", { texts }, { minPiece: 6 })).toEqual([]);
});

describe("a gateway asks whom the explanation names first", () => {
  const models = (url: string) => ({ providers: { openai: { baseUrl: `${url}/v1` } } });

  async function gatewayScene(config: object, env: Readonly<Record<string, string>>, store: object = { profiles: {} }) {
    const fine = { body: openaiCompletion("hello"), repeat: true };
    const provider = await startFakeProvider({
      default: fine,
      replies: { "test-key-limited": { status: 429, body: openaiError("limited"), headers: { "retry-after": "600" } } },
    });
    onTestFinished(() => provider.close());
    const { home, explain } = await scene({
      [CONFIG]: { gateway: { mode: "local" }, models: models(provider.url), ...config },
      [STORE]: { version: 1, ...store },
    });
    const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], env);
    const token = (await home.read(".openclaw/gateway-token")).trim();
    const ask = async (model: string, session?: string) => {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          ...(session !== undefined && { "x-openclaw-session-key": session }),
        },
        body: JSON.stringify({ model, messages: [] }),
      });
      await response.arrayBuffer();
      return provider.keysSeen().at(-1);
    };
    const named = async (args: readonly string[]) => {
      const { stdout } = await explain([...args, "--json"], { env });
      const [{ first, candidates }] = JSON.parse(stdout).models;
      return candidates.find(({ id }: { readonly id: string }) => id === first).origin;
    };
    return { ask, named, running, home, explain };
  }

  const keyOf: Readonly<Record<string, string>> = {
    "OPENAI_API_KEYS[1]": "test-key-1",
    "OPENAI_API_KEYS[2]": "test-key-2",
    "OPENAI_API_KEYS[3]": "test-key-3",
    "profile openai:a": "test-key-a",
    "profile openai:b": "test-key-b",
  };

  test("of a pin, and of an alias", async () => {
    const config = { agents: { defaults: { models: { "openai/gpt": { alias: "fast" } } } } };
    const store = { profiles: { "openai:a": key("a", "openai"), "openai:b": key("b", "openai") } };
    const { ask, named, running } = await gatewayScene(config, { OPENAI_API_KEYS: "test-key-1" }, store);
    for (const model of ["fast", "openai/gpt@openai:b", "openai/gpt@openai:a"]) expect(await ask(model)).toBe(keyOf[await named([model])]);
    await running.stop();
  });

  test("of sessions, which a strategy spreads", async () => {
    const config = { auth: { strategies: { openai: "least-used" } } };
    const { ask, named, running } = await gatewayScene(config, { OPENAI_API_KEYS: "test-key-1 test-key-2 test-key-3" });
    const seen = new Set<string | undefined>();
    for (const session of ["one", "two", "three", "four", "five"]) {
      const asked = await ask("openai/gpt", session);
      seen.add(asked);
      expect(asked).toBe(keyOf[await named(["openai/gpt", "--session", session])]);
    }
    expect(seen.size).toBeGreaterThan(1);
    await running.stop();
  });

  test("after a restart, of what was limited before", async () => {
    const { ask, named, running, explain } = await gatewayScene({}, { OPENAI_API_KEYS: "test-key-limited test-key-2" });
    expect(await ask("openai/gpt")).toBe("test-key-2");
    running.signal("SIGTERM");
    await running.exited;
    expect(await named(["openai/gpt"])).toBe("OPENAI_API_KEYS[2]");
    expect((await explain(["openai/gpt"], { env: { OPENAI_API_KEYS: "test-key-limited test-key-2" } })).stdout).toContain("cooling");
  });
});

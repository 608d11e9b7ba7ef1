import { createTempHome, openaiCompletion, openaiError, startFakeProvider, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw, startOpenclawGateway, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const key = (name: string, provider: string) => ({ type: "api_key", provider, key: `test-key-${name}` });
const plan = { type: "token", provider: "anthropic", token: "test-token-plan" };
const files = {
  [STORE]: { version: 1, profiles: { "anthropic:work": plan, "minimax:k": key("k", "minimax") } },
  [CONFIG]: { agents: { defaults: { model: { primary: "anthropic/claude-opus-4-6", fallbacks: ["minimax/m"] } } } },
};

async function scene(content: Readonly<Record<string, string | object>> = files) {
  const home = await createTempHome(content);
  onTestFinished(() => home.remove());
  const run = (args: readonly string[], options?: RunOptions) => openclaw(home, ["models", "auth", "simulate", ...args], options);
  return { home, run };
}

async function tree(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const names = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.endsWith("/"));
  return Object.fromEntries(await Promise.all(names.map(async (file) => [file, await home.read(file)] as const)));
}

test("prints a timeline, the cooldowns, the recovery and what it would cost; 80 columns wide, and nothing is written", async () => {
  const { home, run } = await scene();
  const before = await tree(home);
  const { code, stdout, stderr } = await run(["--fail", "anthropic:work=429", "--for", "1m"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(stdout).toMatch(/^anthropic\/claude-opus-4-6: agent main, strategy ordered, a request every 5s\nFallbacks minimax\/m\nFails /u);
  expect(stdout).toMatch(
    /Timeline\n {2}\d\d:\d\d:\d\d - \d\d:\d\d:\d\d {4}12x {2}anthropic:work 429 rate_limit -> minimax:k serves\s+at minimax\/m \(metered, announced\)/u,
  );
  expect(stdout).toMatch(/Recovery {2}anthropic:work, the first choice, is lost at [^]*at once when the\s+faults are over/u);
  expect(stdout).toMatch(/Requests {2}13: 1 by a flat plan, 12 paid per token \(92 %\)\nCrossing {2}minimax:k at minimax\/m/u);
  expect(await tree(home)).toEqual(before);
});

test("as JSON", async () => {
  const { run } = await scene();
  const { code, stdout } = await run(["--fail", "anthropic=402", "--for", "5m", "--every", "30s", "--json"]);
  const simulation = JSON.parse(stdout);
  expect([code, simulation]).toMatchObject([
    0,
    {
      version: 1,
      everyMs: 30_000,
      models: ["anthropic/claude-opus-4-6", "minimax/m"],
      faults: [{ target: "anthropic", what: "402", class: "billing", hits: ["anthropic:work"] }],
      windows: [{ id: "anthropic:work", model: "*", reason: "billing", count: 1 }],
      preferred: { credential: { id: "anthropic:work" } },
      billing: { subscription: 1, metered: 20, failed: 0 },
      isTruncated: false,
    },
  ]);
  expect(simulation.preferred.backAt - simulation.from).toBe(600_000);
});

test.each<[string, readonly string[], RegExp]>([
  ["nothing that fails", [], /Nothing fails\.\n {2}add --fail/u],
  ["a target that is none", ["--fail", "anthropic:wrok=429"], /there is anthropic:work/u],
  ["a failure that is none", ["--fail", "anthropic:work=overload"], /did you mean overloaded\?/u],
  ["no failure", ["--fail", "anthropic:work"], /does not say what fails how/u],
  ["a bad duration", ["--fail", "anthropic=429", "--for", "soon"], /--for "soon" is no length of time/u],
  ["a time without a unit", ["--fail", "anthropic=429", "--for", "10"], /--for 10 has no unit: 10m\?/u],
  ["a hint that is left out", ["--fail", "anthropic=429@"], /--fail \.\.\.=429@: a length of time is expected/u],
  ["a hint that nobody heeds", ["--fail", "anthropic=timeout@5h"], /nobody heeds when to come back/u],
  ["no time", ["--fail", "anthropic=429", "--for", "0s"], /--for must be more/u],
  ["too long a time", ["--fail", "anthropic=429", "--for", "9999d"], /a year at most/u],
  ["no pause", ["--fail", "anthropic=429", "--every", "0s"], /--every must be a second or more/u],
  ["too short a pause", ["--fail", "anthropic=429", "--every", "100ms"], /--every must be a second or more/u],
  ["a model that is none", ["--fail", "anthropic=429", "--model", "nothing"], /There is no model "nothing"/u],
  ["control characters", ["--fail", "\u001B]0;x\u0007=429"], /No account, key, provider or bucket/u],
])("refuses %s with 1", async (_name, args, text) => {
  const { run } = await scene();
  const { code, stdout, stderr } = await run(args);
  expect([code, stdout, stderr]).toEqual([1, "", expect.stringMatching(text)]);
  expect(stderr).not.toContain("\u001B");
});

test("T20: no name moves the terminal", async () => {
  const evil = "anthropic:\u001B]52;c;eA==\u0007\u202Ework";
  const { run } = await scene({ [STORE]: { version: 1, profiles: { [evil]: plan, "anthropic:b": key("b", "anthropic") } } });
  const { code, stdout } = await run(["--fail", "anthropic=429", "--for", "10s"]);
  expect(code).toBe(0);
  expect([...stdout].filter((character) => (character < " " && character !== "\n") || character === "\u202E")).toEqual([]);
});

test("is what a gateway does when that fails", async () => {
  const provider = await startFakeProvider({
    default: { body: openaiCompletion("hello"), repeat: true },
    replies: {
      "test-key-1": { status: 429, body: openaiError("limited"), headers: { "retry-after": "600" }, repeat: true },
      "test-key-2": { status: 401, body: openaiError("no"), repeat: true },
    },
  });
  onTestFinished(() => provider.close());
  const env = { OPENAI_API_KEYS: "test-key-1 test-key-2 test-key-3" };
  const { home, run } = await scene({
    [CONFIG]: {
      gateway: { mode: "local" },
      agents: { defaults: { model: "openai/gpt" } },
      models: { providers: { openai: { baseUrl: `${provider.url}/v1` } } },
    },
  });
  const { stdout } = await run(["--fail", "OPENAI_API_KEYS[1]=429@10m", "--fail", "OPENAI_API_KEYS[2]=401", "--for", "10s", "--json"], {
    env,
  });
  const simulated = JSON.parse(stdout).intervals.slice(0, 2);

  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], env);
  const token = (await home.read(".openclaw/gateway-token")).trim();
  const statuses: number[] = [];
  for (let count = 0; count < 2; count += 1) {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers,
      body: JSON.stringify({ model: "openai/gpt", messages: [] }),
    });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  await running.stop();
  expect(statuses).toEqual(simulated.map(({ error }: { readonly error: { readonly status: number } }) => error.status));
  const origins = simulated.flatMap(({ attempts }: { readonly attempts: readonly { readonly origin: string }[] }) =>
    attempts.map(({ origin }) => origin),
  );
  expect(provider.keysSeen()).toEqual(origins.map((origin: string) => `test-key-${/\[(\d)\]/u.exec(origin)?.[1] ?? ""}`));
});

test("goes on to a fallback after the failures a gateway does", async () => {
  const notFound = openaiError("The model does not exist", "invalid_request_error", "model_not_found");
  // What is unpaid last: it is left alone from then on.
  const failures: readonly (readonly [string, number, unknown])[] = [
    ["500", 500, openaiError("broken")],
    ["529", 529, openaiError("overloaded")],
    ["400", 400, openaiError("wrong request")],
    ["model_not_found", 404, notFound],
    ["429", 429, openaiError("limited")],
    ["401", 401, openaiError("no")],
    ["402", 402, openaiError("payment required")],
  ];
  const provider = await startFakeProvider({ replies: { "test-key-last": { body: openaiCompletion("hello"), repeat: true } } });
  onTestFinished(() => provider.close());
  const baseUrl = `${provider.url}/v1`;
  const env = { OPENAI_API_KEY: "test-key-first", GROQ_API_KEY: "test-key-last" };
  const { home, run } = await scene({
    [CONFIG]: {
      gateway: { mode: "local" },
      agents: { defaults: { model: { primary: "openai/gpt", fallbacks: ["groq/llama"] } } },
      models: { providers: { openai: { baseUrl }, groq: { baseUrl } } },
    },
  });
  const simulated: boolean[] = [];
  for (const [what] of failures) {
    const { stdout } = await run(["--fail", `openai=${what}`, "--for", "1s", "--json"], { env });
    simulated.push(JSON.parse(stdout).fallbacks.length > 0);
  }
  const { url, running } = await startOpenclawGateway(home, ["gateway", "--port", "0"], env);
  const token = (await home.read(".openclaw/gateway-token")).trim();
  const served: boolean[] = [];
  for (const [, status, body] of failures) {
    provider.setReplies("test-key-first", { status, body });
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "openclaw/default", messages: [] }),
    });
    await response.arrayBuffer();
    served.push(response.status === 200);
  }
  await running.stop();
  expect(simulated).toEqual([true, true, false, true, true, true, true]);
  expect(served).toEqual(simulated);
});

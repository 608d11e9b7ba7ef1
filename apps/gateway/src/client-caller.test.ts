import { tmpdir } from "node:os";
import { openHome, resolvePaths, type HomeSnapshot } from "@openclaw/home";
import { parseModelRef } from "@openclaw/providers";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { clientCaller } from "./client-caller.ts";

const agents = {
  defaults: {
    model: { primary: "anthropic/claude-opus-4-6", fallbacks: ["openrouter/auto"] },
    models: { "openai/gpt-5.4": { alias: "Fast" } },
  },
  list: [
    { id: "main", default: true },
    { id: "work", model: "z.ai/glm-5" },
  ],
};

async function homeOf(config: object): Promise<HomeSnapshot> {
  const home = await createTempHome({ ".openclaw/openclaw.json": config });
  onTestFinished(() => home.remove());
  return (await openHome({ paths: resolvePaths({ env: home.env, osHome: home.path, cwd: tmpdir() }), env: home.env })).current;
}

async function allowed(models: readonly string[], asked: readonly string[]): Promise<readonly string[]> {
  const caller = clientCaller({ name: "ci", fingerprint: "#00000000", rules: { models }, home: await homeOf({ agents }) });
  return asked.filter((text) => {
    const ref = parseModelRef(text);
    return ref !== undefined && caller.allowsModel(ref);
  });
}

test.each([
  [
    ["anthropic/claude-opus-4-6"],
    ["anthropic/claude-opus-4-6", "Anthropic/claude-opus-4-6"],
    ["anthropic/claude-opus-4-7", "openai/claude-opus-4-6"],
  ],
  [["openai/*"], ["openai/gpt-5.4", "openai/a/b"], ["openai-codex/gpt-5.4", "openrouter/openai/gpt-5.4"]],
  [["z.ai/*"], ["zai/glm-5", "z.ai/glm-4"], ["anthropic/glm-5"]],
  [["openai/gpt-5*"], ["openai/gpt-5", "openai/gpt-5.4"], ["openai/gpt-4", "openai/GPT-5"]],
  [["openrouter/*"], ["openrouter/auto", "openrouter/moonshotai/kimi-k2"], ["anthropic/x"]],
  [["fast"], ["openai/gpt-5.4"], ["openai/gpt-5.4-mini"]],
  [["openclaw"], ["anthropic/claude-opus-4-6", "openrouter/auto"], ["zai/glm-5", "openai/gpt-5.4"]],
  [["openclaw/default"], ["anthropic/claude-opus-4-6", "openrouter/auto"], ["zai/glm-5"]],
  [["openclaw/work"], ["zai/glm-5", "openrouter/auto"], ["anthropic/claude-opus-4-6"]],
  [["*"], ["anthropic/claude-opus-4-6", "openai/x"], []],
  [[], [], ["anthropic/claude-opus-4-6"]],
])("T9: %j allows %j and not %j", async (models, yes, no) => {
  expect(await allowed(models, [...yes, ...no])).toEqual(yes);
});

test.each(["nonsense", "/x", "*/gpt-5", "openai/*/x*", "openclaw/nobody", "anthropic/"])(
  "%j names no model, which keeps the gateway from starting",
  async (pattern) => {
    await expect(allowed([pattern], [])).rejects.toMatchObject({
      code: "client-invalid",
      message: expect.stringContaining("gateway.clients.ci.models"),
    });
  },
);

test("T9: profiles that are named are the only credentials; without them all are", async () => {
  const home = await homeOf({ agents });
  const rules = { profiles: ["anthropic:ci", "OPENAI_API_KEYS", "GROQ_API_KEY", "GEMINI_API_KEYS[2]"] };
  const some = clientCaller({ name: "ci", fingerprint: "#00000000", rules, home });
  const asked = [
    "anthropic:ci",
    "OPENAI_API_KEYS[1]",
    "OPENAI_API_KEYS[2]",
    "GROQ_API_KEY",
    "GEMINI_API_KEYS[2]",
    "anthropic:work",
    "OPENAI_API_KEY",
    "GEMINI_API_KEYS[1]",
    "",
  ];
  expect(asked.filter((name) => some.allowsProfile(name))).toEqual(asked.slice(0, 5));
  const all = clientCaller({ name: "ci", fingerprint: "#00000000", rules: {}, home });
  expect([all.allowsProfile("anthropic:work"), all.allowsModel({ provider: "x", model: "y" }), all.isAdmin, all.id]).toEqual([
    true,
    true,
    false,
    "ci#00000000",
  ]);
});

test("an agent there is not keeps the gateway from starting", async () => {
  const home = await homeOf({ agents });
  expect(() => clientCaller({ name: "ci", fingerprint: "#00000000", rules: { agents: ["wrok"] }, home })).toThrow(
    'gateway.clients.ci.agents: there is no agent "wrok"',
  );
});

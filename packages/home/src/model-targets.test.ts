import { createTempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome } from "./home.ts";
import { modelName, modelTargets } from "./model-targets.ts";
import { resolvePaths } from "./paths.ts";

const agents = {
  defaults: {
    model: { primary: "anthropic/claude-a", fallbacks: ["gpt", "anthropic/claude-b", "nonsense", "nobody/x", "openai/gpt-a"] },
    models: { "openai/gpt-a": { alias: "GPT" } },
  },
  list: [{ id: "ops", model: { primary: "groq/llama-a", fallbacks: [] } }],
};

async function open(config: object = { agents }) {
  const home = await createTempHome({ ".openclaw/openclaw.json": JSON.stringify(config) });
  onTestFinished(() => home.remove());
  return (await openHome({ paths: resolvePaths({ env: home.env, osHome: home.path, cwd: home.path }), env: home.env })).current;
}

/** The models of a name, with the pins, or why there is none. */
async function read(text: string, config?: object, agentId?: string) {
  const found = modelTargets(await open(config), text, agentId);
  if ("reason" in found) return found.reason;
  return found.targets.map((target) => `${modelName(target)}${target.profileId === undefined ? "" : `@${target.profileId}`}`);
}

const all = ["anthropic/claude-a", "openai/gpt-a", "anthropic/claude-b"];

describe("the models of a name", () => {
  test.each<[string, readonly string[] | string]>([
    ["openclaw", all],
    ["openclaw/default", all],
    ["openclaw/ops", ["groq/llama-a"]],
    ["openclaw/nobody", "no agent has that id"],
    ["anthropic/claude-a", all],
    ["anthropic/claude-b", ["anthropic/claude-b", "openai/gpt-a"]],
    ["gpt", ["openai/gpt-a", "anthropic/claude-b"]],
    ["z.ai/glm", ["zai/glm", "openai/gpt-a", "anthropic/claude-b"]],
    ["nonsense", "it is neither an alias nor provider/model"],
    ["nobody/x", 'there is no provider "nobody"'],
    ["anthropic/claude-a@anthropic:work", ["anthropic/claude-a@anthropic:work"]],
  ])("%s", async (text, expected) => {
    expect(await read(text)).toEqual(expected);
  });

  test("are another agent's with its accounts, where the name is nobody's own", async () => {
    expect(await read("openclaw", undefined, "ops")).toEqual(["groq/llama-a"]);
    const found = modelTargets(await open(), "openclaw/ops", "main");
    expect("reason" in found ? found : found.agentId).toBe("ops");
  });

  test("follow a pin that is merely preferred, which goes with the models of its provider", async () => {
    expect(await read("anthropic/claude-a@anthropic:work", { agents, auth: { pins: "prefer" } })).toEqual([
      "anthropic/claude-a@anthropic:work",
      "openai/gpt-a",
      "anthropic/claude-b@anthropic:work",
    ]);
  });

  test("leave out fallbacks that name nothing, and say so", async () => {
    const found = modelTargets(await open(), "openclaw");
    expect("reason" in found ? found : found.skipped).toEqual([
      { name: "nonsense", reason: "it is neither an alias nor provider/model" },
      { name: "nobody/x", reason: 'there is no provider "nobody"' },
    ]);
  });
});

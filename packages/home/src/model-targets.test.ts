import { createTempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome } from "./home.ts";
import { modelName, modelTargets } from "./model-targets.ts";
import { resolvePaths } from "./paths.ts";

const agents = {
  defaults: {
    model: { primary: "groq/llama-a", fallbacks: ["gpt", "groq/llama-b", "nonsense", "nobody/x", "openai/gpt-a", "anthropic/claude-a"] },
    models: { "openai/gpt-a": { alias: "GPT" } },
  },
  list: [{ id: "ops", model: { primary: "anthropic/claude-a", fallbacks: [] } }],
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

const all = ["groq/llama-a", "openai/gpt-a", "groq/llama-b"];

describe("the models of a name", () => {
  test.each<[string, readonly string[] | string]>([
    ["openclaw", all],
    ["openclaw/default", all],
    ["openclaw/ops", ["anthropic/claude-a"]],
    ["openclaw/nobody", "no agent has that id"],
    ["groq/llama-a", all],
    ["groq/llama-b", ["groq/llama-b", "openai/gpt-a"]],
    ["gpt", ["openai/gpt-a", "groq/llama-b"]],
    ["z.ai/glm", ["zai/glm", "openai/gpt-a", "groq/llama-b"]],
    ["nonsense", "it is neither an alias nor provider/model"],
    ["nobody/x", 'there is no provider "nobody"'],
    ["groq/llama-a@groq:work", ["groq/llama-a@groq:work"]],
  ])("%s", async (text, expected) => {
    expect(await read(text)).toEqual(expected);
  });

  test("are another agent's with its accounts, where the name is nobody's own", async () => {
    expect(await read("openclaw", undefined, "ops")).toEqual(["anthropic/claude-a"]);
    const found = modelTargets(await open(), "openclaw/ops", "main");
    expect("reason" in found ? found : found.agentId).toBe("ops");
  });

  test("follow a pin that is merely preferred, which goes with the models of its provider", async () => {
    expect(await read("groq/llama-a@groq:work", { agents, auth: { pins: "prefer" } })).toEqual([
      "groq/llama-a@groq:work",
      "openai/gpt-a",
      "groq/llama-b@groq:work",
    ]);
  });

  test("leave out fallbacks that name nothing or speak another language, and say so", async () => {
    const found = modelTargets(await open(), "openclaw");
    expect("reason" in found ? found : found.skipped).toEqual([
      { name: "nonsense", reason: "it is neither an alias nor provider/model" },
      { name: "nobody/x", reason: 'there is no provider "nobody"' },
      {
        name: "anthropic/claude-a",
        reason:
          "anthropic speaks anthropic-messages, and groq openai-completions and openai-responses: no request can go from one to the other",
      },
    ]);
  });

  test("follow one whose language nobody here knows: a gateway says what is wrong when it is asked", async () => {
    expect(await read("github-copilot/gpt")).toEqual(["github-copilot/gpt", "openai/gpt-a", "groq/llama-b", "anthropic/claude-a"]);
  });
});

describe("a profile behind a model of the configuration", () => {
  const pinned = (pins: "strict" | "prefer") => ({
    auth: { pins },
    agents: {
      defaults: {
        model: {
          primary: "groq/a@groq:boss@example.com",
          fallbacks: ["groq/a@groq:other", "mate", "groq/a@groq:other", "groq/b@20260115"],
        },
        models: { "openai/c@openai:x": { alias: "Mate" } },
      },
    },
  });

  test("is pinned for that model, and the fallbacks follow", async () => {
    expect(await read("openclaw", pinned("strict"))).toEqual([
      "groq/a@groq:boss@example.com",
      "groq/a@groq:other",
      "openai/c@openai:x",
      "groq/b@20260115",
    ]);
    expect(await read("mate", pinned("strict"))).toEqual(["openai/c@openai:x", "groq/a@groq:other", "groq/b@20260115"]);
    expect(await read("groq/a", pinned("strict"))).toEqual(["groq/a", "groq/a@groq:other", "openai/c@openai:x", "groq/b@20260115"]);
  });

  test("is a first choice where pins are one: the others of its model follow anyway", async () => {
    expect(await read("openclaw", pinned("prefer"))).toEqual(["groq/a@groq:boss@example.com", "openai/c@openai:x", "groq/b@20260115"]);
  });

  test("gives way to the profile that somebody names", async () => {
    expect(await read("openclaw@groq:mine", pinned("strict"))).toEqual(["groq/a@groq:mine"]);
    expect(await read("mate@openai:mine", pinned("strict"))).toEqual(["openai/c@openai:mine"]);
    expect(await read("openclaw@groq:mine", pinned("prefer"))).toEqual([
      "groq/a@groq:mine",
      "openai/c@openai:x",
      "groq/b@20260115@groq:mine",
    ]);
  });
});

import { describe, expect, test } from "vitest";
import type { AgentConfig, Config } from "./config.ts";
import { modelSettings } from "./models.ts";

const defaults = (values: NonNullable<Config["agents"]>["defaults"]): Config => ({ agents: { defaults: values } });

test("nothing configured is the default model of OpenClaw, or the one that is given", () => {
  expect(modelSettings({})).toMatchObject({
    defaultModel: "anthropic/claude-opus-4-6",
    fallbacks: [],
    imageModel: undefined,
    imageFallbacks: [],
    aliases: {},
    allowed: [],
    defaultSource: "defaults",
    fallbacksSource: "defaults",
  });
  expect(modelSettings({}, undefined, "sandbox/demo").defaultModel).toBe("sandbox/demo");
});

describe("the default model and its fallbacks", () => {
  const shared = { primary: "openai/a", fallbacks: ["openai/b"] };
  test.each<[string, Config, AgentConfig | undefined, object]>([
    ["as text", defaults({ model: " openai/a " }), undefined, { defaultModel: "openai/a", fallbacks: [] }],
    ["with fallbacks", defaults({ model: shared }), undefined, { defaultModel: "openai/a", fallbacks: ["openai/b"] }],
    ["blank is not configured", defaults({ model: " " }), undefined, { defaultModel: "fallback/model" }],
    ["fallbacks alone", defaults({ model: { fallbacks: ["x/y"] } }), undefined, { defaultModel: "fallback/model", fallbacks: ["x/y"] }],
    [
      "an agent's model, and the fallbacks of all",
      defaults({ model: shared }),
      { id: "work", model: "google/c" },
      { defaultModel: "google/c", fallbacks: ["openai/b"], defaultSource: "agent", fallbacksSource: "defaults" },
    ],
    [
      "an agent's fallbacks, and the model of all",
      defaults({ model: shared }),
      { id: "work", model: { fallbacks: ["google/d"] } },
      { defaultModel: "openai/a", fallbacks: ["google/d"], defaultSource: "defaults", fallbacksSource: "agent" },
    ],
    [
      "an agent that wants no fallback",
      defaults({ model: shared }),
      { id: "work", model: { primary: "google/c", fallbacks: [] } },
      { fallbacks: [], fallbacksSource: "agent" },
    ],
    ["an agent without a model", defaults({ model: shared }), { id: "work" }, { defaultModel: "openai/a", defaultSource: "defaults" }],
    [
      "the image model is one for all",
      defaults({ imageModel: { primary: "google/i", fallbacks: ["google/j"] } }),
      undefined,
      { imageModel: "google/i", imageFallbacks: ["google/j"] },
    ],
  ])("%s", (_name, config, agent, expected) => {
    expect(modelSettings(config, agent, "fallback/model")).toMatchObject(expected);
  });
});

describe("names of models", () => {
  const settings = modelSettings(
    defaults({
      models: {
        "anthropic/claude-opus-4-6": { alias: " Opus " },
        "z.ai/glm-5": { alias: "glm" },
        "openai/gpt": {},
        "openai/blank": { alias: " " },
      },
    }),
  );

  test("are listed as they stand", () => {
    expect(settings.aliases).toEqual({ Opus: "anthropic/claude-opus-4-6", glm: "z.ai/glm-5" });
    expect(settings.allowed).toEqual(["anthropic/claude-opus-4-6", "z.ai/glm-5", "openai/gpt", "openai/blank"]);
  });

  test.each([
    ["Opus", { provider: "anthropic", model: "claude-opus-4-6" }],
    [" oPUS ", { provider: "anthropic", model: "claude-opus-4-6" }],
    ["GLM", { provider: "zai", model: "glm-5" }],
    ["Z.AI/glm-5", { provider: "zai", model: "glm-5" }],
    ["openai/a/b", { provider: "openai", model: "a/b" }],
    ["openrouter/auto", { provider: "openrouter", model: "openrouter/auto" }],
    ["", undefined],
    ["sonnet", undefined],
    ["openai/", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
  ])("%j is resolved to %j", (text, expected) => {
    expect(settings.resolve(text)).toEqual(expected);
  });
});

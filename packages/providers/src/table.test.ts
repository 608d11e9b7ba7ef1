import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBaseUrl } from "./destination.ts";
import { parseModelRef } from "./model-ref.ts";
import { providerSpecs } from "./specs/index.ts";
import { authProviderId, findProvider, normalizeProviderId } from "./table.ts";

describe("provider ids", () => {
  test.each([
    [" Anthropic ", "anthropic"],
    ["Z.AI", "zai"],
    ["z-ai", "zai"],
    ["opencode-zen", "opencode"],
    ["opencode-go-auth", "opencode-go"],
    ["kimi-code", "kimi"],
    ["KIMI-CODING", "kimi"],
    ["bedrock", "amazon-bedrock"],
    ["aws-bedrock", "amazon-bedrock"],
    ["bytedance", "volcengine"],
    ["doubao", "volcengine"],
    ["volcengine-plan", "volcengine-plan"],
    ["qwen", "qwen"],
    ["gemini", "gemini"],
    ["claude", "claude"],
    ["__proto__", "__proto__"],
    ["", ""],
  ])("%j is spelled %j", (text, id) => {
    expect(normalizeProviderId(text)).toBe(id);
    expect(normalizeProviderId(id)).toBe(id);
  });

  test.each([
    ["volcengine-plan", "volcengine"],
    ["BytePlus-Plan", "byteplus"],
    ["doubao", "volcengine"],
    ["openai", "openai"],
  ])("%j uses the credentials of %j", (text, id) => {
    expect(authProviderId(text)).toBe(id);
  });

  test("need 54: the id of an id is that id, for every provider and any text", () => {
    const spelling = fc.constantFrom(...providerSpecs.flatMap(({ id, aliases = [] }) => [id, ...aliases]));
    const text = fc.oneof(
      spelling,
      spelling.map((id) => ` ${id.toUpperCase()} `),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (name) => {
        expect(normalizeProviderId(normalizeProviderId(name))).toBe(normalizeProviderId(name));
        expect(authProviderId(authProviderId(name))).toBe(authProviderId(name));
        expect(authProviderId(normalizeProviderId(name))).toBe(authProviderId(name));
      }),
    );
  });

  test("a provider is found under any of its spellings", () => {
    expect(findProvider(" Z.ai")?.id).toBe("zai");
    expect(findProvider("nobody")).toBeUndefined();
    expect(findProvider("constructor")).toBeUndefined();
  });

  test("a plan has its provider's credentials and its own base URL", () => {
    const plan = findProvider("volcengine-plan");
    expect(plan).toMatchObject({ id: "volcengine-plan", env: ["VOLCANO_ENGINE_API_KEY"] });
    expect(plan?.baseUrl).toBe("https://ark.cn-beijing.volces.com/api/coding/v3");
    expect(findProvider("byteplus-plan")?.baseUrl).toBe("https://ark.ap-southeast.bytepluses.com/api/coding/v3");
  });
});

describe("the provider table", () => {
  const every = providerSpecs.map((spec) => [spec.id, spec] as const);

  test("knows the 53 providers of the documents and the sandbox, each once", () => {
    expect(providerSpecs).toHaveLength(54);
    expect(new Set(providerSpecs.map((spec) => spec.id)).size).toBe(54);
  });

  test.each(every)("%s has a canonical id that is nobody's alias", (id) => {
    expect(normalizeProviderId(id)).toBe(id);
  });

  test.each(every)("%s names real variables, and counts only its own as a subscription's", (_id, spec) => {
    expect(spec.env.filter((variable) => !/^[A-Z][A-Z0-9_]*$/.test(variable))).toEqual([]);
    expect(spec.env).toEqual(expect.arrayContaining([...(spec.subscriptionVariables ?? [])]));
  });

  test.each(every)("%s has base URLs a credential may be sent to", (_id, spec) => {
    const urls = [spec.baseUrl, ...Object.values(spec.otherBaseUrls ?? {})].filter((url) => url !== undefined && !url.includes("{"));
    expect(() => urls.map((url) => parseBaseUrl(url ?? ""))).not.toThrow();
  });

  test.each(every)("%s has a default model of its own", (_id, spec) => {
    const model = spec.defaultModel ?? `${spec.id}/none`;
    expect(authProviderId(parseModelRef(model)?.provider ?? "")).toBe(spec.id);
  });

  test("a variable belongs to one vendor, so that no key goes to another one's host", () => {
    const owners = Map.groupBy(
      providerSpecs.flatMap((spec) => spec.env.map((variable) => ({ variable, id: spec.id }))),
      (entry) => entry.variable,
    );
    const shared = [...owners]
      .filter(([, entries]) => entries.length > 1)
      .map(([variable, entries]) => [variable, entries.map((e) => e.id)]);
    expect(shared).toEqual([
      ["MINIMAX_API_KEY", ["minimax", "minimax-portal", "minimax-cn"]],
      ["OPENCODE_API_KEY", ["opencode", "opencode-go"]],
      ["OPENCODE_ZEN_API_KEY", ["opencode", "opencode-go"]],
    ]);
  });

  test("status lists these from the environment alone", () => {
    expect(providerSpecs.filter((spec) => spec.isListedFromEnv).map((spec) => spec.id)).toEqual([
      "anthropic",
      "openai",
      "google",
      "google-vertex",
      "github-copilot",
      "openrouter",
      "groq",
      "cerebras",
      "xai",
      "zai",
      "mistral",
      "synthetic",
    ]);
  });

  test("only aggregators are exempt from cooling down as a whole", () => {
    expect(providerSpecs.filter((spec) => spec.isAggregator).map((spec) => spec.id)).toEqual(["openrouter", "kilocode"]);
  });
});

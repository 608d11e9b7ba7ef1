import { inspect } from "node:util";
import { createCanary, findCanary } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { parseConfig, type ProviderConfig } from "./config.ts";
import { createProviderTable, type HomeProvider, type ProviderTable } from "./provider-table.ts";

function tableOf(providers: Readonly<Record<string, ProviderConfig>>, baseUrls?: Readonly<Record<string, string>>): ProviderTable {
  return createProviderTable(parseConfig(JSON.stringify({ models: { providers } }), "openclaw.json"), baseUrls);
}

function find(table: ProviderTable, id: string): HomeProvider {
  const provider = table.find(id);
  if (!provider) throw new Error(`no provider ${id}`);
  return provider;
}

describe("a provider of the table", () => {
  test("has its official base URL, and its credentials go to that origin alone", () => {
    expect(find(tableOf({}), "openai")).toMatchObject({
      spec: { id: "openai" },
      baseUrl: new URL("https://api.openai.com/v1"),
      hosts: ["https://api.openai.com"],
      problem: undefined,
      config: undefined,
    });
  });

  test("goes where the configuration says: that is the configured origin", () => {
    const provider = find(tableOf({ openai: { baseUrl: "https://proxy.example:8443/v1" } }), "openai");
    expect(provider).toMatchObject({ hosts: ["https://proxy.example:8443"], spec: { id: "openai", env: ["OPENAI_API_KEY"] } });
    expect(provider.baseUrl?.href).toBe("https://proxy.example:8443/v1");
  });

  test("whose base URL the operator must fill says so", () => {
    expect(find(tableOf({}), "google-vertex")).toMatchObject({
      baseUrl: undefined,
      hosts: [],
      problem: "google-vertex needs models.providers.google-vertex.baseUrl",
    });
  });

  test("speaks another interface where the configuration says so", () => {
    const { spec } = find(tableOf({ openai: { baseUrl: "https://proxy.example", api: "anthropic-messages" } }), "openai");
    expect(spec).toMatchObject({
      api: "anthropic-messages",
      auth: "x-api-key",
      headers: { "anthropic-version": "2023-06-01" },
      endpoints: {},
      env: ["OPENAI_API_KEY"],
    });
    const other = find(tableOf({ anthropic: { api: "openai-completions" } }), "anthropic");
    expect(other.spec).toMatchObject({ api: "openai-completions", auth: "bearer", endpoints: {}, subscriptionPrefixes: ["sk-ant-oat"] });
    expect(other.spec).not.toHaveProperty("headers");
    expect(other.hosts).toEqual(["https://api.anthropic.com"]);
  });

  test("is that of the table where the configuration names the interface it has", () => {
    expect(find(tableOf({ anthropic: { api: "anthropic-messages" } }), "anthropic").spec).toBe(find(tableOf({}), "anthropic").spec);
  });
});

describe("a provider that only the configuration knows", () => {
  test("is what the configuration says, an OpenAI-compatible one unless told", () => {
    expect(find(tableOf({ mine: { baseUrl: "https://llm.example/v1" } }), "mine")).toMatchObject({
      spec: { id: "mine", env: [], api: "openai-completions", auth: "bearer" },
      hosts: ["https://llm.example"],
    });
    expect(find(tableOf({ mine: { baseUrl: "https://llm.example", api: "google-generative-ai" } }), "mine").spec.auth).toBe(
      "x-goog-api-key",
    );
  });

  test("without a base URL has a problem, and no vendor in its place", () => {
    expect(find(tableOf({ mine: {} }), "mine")).toMatchObject({
      baseUrl: undefined,
      hosts: [],
      problem: "mine needs models.providers.mine.baseUrl",
    });
  });

  test("may be called constructor", () => {
    expect(find(tableOf({ constructor: {} }, {}), "constructor")).toMatchObject({
      problem: "constructor needs models.providers.constructor.baseUrl",
    });
    expect(tableOf({}, {}).find("constructor")).toBeUndefined();
  });
});

test("unknown providers are not found", () => {
  const table = tableOf({});
  expect([table.find("mine"), table.find(""), table.find("__proto__")]).toEqual([undefined, undefined, undefined]);
});

describe("spellings", () => {
  test.each([
    ["z.ai", "zai"],
    ["Z-AI", "zai"],
    [" OpenAI ", "openai"],
    ["aws-bedrock", "amazon-bedrock"],
    ["kimi-code", "kimi"],
  ])("%s is %s, when asked for and when configured", (alias, id) => {
    const table = tableOf({ [alias]: { baseUrl: "https://proxy.example" } });
    expect(table.configured).toEqual([id]);
    expect(find(table, alias)).toBe(find(table, id));
    expect(find(table, id)).toMatchObject({ spec: { id }, hosts: ["https://proxy.example"] });
  });

  test("the canonical one wins where a provider is configured twice", () => {
    const [one, two] = [{ baseUrl: "https://one.example" }, { baseUrl: "https://two.example" }];
    expect(find(tableOf({ zai: one, "z.ai": two }), "zai").hosts).toEqual(["https://one.example"]);
    expect(find(tableOf({ "z.ai": two, zai: one }), "zai").hosts).toEqual(["https://one.example"]);
    expect(tableOf({ "z.ai": two, zai: one }).configured).toEqual(["zai"]);
  });

  test("a plan has its own address", () => {
    expect(find(tableOf({}), "volcengine-plan")).toMatchObject({
      spec: { id: "volcengine-plan" },
      baseUrl: { pathname: "/api/coding/v3" },
    });
  });
});

describe("a base URL that is refused is a problem, not an exception, and nothing is sent there", () => {
  test.each([
    ["http to another machine", { baseUrl: "http://llm.example" }],
    ["a private address", { baseUrl: "https://192.168.1.5" }],
    ["a metadata service", { baseUrl: "http://169.254.169.254/", local: true }],
    ["a password in it", { baseUrl: "https://me:test-canary@llm.example" }],
    ["a query", { baseUrl: "https://llm.example?key=test-canary" }],
    ["no URL", { baseUrl: "test-canary" }],
    ["another protocol", { baseUrl: "ftp://llm.example" }],
    ["an unfilled placeholder", { baseUrl: "https://${HOST}/v1" }],
    ["empty", { baseUrl: "" }],
  ])("%s", (_name, entry) => {
    const provider = find(tableOf({ openai: entry }), "openai");
    expect(provider).toMatchObject({
      baseUrl: undefined,
      hosts: [],
      problem: expect.stringContaining("models.providers.openai.baseUrl: "),
    });
    expect(provider.problem).not.toContain("canary");
  });

  test.each([
    ["http to this machine", { baseUrl: "http://127.0.0.1:8080/v1" }, "http://127.0.0.1:8080"],
    ["a private range, declared local", { baseUrl: "http://192.168.1.5:8080", local: true }, "http://192.168.1.5:8080"],
  ])("%s is fine", (_name, entry, origin) => {
    expect(find(tableOf({ mine: entry }), "mine")).toMatchObject({ hosts: [origin], problem: undefined });
  });

  test("an interface nobody speaks is a problem too, and is not quoted", () => {
    const provider = find(tableOf({ openai: { api: "test-canary" } }), "openai");
    expect(provider).toMatchObject({
      baseUrl: undefined,
      hosts: [],
      problem: expect.stringContaining("models.providers.openai.api is not one of openai-completions"),
    });
    expect(provider.problem).not.toContain("canary");
    expect(find(tableOf({ mine: { api: "x" } }), "mine").problem).toContain("models.providers.mine.api");
  });
});

describe("base URLs that are known at run time", () => {
  test("fill in what nobody configured", () => {
    expect(find(tableOf({}, { sandbox: "http://127.0.0.1:4000/v1" }), "sandbox").hosts).toEqual(["http://127.0.0.1:4000"]);
  });

  test("lose to the configuration", () => {
    const table = tableOf({ sandbox: { baseUrl: "http://127.0.0.1:5000" } }, { sandbox: "http://127.0.0.1:4000/v1" });
    expect(find(table, "sandbox").hosts).toEqual(["http://127.0.0.1:5000"]);
  });
});

test("nothing of it can be changed, and none of it prints a key", async () => {
  const canary = createCanary("table");
  const table = tableOf({ mine: { baseUrl: "https://llm.example", apiKey: canary } });
  const provider = find(table, "mine");
  expect([table, table.configured, provider, provider.hosts, provider.config].map((part) => Object.isFrozen(part))).toEqual(
    Array.from({ length: 5 }, () => true),
  );
  const texts = { inspect: inspect([table, provider], { depth: 9, showHidden: true }), json: JSON.stringify([table, provider]) };
  expect(await findCanary(canary, { texts })).toEqual([]);
});

import { readFile } from "node:fs/promises";
import { openaiCompletion } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { TOKEN, testGateways } from "./test-gateway.ts";

const start = testGateways();
const page = new URL("../../../docs/operations.md", import.meta.url);

interface Metric {
  readonly labels: readonly string[];
}

/** The rows of the table of metrics: names and labels. */
function documented(text: string): ReadonlyMap<string, Metric> {
  const rows = text.matchAll(/^\| `(openclaw_\w+|process_\w+|nodejs_\w+)`\s*\|([^|]*)\|/gmu);
  return new Map(
    [...rows].map(([, name = "", labels = ""]) => [name, { labels: [...labels.matchAll(/`(\w+)`/gu)].map(([, label = ""]) => label) }]),
  );
}

/** What a scrape has: each metric, and the labels of those that have a value. */
function shown(text: string): ReadonlyMap<string, Metric> {
  const names = [...text.matchAll(/^# TYPE (\S+)/gmu)].map(([, name = ""]) => name);
  const labelsOf = (name: string) => new RegExp(String.raw`^${name}(?:_count)?\{(.*)\} `, "mu").exec(text)?.[1] ?? "";
  return new Map(names.map((name) => [name, { labels: [...labelsOf(name).matchAll(/(\w+)="/gu)].map(([, label = ""]) => label) }]));
}

test("the table of metrics is what a scrape has, and alerts ask for nothing else", async () => {
  const config = {
    agents: { defaults: { model: "test/some-model" } },
    models: { providers: { test: { baseUrl: "@PROVIDER@/v1", api: "openai-completions" } } },
  };
  const limited = { status: 429, body: {} };
  const { gateway, post } = await start({
    config,
    env: { TEST_API_KEYS: "test-key-one,test-key-two" },
    replies: { "test-key-one": [limited], "test-key-two": [{ body: openaiCompletion("two") }] },
  });
  await (await post("/v1/chat/completions", { model: "test/some-model", messages: [] })).text();
  const scrape = shown(await (await fetch(`${gateway.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text());
  const text = await readFile(page, "utf8");
  const table = documented(text);

  expect([...table.keys()].toSorted()).toEqual([...scrape.keys()].toSorted());
  const withValues = [...scrape].filter(([, { labels }]) => labels.length > 0);
  expect(withValues.length).toBeGreaterThan(10);
  for (const [name, { labels }] of withValues) expect([name, table.get(name)?.labels]).toEqual([name, labels]);
  const alerts = text.slice(text.indexOf("## Alerts"));
  const asked = [...alerts.matchAll(/openclaw_\w+/gu)].map(([name]) => name);
  expect(asked.length).toBeGreaterThan(8);
  expect(asked.filter((name) => !scrape.has(name))).toEqual([]);
});

import { createRequire } from "node:module";
import { test } from "vitest";
import type * as home from "../packages/home/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const { editJson }: typeof home = createRequire(import.meta.url)("../packages/home/src/index.ts");
const { parse }: { parse(text: string, options: object): unknown } = createRequire(
  new URL("../packages/home/package.json", import.meta.url),
)("@humanwhocodes/momoa");

const COUNT = 1_000;
const ids = Array.from({ length: COUNT }, (_, index) => `provider-${index}:default`);
const ref = { source: "env", provider: "default", id: "SOME_KEY" };

const store = {
  version: 1,
  profiles: Object.fromEntries(ids.map((id) => [id, { type: "api_key", provider: id.split(":")[0], key: "test-key-one" }])),
};
const put = ids.map((id) => ({ path: ["profiles", id, "key"], value: ref }));
const add = ids.map((id) => ({ path: ["profiles", `${id}-2`], value: { type: "api_key", provider: "openai", keyRef: ref } }));
const remove = ids.map((id) => ({ path: ["profiles", id], remove: true as const }));
const text = JSON.stringify(store, null, 2);
const line = JSON.stringify(store);

test("1,000 changes of a store of 1,000 profiles, beside one parse of it", async ({ bench }) => {
  await bench.compare(
    bench("floor: one parse", () => void parse(text, { mode: "json", tokens: true })),
    bench("1 change", () => void editJson(text, put.slice(0, 1), "json")),
    bench("values replaced", () => void editJson(text, put, "json")),
    bench("profiles added", () => void editJson(text, add, "json")),
    bench("profiles removed", () => void editJson(text, remove, "json")),
    bench("values replaced, all on one line", () => void editJson(line, put, "json")),
    bench("profiles added, all on one line", () => void editJson(line, add, "json")),
    { time: 400, warmupTime: 200 },
  );
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, test } from "vitest";
import type * as homes from "../packages/home/src/index.ts";
import type * as rotation from "../packages/key-rotation/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const require = createRequire(import.meta.url);
const { openHome, resolvePaths }: typeof homes = require("../packages/home/src/index.ts");
const { createHealth }: typeof rotation = require("../packages/key-rotation/src/index.ts");

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;

const folder = mkdtempSync(join(tmpdir(), "openclaw-bench-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each([10, 1_000])("the plan of a request, %d profiles and 10 keys", (profiles) => {
  test("asked again and again, beside a frozen object of its shape", async ({ bench }) => {
    let now = NOW;
    const home = await openAt(profiles, () => now);
    const query = { provider: "anthropic", model: "test-model" };
    const pinned = { ...query, profileId: "anthropic:1" };
    const ordered = { ...query, provider: "openai" };
    const list = home.plan(query).candidates;
    const none: readonly never[] = Object.freeze([]);
    const health = createHealth({ clock: { now: () => now } });
    let last: unknown;
    await bench.compare(
      bench("floor: a frozen object of its shape", () => {
        last = Object.freeze({ provider: "anthropic", model: "test-model", candidates: list, excluded: none });
      }),
      bench("the plan", () => {
        now += 1;
        last = home.plan(query);
      }),
      bench("of an order", () => {
        now += 1;
        last = home.plan(ordered);
      }),
      bench("of a pin that is a first choice", () => {
        now += 1;
        last = home.plan(pinned);
      }),
      bench("the plan, and health asked whom to try", () => {
        now += 1;
        last = health.peek(home.plan(query));
      }),
      { time: 800, warmupTime: 200 },
    );
    if (last === undefined) throw new Error("nothing was planned");
  });

  test("for the first time, beside JSON.parse of the store", async ({ bench }) => {
    const home = await openAt(profiles, () => NOW);
    const text = JSON.stringify(storeOf(profiles));
    await bench.compare(
      bench("floor: JSON.parse of the store", () => void JSON.parse(text)),
      bench("the accounts read again, and the first plan of them", async () => {
        await home.reloadAccounts();
        home.plan({ provider: "anthropic", model: "test-model" });
      }),
      { time: 800, warmupTime: 200 },
    );
  });
});

async function openAt(profiles: number, now: () => number): Promise<homes.Home> {
  const root = join(folder, String(profiles));
  const env = { HOME: root, ANTHROPIC_API_KEYS: Array.from({ length: 10 }, (_, at) => `test-key-env-${at}`).join(" ") };
  const store = join(root, ".openclaw/agents/main/agent/auth-profiles.json");
  mkdirSync(dirname(store), { recursive: true });
  writeFileSync(store, JSON.stringify(storeOf(profiles)), { mode: 0o600 });
  const config = { auth: { pins: "prefer" }, models: { providers: { anthropic: { apiKey: "test-key-config" } } } };
  writeFileSync(join(root, ".openclaw/openclaw.json"), JSON.stringify(config));
  const clock = { now, sleep: () => Promise.reject(new Error("nothing waits here")) };
  return openHome({ paths: resolvePaths({ env, osHome: root, cwd: root }), env, clock });
}

/** Of two providers; every second is a flat plan, every tenth is cooling for a day. The order of one names all of its own. */
function storeOf(profiles: number): object {
  const entries = Array.from({ length: profiles }, (_, at) => {
    const provider = at % 2 === 0 ? "openai" : "anthropic";
    const secret = at % 4 < 2 ? { type: "token", token: `test-token-${at}` } : { type: "api_key", key: `test-key-${at}` };
    return [`${provider}:${at}`, { provider, ...secret }] as const;
  });
  const stats = entries.filter((_, at) => at % 10 === 0).map(([id]) => [id, { cooldownUntil: NOW + DAY }] as const);
  const order = { openai: entries.flatMap(([id, { provider }]) => (provider === "openai" ? [id] : [])) };
  return { version: 1, profiles: Object.fromEntries(entries), usageStats: Object.fromEntries(stats), order };
}

import { createRequire } from "node:module";
import { describe, test } from "vitest";
import type * as keyRotation from "../packages/key-rotation/src/index.ts";

// Loaded by Node itself: vitest turns every use of an import into a getter call.
const require = createRequire(import.meta.url);
const { createHealth, strategies }: typeof keyRotation = require("../packages/key-rotation/src/index.ts");

const CREDENTIALS = 1_000;
const COOLING = 900;
const NOW = 1_800_000_000_000;

const hosts = ["https://api.example.com"];
const candidates = Array.from({ length: CREDENTIALS }, (_, index) => {
  const info = { id: `key-${index}`, provider: "test", origin: `TEST_API_KEYS[${index + 1}]`, billing: "metered", hosts } as const;
  return { ...info, via: "key" as const, resolve: () => ({ ...info, generation: 0, kind: "none" as const }) };
});

describe.each(strategies)(`choosing among ${CREDENTIALS} credentials, ${COOLING} of them cooling: %s`, (strategy) => {
  const plan = { provider: "test", model: "some-model", candidates, excluded: [], strategy };
  const health = createHealth({ clock: { now: () => NOW } });
  for (const candidate of candidates.slice(0, COOLING)) {
    const ticket = health.admit(candidate, plan);
    if (ticket) health.settle(ticket, { class: "rate_limit", scope: "model", rule: "test", retryAt: NOW + 60_000 });
  }

  test("beside a filter of the list for each request", async ({ bench }) => {
    const cooling = new Set(candidates.slice(0, COOLING).map(({ id }) => id));
    let session = 0;
    await bench.compare(
      bench("floor: candidates.find, with a set of those that cool", () => void candidates.find(({ id }) => !cooling.has(id))),
      bench("who would be chosen", () => void health.peek(plan)),
      bench("chosen, and settled", () => {
        const ticket = health.choose(plan);
        if (ticket) health.settle(ticket, "ok");
      }),
      bench("chosen for a session that has one", () => {
        const ticket = health.choose(plan, { session: "one" });
        if (ticket) health.settle(ticket, "ok");
      }),
      bench("chosen for a new session", () => {
        const ticket = health.choose(plan, { session: `session ${(session += 1)}` });
        if (ticket) health.settle(ticket, "ok");
      }),
      { time: 400, warmupTime: 100 },
    );
  });
});

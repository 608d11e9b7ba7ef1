import { modelName, openHome, resolvePaths, type Home } from "@openclaw/home";
import { createTempHome, MANUAL_CLOCK_START, type TempHome } from "@openclaw/testkit";
import fc from "fast-check";
import { expect, test } from "vitest";
import { knownHealth } from "../models-explain/known-health.ts";
import { planOutcome } from "../models-explain/plan-outcome.ts";
import { askedModels } from "../models-explain/targets.ts";
import { parseTargetedFault } from "./fault-target.ts";
import { runRequests } from "./run-requests.ts";
import { simulatedClock } from "./simulated-clock.ts";
import { createStandIns } from "./stand-ins.ts";
import { createTimeline } from "./timeline.ts";
import { createWindowLog } from "./window-log.ts";

const NOW = MANUAL_CLOCK_START;
const SECOND = 1000;
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const STATE = ".openclaw/agents/main/agent/auth-state.json";
const ids = ["anthropic:a", "anthropic:b", "openai:c"] as const;

const scene = fc.record({
  kinds: fc.array(fc.constantFrom("key", "token", "ending"), { minLength: 3, maxLength: 3 }),
  faults: fc.dictionary(
    fc.constantFrom(...ids, "ANTHROPIC_API_KEY"),
    fc.constantFrom("429", "429@40s", "402", "401", "529", "500", "timeout", "auth_permanent"),
    { minKeys: 1, maxKeys: 4 },
  ),
  kept: fc.dictionary(
    fc.constantFrom(...ids),
    fc.record({
      until: fc.integer({ min: -60, max: 300 }).map((s) => NOW + s * SECOND),
      reason: fc.constantFrom("rate_limit", "billing"),
      count: fc.integer({ min: 1, max: 3 }),
    }),
    { maxKeys: 2 },
  ),
  strategy: fc.constantFrom("ordered", "fill-first"),
  forSeconds: fc.integer({ min: 1, max: 900 }),
  everySeconds: fc.integer({ min: 1, max: 40 }),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

function filesOf({ kinds, kept, strategy }: Scene): Readonly<Record<string, object>> {
  const profiles = ids.map((id, index) => {
    const provider = id.split(":")[0];
    const entry = kinds[index] === "key" ? { type: "api_key", key: `test-key-${index}` } : { type: "token", token: `test-token-${index}` };
    return [id, { provider, ...entry, ...(kinds[index] === "ending" && { expires: NOW + 100 * SECOND }) }] as const;
  });
  return {
    [STORE]: { version: 1, profiles: Object.fromEntries(profiles) },
    [STATE]: {
      version: 1,
      credentials: Object.fromEntries(Object.entries(kept).map(([id, window]) => [id, { windows: { "*": window } }])),
    },
    ".openclaw/openclaw.json": {
      auth: { strategies: { "*": strategy } },
      agents: { defaults: { model: { primary: "anthropic/m", fallbacks: ["openai/m"] } } },
    },
  };
}

/** What a run comes to. One that takes nothing for granted asks every time. */
async function run(folder: TempHome, { faults, forSeconds, everySeconds }: Scene, takesForGranted: boolean): Promise<object> {
  const env = { ...folder.env, ANTHROPIC_API_KEY: "test-key-env" };
  const clock = simulatedClock(NOW);
  const home: Home = await openHome({ paths: resolvePaths({ env, osHome: folder.path, cwd: folder.path }), env, clock, use: "inspect" });
  const asked = askedModels(home.current, "openclaw", undefined);
  const planOf = (index: number) => planOutcome(home.current, asked.targets[index] ?? asked.targets[0]).plan;
  const candidates = [...planOf(0).candidates, ...planOf(1).candidates];
  const targeted = Object.entries(faults).map(([target, what]) =>
    parseTargetedFault(`${target}=${what}`, { home: home.current, agentId: undefined, candidates }),
  );
  const { health } = await knownHealth(home.current, clock);
  const faultsUntil = NOW + forSeconds * SECOND;
  const standIns = createStandIns(home.current, { agentId: undefined, clock });
  const timeline = createTimeline({ preferred: { id: "anthropic:a", model: modelName(asked.targets[0]) }, isSpread: false });
  const windows = createWindowLog(health, NOW, candidates);
  const preferred = candidates.find(({ id }) => id === "anthropic:a");
  const ended = await runRequests(
    {
      home: home.current,
      asked,
      health,
      clock,
      standIns,
      session: undefined,
      faultOf: (candidate) => (clock.now() < faultsUntil ? targeted.find(({ hits }) => hits(candidate)) : undefined),
    },
    {
      timeline,
      windows,
      preferred,
      isSpread: !takesForGranted,
      faultsUntil,
      everyMs: everySeconds * SECOND,
      plan: () => standIns.of(planOf(0), "anthropic"),
    },
  );
  home.close();
  return { ...ended, ...timeline.result(), windows: windows.result(), preferred: timeline.preferred() };
}

test("what is passed over is what would have happened", async () => {
  const folder = await createTempHome();
  try {
    await fc.assert(
      fc.asyncProperty(scene, async (drawn) => {
        for (const [file, content] of Object.entries(filesOf(drawn))) await folder.write(file, content);
        expect(await run(folder, drawn, true)).toEqual(await run(folder, drawn, false));
      }),
      { numRuns: 60 },
    );
  } finally {
    await folder.remove();
  }
});

import type { Plan } from "@openclaw/key-rotation";
import { manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { plansOf, type PlanSetup } from "../system/plan-setup.ts";
import type { AuthConfig } from "./auth-config.ts";

const clock = manualClock();
const strategyOf = async (provider: string, strategies: NonNullable<AuthConfig["strategies"]>) => {
  const { strategy, headroomWindow } = (await plansOf(provider, { clock, auth: { strategies } }))();
  return [strategy, headroomWindow];
};

describe("the strategy of a plan", () => {
  test.each<[string, string, NonNullable<AuthConfig["strategies"]>, readonly unknown[]]>([
    ["is that of its provider", "openai", { openai: "fill-first" }, ["fill-first", undefined]],
    ["in any spelling", "zai", { "Z.AI": "least-used" }, ["least-used", undefined]],
    ["its own spelling before another", "zai", { "z.ai": "least-used", zai: "ordered" }, ["ordered", undefined]],
    ["with the limit that counts", "openai", { openai: { strategy: "most-headroom", window: "7d" } }, ["most-headroom", "7d"]],
    ["without one: the scarcest counts", "openai", { openai: { strategy: "most-headroom" } }, ["most-headroom", undefined]],
    ["else that of all", "openai", { "*": "most-headroom", anthropic: "ordered" }, ["most-headroom", undefined]],
    ["else none", "openai", { anthropic: "least-used" }, [undefined, undefined]],
    [
      "of a plan of a provider: its own",
      "volcengine-plan",
      { volcengine: "ordered", "volcengine-plan": "least-used" },
      ["least-used", undefined],
    ],
    ["else that of the provider", "volcengine-plan", { volcengine: "least-used", "*": "ordered" }, ["least-used", undefined]],
  ])("%s", async (_name, provider, strategies, expected) => {
    expect(await strategyOf(provider, strategies)).toEqual(expected);
  });

  test("is not there where none is set", async () => {
    expect((await plansOf("openai", { clock }))()).not.toHaveProperty("strategy");
  });
});

describe("what the configuration says of single credentials", () => {
  const limits = ({ candidates }: Plan) => candidates.map(({ origin, bucket, maxConcurrent }) => [origin, bucket, maxConcurrent]);
  const of = async (credentials: NonNullable<AuthConfig["credentials"]>, setup: PlanSetup) =>
    (await plansOf("google", { clock, ...setup, auth: { credentials } }))();

  test("is on every candidate it names: a profile, a variable, a configured key", async () => {
    const plan = await of(
      {
        "google:a": { bucket: "project-a" },
        GEMINI_API_KEYS: { bucket: "project-1", maxConcurrent: 4 },
        "GEMINI_API_KEYS[2]": { maxConcurrent: 1 },
        "models.providers.google.apiKey": { bucket: "project-1" },
      },
      {
        store: { profiles: { "google:a": { type: "api_key", provider: "google", key: "test-key-a" } } },
        env: { GEMINI_API_KEYS: "test-key-1 test-key-2", GEMINI_API_KEY: "test-key-3" },
        providers: { google: { apiKey: "test-key-4" } },
      },
    );
    expect(limits(plan)).toEqual([
      ["profile google:a", "project-a", undefined],
      ["GEMINI_API_KEYS[1]", "project-1", 4],
      ["GEMINI_API_KEYS[2]", "project-1", 1],
      ["GEMINI_API_KEY", undefined, undefined],
      ["models.providers.google.apiKey", "project-1", undefined],
    ]);
    const credentials = await Promise.all(plan.candidates.map((candidate) => candidate.resolve({})));
    expect(credentials.map(({ origin, bucket, maxConcurrent }) => [origin, bucket, maxConcurrent])).toEqual(limits(plan));
    expect(plan.candidates.every((candidate) => Object.isFrozen(candidate))).toBe(true);
  });

  test("of a configured key holds for it under its variable too, where that gives it", async () => {
    const plan = await of(
      { "models.providers.Google.apiKey": { bucket: "project-1", maxConcurrent: 2 }, GEMINI_API_KEY: { maxConcurrent: 1 } },
      { env: { GEMINI_API_KEY: "test-key-one" }, providers: { google: { apiKey: "${GEMINI_API_KEY}" } } },
    );
    expect(limits(plan)).toEqual([["GEMINI_API_KEY", "project-1", 1]]);
  });

  test("of a key that a command gives is there before it was run", async () => {
    const apiKey = { source: "exec", provider: "vault", id: "google" };
    const plans = await plansOf("google", {
      clock,
      providers: { google: { apiKey } },
      auth: { credentials: { "models.providers.google.apiKey": { maxConcurrent: 3 } } },
      secrets: { outcomeOf: () => ({ status: "skipped" }) },
    });
    expect(limits(plans())).toEqual([["models.providers.google.apiKey", undefined, 3]]);
  });

  test("nothing is inherited", async () => {
    const plan = await of({}, { env: { GEMINI_API_KEY: "test-key-one" } });
    for (const name of ["bucket", "maxConcurrent"]) expect(plan.candidates[0]).not.toHaveProperty(name);
  });
});

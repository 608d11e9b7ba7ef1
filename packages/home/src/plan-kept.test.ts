import { Secret, SecretsError, type ResolveOutcome } from "@openclaw/secrets";
import { manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { plansOf, type PlanSetup } from "../system/plan-setup.ts";

const key = { type: "api_key", provider: "anthropic", key: "test-key-one" };
const token = { type: "token", provider: "anthropic", token: "test-token" };
const fileRef = { source: "file", provider: "keys", id: "/anthropic" };

/** Plans over a configured key that leads to another value when told. */
async function setUp(setup: PlanSetup = {}) {
  const clock = manualClock();
  const NOW = clock.now();
  let outcome: ResolveOutcome = { status: "resolved", secret: Secret.of("test-key-file-1") };
  let version = {};
  const plans = await plansOf("anthropic", {
    clock,
    store: {
      profiles: { "anthropic:plan": { ...token, expires: NOW + 1_000 }, "anthropic:key": key, "anthropic:rest": key },
      usageStats: { "anthropic:key": { cooldownUntil: NOW + 500, cooldownModel: "opus" } },
    },
    env: { ANTHROPIC_API_KEYS: "test-key-1 test-key-2" },
    providers: { anthropic: { apiKey: fileRef } },
    secrets: { outcomeOf: () => outcome },
    secretsNow: () => version,
    ...setup,
  });
  return {
    clock,
    plans,
    leadTo(value: string | undefined) {
      version = {};
      outcome =
        value === undefined
          ? { status: "failed", error: new SecretsError("reference-unresolved", "nowhere") }
          : { status: "resolved", secret: Secret.of(value) };
    },
  };
}

describe("a plan has the very same list", () => {
  test.each([{}, { model: "sonnet" }, { model: "opus" }, { profileId: "anthropic:key" }])("asked again for %j", async (query) => {
    for (const auth of [{}, { pins: "prefer" }, { order: { anthropic: ["anthropic:plan", "anthropic:key"] } }] as const) {
      const { plans, clock } = await setUp({ auth });
      const first = plans(query);
      clock.advance(1);
      const second = plans(query);
      expect(second.candidates).toBe(first.candidates);
      expect(second.excluded).toBe(first.excluded);
    }
  });

  test("for models of which nothing is known, and another for one that cools", async () => {
    const { plans } = await setUp();
    expect(plans({ model: "sonnet" }).candidates).toBe(plans().candidates);
    expect(plans({ model: "opus" }).candidates).not.toBe(plans().candidates);
    expect(
      plans({ model: "opus" })
        .candidates.map(({ id }) => id)
        .slice(0, 3),
    ).toEqual(["anthropic:plan", "anthropic:rest", "anthropic:key"]);
  });

  test("until a token ends", async () => {
    const { plans, clock } = await setUp();
    const before = plans().candidates;
    clock.advance(999);
    expect(plans().candidates).toBe(before);
    clock.advance(1);
    expect(plans().candidates.map(({ id }) => id)).not.toContain("anthropic:plan");
  });

  test("until a stored cooldown ends", async () => {
    const { plans, clock } = await setUp();
    const before = plans({ model: "opus" }).candidates;
    clock.advance(500);
    expect(plans({ model: "opus" }).candidates).not.toBe(before);
  });

  test("until the configured key leads to another value, and not when it is read again", async () => {
    const { plans, leadTo } = await setUp();
    const before = plans().candidates;
    leadTo("test-key-file-1");
    expect(plans().candidates).toBe(before);
    leadTo("test-key-file-2");
    const after = plans().candidates;
    expect(after).not.toBe(before);
    expect(await after.at(-1)?.resolve({})).toMatchObject({ secret: expect.objectContaining({}) });
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
    leadTo(undefined);
    expect(plans().excluded).toContainEqual({ id: "models.providers.anthropic.apiKey", reason: "unresolved_ref" });
    expect(plans().candidates).toHaveLength(before.length - 1);
  });

  test("of a live key too", async () => {
    const { plans } = await setUp({ env: { OPENCLAW_LIVE_ANTHROPIC_KEY: "test-key-live" } });
    expect(plans().candidates).toBe(plans({ model: "opus" }).candidates);
  });

  test("of no credential at all, and of a server that needs none", async () => {
    for (const name of ["openai", "ollama"]) {
      const plans = await plansOf(name);
      expect(plans().candidates).toBe(plans().candidates);
    }
  });
});

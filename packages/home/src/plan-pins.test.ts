import type { Plan } from "@openclaw/key-rotation";
import { manualClock } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { plansOf, type PlanSetup } from "../system/plan-setup.ts";
import type { AuthConfig } from "./auth-config.ts";
import { billingCrossing } from "./billing-crossing.ts";

const clock = manualClock();
const key = { type: "api_key", provider: "anthropic", key: "test-key-one" };
const token = { type: "token", provider: "anthropic", token: "test-token" };
const profiles = {
  "anthropic:plan": token,
  "anthropic:other": token,
  "anthropic:key": key,
  "anthropic:old": { ...token, expires: clock.now() },
  "anthropic:none": { ...key, key: "" },
  "openai:key": { ...key, provider: "openai" },
};
const env = { ANTHROPIC_API_KEY: "test-key-env" };

async function pinned(profileId: string, auth: AuthConfig = {}, rest: PlanSetup = {}): Promise<Plan> {
  return (await plansOf("anthropic", { clock, store: { profiles }, env, ...rest, auth: { pins: "prefer", ...auth } }))({ profileId });
}

const origins = ({ candidates }: Plan) => candidates.map(({ origin }) => origin.replace("profile anthropic:", ""));
const excluded = (plan: Plan) => plan.excluded.map(({ id, reason }) => `${id.replace("anthropic:", "")} ${reason}`);

describe("D13: a strict pin", () => {
  test.each([undefined, "strict"] as const)("is that profile and nothing else (pins: %s)", async (pins) => {
    const plans = await plansOf("anthropic", { clock, store: { profiles }, env, auth: pins === undefined ? {} : { pins } });
    expect(origins(plans({ profileId: "anthropic:plan" }))).toEqual(["plan"]);
    expect(() => plans({ profileId: "anthropic:old" })).toThrow(expect.objectContaining({ code: "profile-unusable", reason: "expired" }));
  });
});

describe("D13: a pin that is a first choice", () => {
  test("comes first, and after a key the stream goes on as in an order: to flat plans, and from them to no key", async () => {
    const plan = await pinned("anthropic:key");
    expect(origins(plan)).toEqual(["key", "plan", "other"]);
    expect(excluded(plan).slice(0, 2)).toEqual(["old expired", "none missing_credential"]);
    expect(plan.excluded.filter(({ reason }) => reason === "billing_fence")).toHaveLength(1);
  });

  test("that is a flat plan goes on to flat plans, and to no key", async () => {
    const plan = await pinned("anthropic:other");
    expect(origins(plan)).toEqual(["other", "plan"]);
    expect(plan.excluded.filter(({ reason }) => reason === "billing_fence")).toEqual([
      { id: "anthropic:key", reason: "billing_fence", billing: "metered" },
      { id: expect.stringMatching(/^#/u), reason: "billing_fence", billing: "metered" },
    ]);
  });

  test("goes on to keys where that is allowed, and tells it", async () => {
    const plan = await pinned("anthropic:other", { billingCrossing: "allow" });
    expect(origins(plan)).toEqual(["other", "plan", "key", "ANTHROPIC_API_KEY"]);
    expect(plan.candidates.map((candidate) => billingCrossing(plan, candidate)?.to)).toEqual([undefined, undefined, "metered", "metered"]);
  });

  test("that cannot be used is said, and the stream goes on without it; a flat plan keeps keys out all the same", async () => {
    const blank = await pinned("anthropic:none");
    expect(origins(blank)).toEqual(["plan", "other"]);
    expect(excluded(blank).slice(0, 3)).toEqual(["none missing_credential", "old expired", "key billing_fence"]);
    const ended = await pinned("anthropic:old");
    expect(origins(ended)).toEqual(["plan", "other"]);
    expect(excluded(ended).slice(0, 3)).toEqual(["old expired", "none missing_credential", "key billing_fence"]);
  });

  test("stands before an order, in it or not, and the order keeps its own fence", async () => {
    const order = { anthropic: ["anthropic:plan", "anthropic:key"] };
    const inOrder = await pinned("anthropic:key", { order });
    expect([origins(inOrder), excluded(inOrder)]).toEqual([
      ["key", "plan"],
      ["other excluded_by_auth_order", "old excluded_by_auth_order", "none excluded_by_auth_order"],
    ]);
    const outside = await pinned("anthropic:other", { order });
    expect([origins(outside), excluded(outside).slice(-1)]).toEqual([["other", "plan"], ["key billing_fence"]]);
  });

  test("gives way to nothing but what there is: a live key comes after it", async () => {
    const live = { env: { ...env, OPENCLAW_LIVE_ANTHROPIC_KEY: "test-key-live" } };
    expect(origins(await pinned("anthropic:key", {}, live))).toEqual(["key", "OPENCLAW_LIVE_ANTHROPIC_KEY"]);
    expect(origins(await pinned("anthropic:plan", {}, live))).toEqual(["plan"]);
  });

  test("is the first choice for as long as it works", async () => {
    const ending = manualClock();
    const short = { ...profiles, "anthropic:short": { ...token, expires: ending.now() + 9 } };
    // Its end is none of the order's.
    const auth = { pins: "prefer", order: { anthropic: ["anthropic:plan"] } } as const;
    const plans = await plansOf("anthropic", { clock: ending, store: { profiles: short }, auth });
    const plan = () => plans({ profileId: "anthropic:short" });
    expect([origins(plan())[0], plan().candidates === plan().candidates]).toEqual(["short", true]);
    ending.advance(9);
    expect([origins(plan())[0], excluded(plan())[0]]).toEqual(["plan", "short expired"]);
  });

  test("that has gone is an error that names the fix", async () => {
    await expect(pinned("anthropic:gone")).rejects.toMatchObject({
      code: "profile-not-found",
      hint: expect.stringContaining("openclaw models status"),
    });
  });

  test("of another provider's profile is an error", async () => {
    await expect(pinned("openai:key")).rejects.toMatchObject({ code: "profile-unusable", reason: "provider_mismatch" });
  });

  test("holds for the first choice, whatever the strategy spreads", async () => {
    expect(await pinned("anthropic:key", { strategies: { "*": "least-used" } })).not.toHaveProperty("strategy");
  });
});

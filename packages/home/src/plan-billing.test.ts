import type { Plan } from "@openclaw/key-rotation";
import { fakeCandidate, manualClock } from "@openclaw/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { plansOf, type PlanSetup } from "../system/plan-setup.ts";
import type { AuthConfig } from "./auth-config.ts";
import { billingCrossing } from "./billing-crossing.ts";

const clock = manualClock();
const NOW = clock.now();
const key = { type: "api_key", provider: "anthropic", key: "test-key-one" };
const setupToken = { type: "api_key", provider: "anthropic", key: "sk-ant-oat01-test" };
const token = { type: "token", provider: "anthropic", token: "test-token" };
const login = { type: "oauth", provider: "anthropic", access: "test-access", refresh: "test-refresh", expires: NOW + 9 };

const ids = ({ candidates }: Plan) => candidates.map(({ id }) => id);
const fencedIds = ({ excluded }: Plan) => excluded.filter(({ reason }) => reason === "billing_fence").map(({ id }) => id);
const servedBy = (plan: Plan, id: string) => plan.candidates.find((candidate) => candidate.id === id) ?? fakeCandidate(id);
const crossings = (plan: Plan) => plan.candidates.filter((candidate) => billingCrossing(plan, candidate)).map(({ id }) => id);

/** The plan of an order: names stand for `anthropic:<name>`. */
async function ordered(profiles: Readonly<Record<string, object>>, names: readonly string[], rest: PlanSetup = {}): Promise<Plan> {
  const named = Object.fromEntries(Object.entries(profiles).map(([name, entry]) => [`anthropic:${name}`, entry]));
  const order = { anthropic: names.map((name) => `anthropic:${name}`) };
  const plans = await plansOf("anthropic", { clock, ...rest, store: { ...rest.store, profiles: named }, auth: { ...rest.auth, order } });
  return plans();
}

describe("D14: within an order", () => {
  test("a key that stands behind a flat plan is left out, and says why", async () => {
    const plan = await ordered({ plan: token, key }, ["plan", "key"]);
    expect(ids(plan)).toEqual(["anthropic:plan"]);
    expect(plan.excluded).toEqual([{ id: "anthropic:key", reason: "billing_fence", billing: "metered" }]);
  });

  test.each<[string, object]>([
    ["a login", login],
    ["a token", token],
    ["a setup-token that was stored as a key", setupToken],
    ["a token that has ended", { ...token, expires: NOW }],
    ["a token whose end is no time", { ...token, expires: "soon" }],
    ["a token that is blank", { ...token, token: " " }],
    ["a login that holds nothing", { type: "oauth", provider: "anthropic" }],
    ["a reference that leads nowhere", { ...token, token: "${UNSET_KEY}" }],
  ])("%s is a flat plan, and keeps the key behind it out", async (_name, entry) => {
    const plan = await ordered({ plan: entry, key }, ["plan", "key"]);
    expect(ids(plan)).not.toContain("anthropic:key");
    expect(fencedIds(plan)).toEqual(["anthropic:key"]);
  });

  test("so does one whose configured mode is another: nobody asked to pay", async () => {
    const profiles = { "anthropic:plan": { provider: "anthropic", mode: "api_key" } } as const;
    const plan = await ordered({ plan: token, key }, ["plan", "key"], { auth: { profiles } });
    expect([ids(plan), fencedIds(plan)]).toEqual([[], ["anthropic:key"]]);
  });

  test.each(["of the store", "of the configuration"])("it holds in an order %s", async (place) => {
    const profiles = { "anthropic:plan": token, "anthropic:key": key };
    const order = { anthropic: ["anthropic:plan", "anthropic:key"] };
    const setup = place === "of the store" ? { store: { profiles, order } } : { store: { profiles }, auth: { order } };
    expect(fencedIds((await plansOf("anthropic", { clock, ...setup }))())).toEqual(["anthropic:key"]);
  });

  test("what cools changes the order of trying, and not the fence", async () => {
    const usageStats = { "anthropic:plan": { cooldownUntil: NOW + 99 }, "anthropic:first": { cooldownUntil: NOW + 99 } };
    const plan = await ordered({ first: key, plan: token, key }, ["first", "plan", "key"], { store: { usageStats } });
    expect(ids(plan).toSorted()).toEqual(["anthropic:first", "anthropic:plan"]);
    expect(fencedIds(plan)).toEqual(["anthropic:key"]);
  });

  test("keys that stand before a flat plan stay: whoever put them there pays", async () => {
    const plan = await ordered({ first: key, plan: token, second: key, other: login }, ["first", "plan", "second", "other"]);
    expect(ids(plan)).toEqual(["anthropic:first", "anthropic:plan", "anthropic:other"]);
    expect(fencedIds(plan)).toEqual(["anthropic:second"]);
  });

  test.each<[string, string]>([
    ["is not stored", "gone"],
    ["is another provider's", "other"],
  ])("a profile that %s keeps nothing out", async (_name, name) => {
    expect(ids(await ordered({ other: { ...token, provider: "openai" }, key }, [name, "key"]))).toEqual(["anthropic:key"]);
  });

  test("auth.billingCrossing: allow goes on", async () => {
    const plan = await ordered({ plan: token, key }, ["plan", "key"], { auth: { billingCrossing: "allow" } });
    expect([ids(plan), plan.excluded]).toEqual([["anthropic:plan", "anthropic:key"], []]);
  });

  test("nobody pays for what runs on this machine", async () => {
    const profiles = { "ollama:a": { ...token, provider: "ollama" }, "ollama:b": { ...key, provider: "ollama" } };
    const plan = (await plansOf("ollama", { clock, store: { profiles, order: { ollama: ["ollama:a", "ollama:b"] } } }))();
    expect(ids(plan)).toEqual(["ollama:a", "ollama:b"]);
  });
});

test("without an order the stream goes on", async () => {
  const store = { profiles: { "anthropic:plan": token, "anthropic:key": key } };
  const plan = (await plansOf("anthropic", { clock, store, env: { ANTHROPIC_API_KEY: "test-key-env" } }))();
  expect(plan.candidates.map(({ origin }) => origin)).toEqual(["profile anthropic:plan", "profile anthropic:key", "ANTHROPIC_API_KEY"]);
  expect(plan.excluded).toEqual([]);
});

describe("the crossing from a flat plan to a key is told", () => {
  const of = async (profiles: object, rest: PlanSetup = {}) =>
    (await plansOf("anthropic", { clock, ...rest, store: { ...rest.store, profiles } }))();

  test("of every key behind a flat plan, and of nothing else", async () => {
    const plan = await of({ "anthropic:plan": token, "anthropic:key": key }, { env: { ANTHROPIC_API_KEY: "test-key-env" } });
    expect(plan.candidates.map((candidate) => billingCrossing(plan, candidate))).toEqual([
      undefined,
      { from: "subscription", to: "metered" },
      { from: "subscription", to: "metered" },
    ]);
  });

  test.each<[string, object]>([
    ["has ended", { ...token, expires: NOW }],
    ["is blank", { ...token, token: "" }],
    ["ends at no time", { ...token, expires: -1 }],
  ])("also where the flat plan %s", async (_name, entry) => {
    expect(crossings(await of({ "anthropic:plan": entry, "anthropic:key": key }))).toEqual(["anthropic:key"]);
  });

  test("also where the flat plan is cooling, and stands behind other flat plans for that, but behind no key", async () => {
    const usageStats = { "anthropic:plan": { cooldownUntil: NOW + 99 }, "anthropic:key": { cooldownUntil: NOW + 9 } };
    const profiles = { "anthropic:plan": token, "anthropic:rest": token, "anthropic:key": key, "anthropic:other": key };
    const plan = await of(profiles, { store: { usageStats } });
    expect(ids(plan)).toEqual(["anthropic:rest", "anthropic:plan", "anthropic:other", "anthropic:key"]);
    expect(crossings(plan)).toEqual(["anthropic:other", "anthropic:key"]);
  });

  test("where there is no flat plan there is no crossing", async () => {
    const plan = await of(
      { "anthropic:key": key, "openai:plan": { ...token, provider: "openai" } },
      { env: { ANTHROPIC_API_KEY: "test-key-env" } },
    );
    expect(crossings(plan)).toEqual([]);
  });

  test("in an order where it is allowed, only of the keys behind the flat plan, whatever cools", async () => {
    const usageStats = { "anthropic:first": { cooldownUntil: NOW + 99 }, "anthropic:plan": { cooldownUntil: NOW + 98 } };
    const rest = { auth: { billingCrossing: "allow" }, store: { usageStats } } as const;
    const plan = await ordered({ first: key, plan: token, second: key }, ["first", "plan", "second"], rest);
    expect(ids(plan)).toEqual(["anthropic:first", "anthropic:plan", "anthropic:second"]);
    expect(crossings(plan)).toEqual(["anthropic:second"]);
  });

  test("of a plan that was made elsewhere it is judged by its list", () => {
    const plan: Plan = {
      provider: "p",
      candidates: [
        fakeCandidate("a"),
        fakeCandidate("b", { billing: "subscription" }),
        fakeCandidate("c"),
        fakeCandidate("d", { billing: "local" }),
      ],
      excluded: [],
    };
    expect(crossings(plan)).toEqual(["c"]);
    const without = { ...plan, excluded: [{ id: "x", reason: "expired", billing: "subscription" }] } as const;
    expect(billingCrossing(without, servedBy(without, "a"))).toEqual({ from: "subscription", to: "metered" });
    const outOfOrder = { ...plan, excluded: [{ id: "x", reason: "excluded_by_auth_order", billing: "subscription" }] } as const;
    expect(billingCrossing(outOfOrder, servedBy(outOfOrder, "a"))).toBeUndefined();
  });
});

describe("D14: of any 1,000 stores and orders", () => {
  const kinds = {
    key,
    setupToken,
    token,
    login,
    ended: { ...token, expires: NOW },
    blank: { ...login, access: " ", refresh: "" },
    noKey: { ...key, key: "" },
  };
  const flat: ReadonlySet<string> = new Set(["setupToken", "token", "login", "ended", "blank"]);
  const kind = fc.constantFrom<keyof typeof kinds>("key", "setupToken", "token", "login", "ended", "blank", "noKey");
  const account = fc.record({ kind, cooldown: fc.option(fc.integer({ min: -2, max: 3 }), { nil: undefined }) });
  const accounts = fc.array(account, { minLength: 1, maxLength: 7 });
  const positions = fc.array(fc.nat({ max: 7 }), { maxLength: 9 });

  async function plansFor(
    list: readonly { readonly kind: keyof typeof kinds; readonly cooldown: number | undefined }[],
    order: readonly string[],
    pin?: string,
  ) {
    const profiles = Object.fromEntries(list.map((each, at) => [`anthropic:${at}`, kinds[each.kind]]));
    const usageStats = Object.fromEntries(
      list.map(({ cooldown }, at) => [`anthropic:${at}`, { cooldownUntil: cooldown && NOW + cooldown }]),
    );
    const planWith = async (billingCrossing: "allow" | "refuse", rest: AuthConfig = {}) => {
      const plans = await plansOf("anthropic", {
        clock,
        store: { profiles, usageStats, order: { anthropic: order } },
        auth: { pins: "prefer", billingCrossing, ...rest },
        env: { ANTHROPIC_API_KEY: "test-key-env" },
      });
      return plans(pin === undefined ? {} : { profileId: pin });
    };
    return { refused: await planWith("refuse"), allowed: await planWith("allow") };
  }

  test("no plan goes on from a flat plan to a key, and where it may the candidates are all there are", async () => {
    await fc.assert(
      fc.asyncProperty(accounts, positions, fc.boolean(), async (list, places, isPinned) => {
        const order = [...new Set(places)].map((at) => `anthropic:${at}`);
        const pin = isPinned ? "anthropic:0" : undefined;
        const { refused, allowed } = await plansFor(list, order, pin);
        const sequence = pin === undefined ? order : [pin, ...order.filter((id) => id !== pin)];
        const kindOf = (id: string) => list[Number(id.split(":")[1])]?.kind ?? "none";
        const firstFlat = sequence.findIndex((id) => flat.has(kindOf(id)));
        const isBehind = (id: string) => firstFlat >= 0 && sequence.indexOf(id) > firstFlat;

        expect(refused.candidates.filter(({ id, billing }) => billing === "metered" && isBehind(id))).toEqual([]);
        const crossed = allowed.candidates.filter(({ id, billing }) => billing === "metered" && isBehind(id)).map(({ id }) => id);
        expect(fencedIds(refused).toSorted()).toEqual(crossed.toSorted());
        expect(ids(allowed).filter((id) => !fencedIds(refused).includes(id))).toEqual(ids(refused));
        expect(fencedIds(allowed)).toEqual([]);
        expect(ids(allowed).toSorted()).toEqual(
          sequence.filter((id) => ["key", "setupToken", "token", "login"].includes(kindOf(id))).toSorted(),
        );
        expect(crossings(refused)).toEqual([]);
        expect(crossings(allowed)).toEqual(crossed);
      }),
      { numRuns: 1_000, seed: 14 },
    );
  });
});

import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { planFor } from "./plan-source.ts";

const plan = { provider: "test", candidates: [fakeCandidate("one")], excluded: [] };

test("a request's model is the plan's, over the very same list of credentials", () => {
  const own = planFor(plan, "a");
  expect(own).toEqual({ ...plan, model: "a" });
  expect(own.candidates).toBe(plan.candidates);
  expect(planFor({ ...plan, model: "b" }, "a").model).toBe("a");
});

test("without a model the plan is as it was given", () => {
  expect(planFor(plan, undefined)).toBe(plan);
  const named = { ...plan, model: "a" };
  expect(planFor(named, undefined)).toBe(named);
  expect(planFor(named, "a")).toBe(named);
});

import type { Plan } from "@openclaw/key-rotation";
import { fakeCandidate } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { allowedPlan } from "./allowed-plan.ts";
import { adminCaller, type Caller } from "./caller.ts";

function client(isAllowed: (profileId: string) => boolean): Caller {
  return { ...adminCaller("client"), name: "client", isAdmin: false, allowsProfile: isAllowed };
}

const plan: Plan = {
  provider: "test",
  model: "m",
  candidates: [
    { ...fakeCandidate("test:a", { via: "profile" }), profileId: "test:a" },
    { ...fakeCandidate("test:b", { via: "profile" }), profileId: "test:b" },
    fakeCandidate("#00000001", { via: "key", origin: "TEST_API_KEY" }),
    fakeCandidate("test:none", { via: "key", origin: "no key needed", billing: "local" }),
  ],
  excluded: [
    { id: "test:a-expired", reason: "expired" },
    { id: "test:b-expired", reason: "expired" },
  ],
};
const ids = ({ candidates, excluded }: Plan) => [...candidates, ...excluded].map(({ id }) => id);

describe("the plan of a client", () => {
  test("has what it may use, and tells of nothing else", () => {
    expect(
      ids(
        allowedPlan(
          plan,
          client((id) => id.startsWith("test:a")),
        ),
      ),
    ).toEqual(["test:a", "test:none", "test:a-expired"]);
    expect(
      ids(
        allowedPlan(
          plan,
          client((id) => id === "TEST_API_KEY"),
        ),
      ),
    ).toEqual(["#00000001", "test:none"]);
  });

  test("is the plan itself where there is nothing it may not use", () => {
    expect(
      allowedPlan(
        plan,
        client(() => true),
      ),
    ).toBe(plan);
    expect(allowedPlan(plan, { ...client(() => false), isAdmin: true })).toBe(plan);
  });

  test("has the very same list as long as the credentials are the same, each client its own", () => {
    const [one, other] = [client((id) => id === "test:a"), client((id) => id === "test:a")];
    const { candidates } = allowedPlan(plan, one);
    expect(allowedPlan({ ...plan, model: "another" }, one).candidates).toBe(candidates);
    expect(allowedPlan(plan, other).candidates).not.toBe(candidates);
    expect(allowedPlan({ ...plan, candidates: [...plan.candidates] }, one).candidates).not.toBe(candidates);
  });
});

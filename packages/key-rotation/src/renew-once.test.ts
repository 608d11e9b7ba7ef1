import { fakeCandidate, manualClock } from "@openclaw/testkit";
import type { Candidate } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { profileFailover, type FailedAttempt } from "./advance.ts";
import type { Failure } from "./failure.ts";
import { renewOnce } from "./renew-once.ts";

const login: Candidate = { ...fakeCandidate("a:login", { via: "profile" }), isRenewable: true };
const plain: Candidate = fakeCandidate("a:plain", { via: "profile" });
const execKey: Candidate = { ...fakeCandidate("#exec"), isRenewable: true };
const refused: Failure = { class: "auth", scope: "credential", rule: "status-401", status: 401 };
const attempt = (candidate: Candidate, failure = refused): FailedAttempt => ({ candidate, failure });

function setUp() {
  const clock = manualClock();
  const advance = renewOnce(profileFailover(), { clock });
  const step = (...history: readonly FailedAttempt[]) => {
    const last = history.at(-1);
    return last && advance(last.failure, last.candidate, plain, history);
  };
  return { clock, step };
}

describe("the first refusal", () => {
  test.each<[string, Failure, "same" | "next" | "stop"]>([
    ["a 401", refused, "same"],
    ["a 401 that calls the key invalid", { ...refused, class: "auth_permanent" }, "same"],
    ["a 403", { ...refused, status: 403 }, "next"],
    ["a login that could not be refreshed", { class: "auth", scope: "credential", rule: "oauth-expired" }, "next"],
    ["a rate limit", { ...refused, class: "rate_limit", status: 429 }, "next"],
    ["a 500", { ...refused, class: "server", status: 500 }, "stop"],
  ])("%s of a login: %s", (_name, failure, expected) => {
    expect(setUp().step(attempt(login, failure))).toBe(expected);
  });

  test("of what is written down as it is moves on as ever", () => {
    expect(setUp().step(attempt(plain))).toBe("next");
    expect(setUp().step(attempt(fakeCandidate("#key")))).toBe("stop");
  });

  test("counts for each credential of a request", () => {
    expect(setUp().step(attempt(plain), attempt(login), attempt(login), attempt(execKey))).toBe("same");
  });
});

describe("the second refusal", () => {
  test("is left to the other policy: next from a profile, stop from a key", () => {
    expect(setUp().step(attempt(login), attempt(login))).toBe("next");
    expect(setUp().step(attempt(execKey), attempt(execKey))).toBe("stop");
  });

  test("keeps requests of the next 30 seconds from renewing that credential again, and no other", () => {
    const { clock, step } = setUp();
    step(attempt(login), attempt(login));
    clock.advance(29_999);
    expect([step(attempt(login)), step(attempt(execKey))]).toEqual(["next", "same"]);
    clock.advance(1);
    expect(step(attempt(login))).toBe("same");
  });

  test("does not where it is no refusal: the fresh secret was taken, or none was got", () => {
    const { step } = setUp();
    expect(step(attempt(login), attempt(login, { ...refused, class: "rate_limit", status: 429 }))).toBe("next");
    expect(step(attempt(login), attempt(login, { class: "auth", scope: "credential", rule: "refresh-busy" }))).toBe("next");
    expect(step(attempt(login))).toBe("same");
  });
});

import type { Candidate } from "@openclaw/secrets";
import { fakeCandidate } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { onRateLimit, profileFailover, type FailedAttempt } from "./advance.ts";
import type { Failure, FailureClass } from "./failure.ts";

const profile = fakeCandidate("openai:work", { via: "profile" });
const key = fakeCandidate("#key", { via: "key" });
const failureOf = (failureClass: FailureClass): Failure => ({ class: failureClass, scope: "credential", rule: "test" });
const failed = (candidate: Candidate, failureClass: FailureClass): FailedAttempt => ({ candidate, failure: failureOf(failureClass) });

describe("what moves on to the next credential", () => {
  test.each<[FailureClass, "next" | "stop", "next" | "stop"]>([
    // class, from a profile, from a bare key
    ["rate_limit", "next", "next"],
    ["auth", "next", "stop"],
    ["auth_permanent", "next", "stop"],
    ["billing", "next", "stop"],
    ["overloaded", "next", "stop"],
    ["timeout", "stop", "stop"],
    ["server", "stop", "stop"],
    ["format", "stop", "stop"],
    ["model_not_found", "stop", "stop"],
    ["context_overflow", "stop", "stop"],
    ["session_expired", "stop", "stop"],
    ["unknown", "stop", "stop"],
  ])("%s: %s from a profile, %s from a key", (failureClass, fromProfile, fromKey) => {
    const advance = profileFailover();
    const failure = failureOf(failureClass);
    expect(advance(failure, profile, key, [failed(profile, failureClass)])).toBe(fromProfile);
    expect(advance(failure, key, profile, [failed(key, failureClass)])).toBe(fromKey);
    // Key rotation alone makes no difference between the two.
    expect(onRateLimit(failure, profile, key, [failed(profile, failureClass)])).toBe(fromKey);
  });
});

describe("limits on profiles passed by one request", () => {
  const policy = profileFailover({ rateLimitedProfileRotations: 1, overloadedProfileRotations: 0 });
  const step = (...history: readonly FailedAttempt[]) => {
    const last = history.at(-1);
    return last && policy(last.failure, last.candidate, profile, history);
  };

  test.each<[string, readonly FailedAttempt[], "next" | "stop"]>([
    ["the first rate limit moves on", [failed(profile, "rate_limit")], "next"],
    ["the second does not", [failed(profile, "rate_limit"), failed(profile, "rate_limit")], "stop"],
    ["no overload does", [failed(profile, "overloaded")], "stop"],
    ["other classes do not count", [failed(profile, "auth"), failed(profile, "billing"), failed(profile, "rate_limit")], "next"],
    ["auth has no limit", [failed(profile, "auth"), failed(profile, "auth"), failed(profile, "auth")], "next"],
    ["keys are not limited", [failed(key, "rate_limit"), failed(key, "rate_limit"), failed(key, "rate_limit")], "next"],
    ["keys do not count", [failed(key, "rate_limit"), failed(key, "rate_limit"), failed(profile, "rate_limit")], "next"],
  ])("%s", (_, history, expected) => {
    expect(step(...history)).toBe(expected);
  });

  test("nothing is limited unless set", () => {
    const many = Array.from({ length: 50 }, () => failed(profile, "rate_limit"));
    expect(profileFailover()(failureOf("rate_limit"), profile, profile, many)).toBe("next");
    expect(profileFailover({ overloadedProfileRotations: 0 })(failureOf("rate_limit"), profile, profile, many)).toBe("next");
  });
});

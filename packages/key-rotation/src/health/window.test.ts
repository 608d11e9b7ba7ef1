import { describe, expect, test } from "vitest";
import type { Failure, FailureClass } from "../failure.ts";
import { defaultCooldownPolicy, nextWindow, windowReason, type CooldownReason, type CooldownWindow } from "./window.ts";

const now = 1_000_000;
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

interface Given {
  readonly reason?: CooldownReason;
  readonly retryAt?: number;
  readonly attempt?: number;
}

/** A window after a failure of the latest attempt, number 10 unless told. */
const after = (before: CooldownWindow | undefined, { reason = "rate_limit", retryAt, attempt = 10 }: Given = {}, at = now) =>
  nextWindow(
    before,
    { provider: "test-provider", reason, retryAt, attempt, latestAttempt: Math.max(attempt, 10) },
    at,
    defaultCooldownPolicy,
  );

/** Windows in a row, each opened by the probe of the one before it. */
function lengths(reason: CooldownReason, count: number): readonly number[] {
  const found: number[] = [];
  let window: CooldownWindow | undefined;
  let at = now;
  for (let attempt = 1; attempt <= count; attempt += 1) {
    window = nextWindow(
      window,
      { provider: "test-provider", reason, retryAt: undefined, attempt, latestAttempt: attempt },
      at,
      defaultCooldownPolicy,
    );
    found.push(window.until - at);
    at = window.until;
  }
  return found;
}

test.each<[FailureClass, CooldownReason | undefined]>([
  ["rate_limit", "rate_limit"],
  ["billing", "billing"],
  ["auth_permanent", "auth_permanent"],
  ["auth", undefined],
  ["overloaded", undefined],
  ["timeout", undefined],
  ["format", undefined],
  ["model_not_found", undefined],
  ["context_overflow", undefined],
  ["session_expired", undefined],
  ["server", undefined],
  ["unknown", undefined],
])("a failure of class %s opens a window for %s", (failureClass, expected) => {
  expect(windowReason({ class: failureClass, scope: "credential", rule: "test" })).toBe(expected);
});

test("a rate limit that says the quota is unpaid opens a billing window", () => {
  const failure: Failure = { class: "rate_limit", window: "billing", scope: "credential", rule: "test" };
  expect(windowReason(failure)).toBe("billing");
});

describe("A7: how long windows in a row are", () => {
  test("rate limits without a hint: 30 s, 60 s, then 300 s", () => {
    expect(lengths("rate_limit", 5)).toEqual([30 * second, minute, 5 * minute, 5 * minute, 5 * minute]);
  });

  test.each<CooldownReason>(["billing", "auth_permanent"])("%s: 10 minutes, doubling to 24 hours", (reason) => {
    expect(lengths(reason, 10)).toEqual([10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440].map((minutes) => minutes * minute));
  });

  test.each([
    ["a hint holds", now + 7 * minute, 7 * minute],
    ["a hint is an hour at most", now + 5 * hour, hour],
    ["a hint is a second at least", now + 10, second],
    ["a hint in the past is a second", now - hour, second],
    ["a hint of exactly an hour holds", now + hour, hour],
  ])("%s", (_, retryAt, expected) => {
    expect(after(undefined, { retryAt }).until - now).toBe(expected);
  });

  test("a provider's hint does not shorten a billing window", () => {
    expect(after(undefined, { reason: "billing", retryAt: now + second }).until - now).toBe(10 * minute);
  });
});

describe("A7: a failure that was under way when the window opened", () => {
  const open = after(undefined, { retryAt: now + minute });

  test("keeps the later of the two ends, and the count", () => {
    expect(after(open, { retryAt: now + 10 * second, attempt: 9 })).toEqual(open);
    expect(after(open, { retryAt: now + 2 * minute, attempt: 9 })).toEqual({ ...open, until: now + 2 * minute });
  });

  test("belongs to it even when it comes in after its end", () => {
    const late = after(open, { attempt: 9 }, open.until + second);
    expect(late).toMatchObject({ count: 1, until: open.until + second + 30 * second });
  });

  test("of another reason takes over if it holds longer", () => {
    expect(after(open, { reason: "billing", attempt: 9 })).toMatchObject({ reason: "billing", count: 1, until: now + 10 * minute });
    const unpaid = after(undefined, { reason: "billing" });
    expect(after(unpaid, { attempt: 9 })).toEqual(unpaid);
  });

  test("is remembered as the latest that failed, so that an older success does not clear the window", () => {
    expect(after({ ...open, failedAttempt: 3 }, { attempt: 9 }).failedAttempt).toBe(9);
    expect(after(open, { attempt: 4 }).failedAttempt).toBe(10);
  });
});

test("the failure of the probe opens the next window, and of another reason a first one", () => {
  const open = after(undefined);
  expect(after(open, { attempt: 11 }, open.until)).toEqual({
    until: open.until + minute,
    reason: "rate_limit",
    count: 2,
    failedAttempt: 11,
    lastInFlight: 11,
  });
  expect(after(open, { attempt: 11, reason: "billing" }, open.until)).toMatchObject({ until: open.until + 10 * minute, count: 1 });
});

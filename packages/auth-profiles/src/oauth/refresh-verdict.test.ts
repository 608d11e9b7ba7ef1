import { describe, expect, test } from "vitest";
import type { JournalEntry } from "./refresh-journal.ts";
import { judgeRefresh, mayBeUnderWay, pauseAfter, RETRY_WINDOW_MS, type Refusal } from "./refresh-verdict.ts";

const NOW = 1_000_000_000_000;
const MINUTE_MS = 60_000;
const judge = (entry: Partial<JournalEntry> | undefined) =>
  judgeRefresh({
    id: "acme:work",
    provider: "acme",
    mark: "present",
    now: NOW,
    entry: entry && { mark: "present", state: "sent", startedAt: NOW, ...entry },
  });

describe("a refresh token", () => {
  test.each([
    ["of which nothing is noted", undefined],
    ["of which only an older one is noted", { mark: "older", state: "rejected" }],
    ["that was certainly not spent", { state: "unsent" }],
    ["whose pause is over", { state: "unsent", pausedUntil: NOW }],
    ["whose pause is longer than any is", { state: "unsent", pausedUntil: NOW + 16 * MINUTE_MS }],
  ] as const)("%s is sent", (_which, entry) => {
    expect(judge(entry)).toEqual({ kind: "send" });
  });

  test.each([NOW, NOW - RETRY_WINDOW_MS])("that was sent at %d and may be forgiven is sent once more", (startedAt) => {
    expect(judge({ startedAt })).toEqual({ kind: "retry", startedAt });
  });

  test.each([
    ["the provider calls dead", { state: "rejected" }, "rejected", "oauth-refresh-rejected"],
    ["was sent too long ago", { startedAt: NOW - RETRY_WINDOW_MS - 1 }, "indeterminate", "refresh-indeterminate"],
    ["was sent in the future", { startedAt: NOW + 1 }, "indeterminate", "refresh-indeterminate"],
    ["was sent twice", { state: "retried" }, "indeterminate", "refresh-indeterminate"],
    ["was received for", { state: "received" }, "indeterminate", "refresh-indeterminate"],
    ["was lost", { state: "lost" }, "indeterminate", "refresh-indeterminate"],
    ["has to wait", { state: "unsent", pausedUntil: NOW + 1 }, "paused", "oauth-unavailable"],
    ["was sent, and has to wait", { pausedUntil: NOW + 1 }, "paused", "oauth-unavailable"],
    ["was denied, and has to wait", { state: "unsent", isDenied: true, pausedUntil: NOW + 1 }, "paused", "oauth-denied"],
    ["is spent, whose successor is not stored", { state: "received" }, "indeterminate", "refresh-indeterminate"],
    ["was sent too long ago, and has to wait", { startedAt: 0, pausedUntil: NOW + 1 }, "indeterminate", "refresh-indeterminate"],
  ] as const)("that %s is not sent", (_which, entry, state, code) => {
    expect(judge(entry)).toMatchObject({ kind: "refuse", state, error: { code, profileId: "acme:work", hint: expect.any(String) } });
  });
});

describe("the pause after a failure", () => {
  const pauseOf = (given: Partial<Refusal>) =>
    pauseAfter({ now: NOW, failures: 0, isDenied: false, retryAt: undefined, random: 0, ...given }).pausedUntil - NOW;

  test.each([
    [undefined, 5_000],
    [NOW - 1, 5_000],
    [NOW + MINUTE_MS, MINUTE_MS],
    [NOW + 1e9, 15 * MINUTE_MS],
  ])("where the provider says %s is %d ms", (retryAt, pause) => {
    expect(pauseOf({ retryAt })).toBe(pause);
  });

  test.each([
    ["that passes", false, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]],
    ["that is a refusal", true, [60, 120, 240, 480, 900, 900]],
  ])("%s doubles with each further one up to 15 minutes", (_which, isDenied, seconds) => {
    expect(seconds.map((_, failures) => pauseOf({ failures, isDenied }) / 1000)).toEqual(seconds);
  });

  test("is shorter by up to a tenth, so that not all come back at once", () => {
    expect([0, 0.5, 1].map((random) => pauseOf({ failures: 10, random }))).toEqual([900_000, 855_000, 810_000]);
    // But what the provider asks for is kept.
    expect(pauseOf({ retryAt: NOW + MINUTE_MS, random: 1 })).toBe(MINUTE_MS);
  });

  test.each([-7, 1e300, Infinity])("is one that can be noted after %d failures", (failures) => {
    expect([5_000, 900_000]).toContain(pauseOf({ failures }));
  });

  test("counts the failures in a row", () => {
    expect(pauseAfter({ now: NOW, failures: 2, isDenied: true, retryAt: undefined, random: 0 })).toMatchObject({
      failures: 3,
      isDenied: true,
    });
  });
});

test.each([
  [true, "was sent a moment ago", { state: "sent" }],
  [true, "was sent twice", { state: "retried", startedAt: NOW - MINUTE_MS }],
  [false, "was sent long ago, by a process that died", { state: "sent", startedAt: NOW - 2 * MINUTE_MS - 1 }],
  [false, "was sent before the clock was set back", { state: "sent", startedAt: NOW + 1 }],
  [false, "is to be sent again after a pause", { state: "sent", pausedUntil: NOW + 1 }],
  [false, "was lost", { state: "lost" }],
  [false, "was not spent", { state: "unsent" }],
] as const)("may be under way is %s of a token that %s", (isUnderWay, _which, entry) => {
  expect(mayBeUnderWay({ mark: "present", startedAt: NOW, ...entry }, NOW)).toBe(isUnderWay);
});

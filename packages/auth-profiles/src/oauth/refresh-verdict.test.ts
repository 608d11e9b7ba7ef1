import { describe, expect, test } from "vitest";
import type { JournalEntry } from "./refresh-journal.ts";
import { judgeRefresh, pauseUntil, RETRY_WINDOW_MS } from "./refresh-verdict.ts";

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
    ["was lost", { state: "lost" }, "indeterminate", "refresh-indeterminate"],
    ["has to wait", { state: "unsent", pausedUntil: NOW + 1 }, "paused", "oauth-unavailable"],
    ["was sent, and has to wait", { pausedUntil: NOW + 1 }, "paused", "oauth-unavailable"],
    ["was sent too long ago, and has to wait", { startedAt: 0, pausedUntil: NOW + 1 }, "indeterminate", "refresh-indeterminate"],
  ] as const)("that %s is not sent", (_which, entry, state, code) => {
    expect(judge(entry)).toMatchObject({ kind: "refuse", state, error: { code, profileId: "acme:work", hint: expect.any(String) } });
  });
});

test.each([
  [undefined, 5_000],
  [NOW - 1, 5_000],
  [NOW + MINUTE_MS, MINUTE_MS],
  [NOW + 1e9, 15 * MINUTE_MS],
])("a provider that says %s is left alone for %d ms", (retryAt, pause) => {
  expect(pauseUntil(NOW, retryAt)).toBe(NOW + pause);
});

import { describe, expect, test } from "vitest";
import { readHeadroom } from "./headroom.ts";
import { readRetryAt } from "./limits.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const epochSeconds = (later: number) => String(now / 1000 + later);

function read(headers: Readonly<Record<string, string>>) {
  return readHeadroom((name) => headers[name], now);
}

describe("what a provider says is left", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly object[]]>([
    [
      "OpenAI, Azure, xAI: requests and tokens with durations",
      {
        "x-ratelimit-limit-requests": "10000",
        "x-ratelimit-remaining-requests": "9999",
        "x-ratelimit-reset-requests": "6ms",
        "x-ratelimit-limit-tokens": "30000",
        "x-ratelimit-remaining-tokens": "7500",
        "x-ratelimit-reset-tokens": "6m0s",
      },
      [
        { window: "requests", left: 0.9999, remaining: 9999, resetAt: now + 6 },
        { window: "tokens", left: 0.25, remaining: 7500, resetAt: now + 360_000 },
      ],
    ],
    [
      "Azure without a limit: nothing is known until nothing is left",
      { "x-ratelimit-remaining-requests": "17", "x-ratelimit-remaining-tokens": "0" },
      [{ window: "tokens", left: 0, remaining: 0 }],
    ],
    [
      "Cerebras: by day and by minute, in seconds",
      {
        "x-ratelimit-limit-requests-day": "14400",
        "x-ratelimit-remaining-requests-day": "7200",
        "x-ratelimit-reset-requests-day": "33011.5",
        "x-ratelimit-limit-tokens-minute": "60000",
        "x-ratelimit-remaining-tokens-minute": "60000",
        "x-ratelimit-reset-tokens-minute": "11.5",
      },
      [
        { window: "requests-day", left: 0.5, remaining: 7200, resetAt: now + 33_011_500 },
        { window: "tokens-minute", left: 1, remaining: 60_000, resetAt: now + 11_500 },
      ],
    ],
    [
      "Mistral: no time of reset",
      { "x-ratelimit-limit-req-minute": "5", "x-ratelimit-remaining-req-minute": "4" },
      [{ window: "requests-minute", left: 0.8, remaining: 4 }],
    ],
    [
      "OpenRouter: one limit, epoch milliseconds",
      { "x-ratelimit-limit": "20", "x-ratelimit-remaining": "5", "x-ratelimit-reset": String(now + 1234) },
      [{ window: "requests", left: 0.25, remaining: 5, resetAt: now + 1234 }],
    ],
    [
      "Together: tokens under a name of their own",
      { "x-tokenlimit-limit": "1000", "x-tokenlimit-remaining": "100" },
      [{ window: "tokens", left: 0.1, remaining: 100 }],
    ],
    [
      "Fireworks: tokens in and out",
      { "x-ratelimit-limit-tokens-prompt": "100", "x-ratelimit-remaining-tokens-prompt": "50" },
      [{ window: "input-tokens", left: 0.5, remaining: 50 }],
    ],
    [
      "Anthropic: dates",
      {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "10",
        "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:42Z",
        "anthropic-ratelimit-input-tokens-limit": "40000",
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:01:00Z",
      },
      [
        { window: "requests", left: 0.2, remaining: 10, resetAt: now + 42_000 },
        { window: "input-tokens", left: 0, remaining: 0, resetAt: now + 60_000 },
      ],
    ],
    [
      "a Claude plan: shares that are used",
      {
        "anthropic-ratelimit-unified-5h-utilization": "0.75",
        "anthropic-ratelimit-unified-5h-reset": epochSeconds(3600),
        "anthropic-ratelimit-unified-7d-utilization": "1.25",
        "anthropic-ratelimit-unified-7d-reset": epochSeconds(86_400),
      },
      [
        { window: "5h", left: 0.25, resetAt: now + 3_600_000 },
        { window: "7d", left: 0, resetAt: now + 86_400_000 },
      ],
    ],
    [
      "a ChatGPT plan: percents, by length of the window",
      {
        "x-codex-primary-used-percent": "61.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-after-seconds": "60",
        "x-codex-primary-reset-at": epochSeconds(90),
        "x-codex-secondary-used-percent": "10",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-after-seconds": "604800",
      },
      [
        { window: "5h", left: 0.385, resetAt: now + 90_000 },
        { window: "7d", left: 0.9, resetAt: now + 604_800_000 },
      ],
    ],
    ["a ChatGPT plan that does not say how long", { "x-codex-primary-used-percent": "100" }, [{ window: "primary", left: 0 }]],
    [
      "the IETF field with its policy",
      { ratelimit: '"burst";r=50;t=30, "daily"; r=9; t=7200', "ratelimit-policy": '"burst";q=100;w=60,"daily";q=10;w=86400' },
      [
        { window: "burst", left: 0.5, remaining: 50, resetAt: now + 30_000 },
        { window: "daily", left: 0.9, remaining: 9, resetAt: now + 7_200_000 },
      ],
    ],
    [
      "the three IETF fields of earlier drafts",
      { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "75", "ratelimit-reset": "10" },
      [{ window: "requests", left: 0.75, remaining: 75, resetAt: now + 10_000 }],
    ],
    [
      "the more exact name wins",
      {
        "x-ratelimit-limit": "4",
        "x-ratelimit-remaining": "1",
        "x-ratelimit-limit-requests": "4",
        "x-ratelimit-remaining-requests": "2",
      },
      [{ window: "requests", left: 0.5, remaining: 2 }],
    ],
  ])("%s", (_, headers, expected) => {
    const found = read(headers);
    expect(found).toHaveLength(expected.length);
    for (const [index, entry] of found.entries()) {
      const { left, ...rest } = entry;
      expect({ ...rest, left: Number(left.toFixed(6)) }).toEqual(expected[index]);
    }
  });

  test.each([
    [{}],
    [{ "retry-after": "20" }],
    [{ "x-ratelimit-limit-requests": "100" }],
    [{ "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "many" }],
    [{ "x-ratelimit-limit-requests": "-1", "x-ratelimit-remaining-requests": "-1" }],
    [{ "x-ratelimit-limit-tokens": "0", "x-ratelimit-remaining-tokens": "0" }],
    [{ "x-ratelimit-limit": "9", "x-ratelimit-remaining": "1", "x-ratelimit-reset": epochSeconds(-60) }],
    [{ "anthropic-ratelimit-unified-5h-utilization": "0.9", "anthropic-ratelimit-unified-5h-reset": epochSeconds(-1) }],
    [{ ratelimit: "nonsense" }],
    [{ ratelimit: '"burst";r=50;t=30' }],
  ])("%j says nothing", (headers) => {
    expect(read(headers)).toEqual([]);
  });

  test("what is left is never more than all of it, and an absurd time is no time", () => {
    const headers = { "x-ratelimit-limit": "10", "x-ratelimit-remaining": "90", "x-ratelimit-reset": "999999999" };
    expect(read(headers)).toEqual([{ window: "requests", left: 1, remaining: 90 }]);
  });

  test("hostile headers are read in linear time", () => {
    const started = performance.now();
    for (const text of [
      "9".repeat(90_000),
      '"a";r=1;'.repeat(20_000),
      '"'.repeat(90_000),
      `"a"${";r=1".repeat(30_000)}`,
      " ;".repeat(50_000),
    ]) {
      read({
        ratelimit: text,
        "ratelimit-policy": text,
        "x-ratelimit-remaining": text,
        "ratelimit-limit": text,
        "ratelimit-remaining": "1",
      });
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test("a window of a flat plan that is used up says when to come back", () => {
  const headers: Readonly<Record<string, string>> = {
    "anthropic-ratelimit-unified-5h-utilization": "1.01",
    "anthropic-ratelimit-unified-5h-reset": epochSeconds(1800),
    "anthropic-ratelimit-unified-7d-utilization": "0.4",
    "anthropic-ratelimit-unified-7d-reset": epochSeconds(86_400),
  };
  expect(readRetryAt((name) => headers[name], undefined, now)).toBe(now + 1_800_000);
});

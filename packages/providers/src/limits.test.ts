import { describe, expect, test } from "vitest";
import { readDuration } from "./duration.ts";
import { readRetryAt } from "./limits.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

function waitMs(headers: Readonly<Record<string, string>>, text?: string): number | undefined {
  const at = readRetryAt((name) => headers[name], text, now);
  return at === undefined ? undefined : at - now;
}

describe("headers say when to come back", () => {
  test.each([
    [{ "retry-after": "20" }, 20_000],
    [{ "retry-after": " 1.5 " }, 1500],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "Sun, 01 Mar 2026 12:01:00 GMT" }, 60_000],
    [{ "retry-after-ms": "250", "retry-after": "1" }, 250],
    [{ "x-ratelimit-reset": "30" }, 30_000],
    [{ "x-ratelimit-reset": String(now / 1000 + 45) }, 45_000],
    [{ "x-ratelimit-reset": String(now + 1234) }, 1234],
    [{ "x-ratelimit-reset": "2026-03-01T12:00:10Z" }, 10_000],
    [{ "x-ratelimit-reset-requests": "1s" }, 1000],
    [{ "x-ratelimit-reset-tokens": "6m0s", "x-ratelimit-remaining-tokens": "0" }, 360_000],
    [{ "x-ratelimit-reset-tokens": "120ms" }, 120],
    [{ "x-ratelimit-reset-requests": "2m59.56s" }, 179_560],
    [{ "x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "3s" }, 3000],
    [{ "x-ratelimit-reset-requests-day": "33011.382867" }, 33_011_382.867],
    [{ "anthropic-ratelimit-requests-reset": "2026-03-01T12:00:42Z", "anthropic-ratelimit-requests-remaining": "0" }, 42_000],
    [{ "anthropic-ratelimit-input-tokens-reset": "2026-03-01T12:01:00Z" }, 60_000],
  ])("%j: %d ms", (headers, expected) => {
    expect(waitMs(headers)).toBeCloseTo(expected, 3);
  });

  test.each([
    [{}],
    [{ "retry-after": "-5" }],
    [{ "retry-after": "NaN" }],
    [{ "retry-after": "soon" }],
    [{ "retry-after": "1e3" }],
    [{ "retry-after": "999999999" }],
    [{ "retry-after": "99999999999999999999" }],
    [{ "retry-after": "Sun, 01 Mar 2026 11:59:00 GMT" }],
    [{ "retry-after": "2026" + "-".repeat(50) }],
    [{ "x-ratelimit-reset": String(now / 1000 - 60) }],
    [{ "x-ratelimit-reset": "" }],
    [{ "x-ratelimit-reset-requests": "6m0s", "x-ratelimit-remaining-requests": "14370" }],
    [{ "anthropic-ratelimit-tokens-reset": "2026-03-01T12:00:42Z", "anthropic-ratelimit-tokens-remaining": "1000" }],
    [{ "anthropic-ratelimit-tokens-reset": "2020-01-01T00:00:00Z" }],
  ])("%j says nothing", (headers) => {
    expect(waitMs(headers)).toBeUndefined();
  });

  test("a limit that is not used up does not count beside one that is", () => {
    const headers = {
      "x-ratelimit-reset-requests": "2h",
      "x-ratelimit-remaining-requests": "100",
      "x-ratelimit-reset-tokens": "7s",
      "x-ratelimit-remaining-tokens": "0",
    };
    expect(waitMs(headers)).toBe(7000);
  });

  test("an unusable header leaves the word to the next one", () => {
    expect(waitMs({ "retry-after": "-1", "x-ratelimit-reset": "5" })).toBe(5000);
    expect(waitMs({ "retry-after": "Sun, 01 Mar 2020 11:59:00 GMT" }, "Please try again in 20s.")).toBe(20_000);
  });
});

describe("error texts say when to come back", () => {
  test.each([
    ['{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"37s"}]}}', 37_000],
    ['{"retryDelay": "0.5s"}', 500],
    ["Please retry in 14.409s.", 14_409],
    ["Rate limit reached. Please try again in 20s. Visit https://example.test", 20_000],
    ["Please try again in 1m30.5s", 90_500],
    ["try again in 120ms", 120],
    ["Try again in 6 minutes", 360_000],
    ["retry after 2 hours", 7_200_000],
    [`{"error":{"type":"usage_limit_reached","resets_at":${now / 1000 + 600}}}`, 600_000],
    [`{"reset_at": ${now + 5000}}`, 5000],
    ['{"resets_at":"2026-03-01T13:00:00Z"}', 3_600_000],
    ['{"resets_in_seconds":90}', 90_000],
  ])("%s", (text, expected) => {
    expect(waitMs({}, text)).toBeCloseTo(expected, 3);
  });

  test.each([
    "try again later",
    "try again in a moment",
    "try again in 20 words",
    `{"resets_at":${now / 1000 - 600}}`,
    '{"resets_at":"tomorrow"}',
    '{"resets_in_seconds":-5}',
    '{"resets_in_seconds":null}',
    `${" ".repeat(9000)}try again in 20s`,
  ])("%s", (text) => {
    expect(waitMs({}, text)).toBeUndefined();
  });

  test("hostile texts are read in linear time", () => {
    const started = performance.now();
    for (const text of ["retry after 1".repeat(9000), "9".repeat(90_000), "resets_at:".repeat(9000), "1m".repeat(50_000)]) {
      waitMs({}, text);
      waitMs({ "x-ratelimit-reset": text });
    }
    expect(performance.now() - started).toBeLessThan(500);
  });
});

test.each([
  ["6m0s", 360_000],
  ["1h2m3s", 3_723_000],
  ["1d", 86_400_000],
  ["20 seconds and more", 20_000],
  ["5 mins", 300_000],
  ["250 milliseconds", 250],
])("the duration %j is %d ms", (text, expected) => {
  expect(readDuration(text)).toBe(expected);
});

test.each(["", "soon", "5", "5 x", "s", "in 5s", "-5s"])("%j begins with no duration", (text) => {
  expect(readDuration(text)).toBeUndefined();
});

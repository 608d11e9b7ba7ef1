import { RotationError } from "@openclaw/key-rotation";
import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { coolingResponse } from "./cooling-response.ts";
import type { ErrorDialect } from "./request-endpoint.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const plan = {
  provider: "test",
  candidates: [fakeCandidate("test:me@mail.test"), fakeCandidate("#0123abcd"), fakeCandidate("other")],
  excluded: [],
};
const entry = (id: string, waitMs: number) => ({ id, origin: `profile ${id}`, until: now + waitMs, reason: "rate_limit" });
const error = new RotationError("all-cooling", "Every credential of test is cooling down", {
  cooling: [entry("#0123abcd", 1500), entry("other", 61_000), entry("test:me@mail.test", 3_600_000)],
});
const message =
  "Every credential of test is cooling down: #0123abcd for 2 s (until 2026-03-01T12:00:01.500Z, rate_limit); " +
  "credential 3 for 61 s (until 2026-03-01T12:01:01.000Z, rate_limit); credential 1 for 3600 s (until 2026-03-01T13:00:00.000Z, rate_limit)";

test.each<[ErrorDialect, object]>([
  ["openai", { error: { message, type: "rate_limit_error", param: null, code: "all_cooling" } }],
  ["anthropic", { type: "error", error: { type: "rate_limit_error", message } }],
  [
    "google",
    {
      error: {
        code: 429,
        message,
        status: "RESOURCE_EXHAUSTED",
        details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" }],
      },
    },
  ],
])("says in the dialect %s who cools down until when, and no name", async (dialect, body) => {
  const response = coolingResponse(error, { plan, dialect, now });
  expect(response.status).toBe(429);
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("retry-after")).toBe("2");
  expect(response.headers.get("x-should-retry")).toBeNull();
  expect(await response.json()).toEqual(body);
});

test("tells an SDK not to sleep through a long wait", () => {
  const long = new RotationError("all-cooling", "all", { cooling: [entry("other", 60_001)] });
  expect(coolingResponse(long, { plan, dialect: "openai", now }).headers.get("x-should-retry")).toBe("false");
});

test("a credential that others use now may be free in a second", async () => {
  const busy = new RotationError("all-cooling", "all busy", { cooling: [] });
  const response = coolingResponse(busy, { plan, dialect: "openai", now });
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ error: { message: "all busy" } });
});

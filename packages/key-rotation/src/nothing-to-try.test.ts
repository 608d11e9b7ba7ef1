import { fakeCandidate, manualClock } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { createHealth } from "./health/health.ts";
import { nothingToTry } from "./nothing-to-try.ts";

test("no credential at all: says so, and which variable to set", () => {
  expect(nothingToTry({ provider: "openai-codex", candidates: [], excluded: [] }, undefined)).toMatchObject({
    code: "no-credentials",
    message: 'No API keys configured for provider "openai-codex".',
  });
});

test("all left out: says why, and never that there is no key", () => {
  const excluded = [
    { id: "openai:me@example.com", reason: "expired" },
    { id: "openai:b", reason: "missing_credential" },
    { id: "openai:c", reason: "expired" },
  ];
  const error = nothingToTry({ provider: "openai", candidates: [], excluded }, undefined);
  expect(error).toMatchObject({
    code: "no-credentials",
    message: "No credential of openai can be used: 3 left out (expired, missing_credential)",
    excluded,
  });
  expect(error.message).not.toContain("example.com");
});

test("all cooling: lists them, soonest first, and says when to come back", () => {
  const clock = manualClock(Date.UTC(2026, 5, 1));
  const health = createHealth({ clock });
  const candidates = [fakeCandidate("me@example.com"), fakeCandidate("two")];
  const plan = { provider: "openai", candidates, excluded: [] };
  for (const [index, candidate] of candidates.entries()) {
    const ticket = health.admit(candidate, plan);
    if (ticket)
      health.settle(ticket, { class: "rate_limit", scope: "credential", retryAt: clock.now() + (60 - index) * 1000, rule: "test" });
  }
  const error = nothingToTry(plan, health);
  expect(error).toMatchObject({
    code: "all-cooling",
    message: "Every credential of openai is cooling down",
    hint: "the first can be tried again at 2026-06-01T00:00:59.000Z",
    cooling: [{ id: "two" }, { id: "me@example.com" }],
  });
});

test("all in use: says that and no time, for nobody knows when a request under way ends", () => {
  const clock = manualClock(Date.UTC(2026, 5, 1));
  const health = createHealth({ clock });
  const candidates = ["one", "two"].map((id) => ({ ...fakeCandidate(id), maxConcurrent: 1 }));
  const plan = { provider: "openai", candidates, excluded: [] };
  const [ticket] = candidates.map((candidate) => health.admit(candidate, plan));
  const error = nothingToTry(plan, health);
  expect([error.code, error.message, error.hint]).toEqual(["all-cooling", "Every credential of openai is in use", undefined]);
  if (ticket) health.settle(ticket, { class: "rate_limit", scope: "credential", rule: "test" });
  expect(nothingToTry(plan, health).message).toBe("Every credential of openai is cooling down");
});

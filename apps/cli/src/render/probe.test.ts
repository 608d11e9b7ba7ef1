import { expect, test } from "vitest";
import type { ProbedResult } from "../models-probe/probe-report.ts";
import { renderProbes } from "./probe.ts";

function report(results: readonly ProbedResult[], totalTargets = results.length, durationMs = 1234) {
  const options = { profileIds: [], timeoutMs: 8000, concurrency: 2, maxTokens: 8 };
  return { startedAt: 0, finishedAt: durationMs, durationMs, totalTargets, options, results };
}

const work: ProbedResult = {
  provider: "anthropic",
  model: "anthropic/claude-opus-4-6",
  profileId: "anthropic:work",
  label: "anthropic:work",
  source: "profile",
  mode: "token",
  status: "ok",
  latencyMs: 2345,
};

test("a table, what to know below each row, and a total", () => {
  const limited: ProbedResult = {
    provider: "xai",
    label: "XAI_API_KEY=#1a2b3c4d",
    source: "env",
    status: "rate_limit",
    latencyMs: 8.4,
    error: "HTTP 429: slow\nsecond line",
    hint: "wait",
  };
  expect(renderProbes(report([work, limited])).split("\n")).toEqual([
    "Probes",
    "  Model                      Profile                 Status",
    "  anthropic/claude-opus-4-6  anthropic:work (token)  ok · 2.3s",
    "  xai/-                      XAI_API_KEY=#1a2b3c4d   rate_limit · 8ms",
    "    HTTP 429: slow",
    "    second line",
    "    wait",
    "  Probed 2 targets in 1.2s",
  ]);
});

test("where a table would be wider than a terminal, the accounts of a model stand below its name", () => {
  const long = { ...work, label: "anthropic:somebody@some-company.example" };
  const failed: ProbedResult = { ...long, status: "auth", error: "HTTP 401: no" };
  const other: ProbedResult = { ...work, model: "anthropic/claude-haiku-4-5" };
  expect(renderProbes(report([long, failed, other])).split("\n")).toEqual([
    "Probes",
    "  Model",
    "    Profile                                          Status",
    "  anthropic/claude-opus-4-6",
    "    anthropic:somebody@some-company.example (token)  ok · 2.3s",
    "    anthropic:somebody@some-company.example (token)  auth · 2.3s",
    "      HTTP 401: no",
    "  anthropic/claude-haiku-4-5",
    "    anthropic:work (token)                           ok · 2.3s",
    "  Probed 3 targets in 1.2s",
  ]);
});

test("why requests pass a profile over is told where its code does not", () => {
  const out: ProbedResult = { ...work, status: "unknown", error: "not configured", eligibility: "expired" };
  expect(renderProbes(report([out], 0))).toContain("    not configured (expired)\n");
  expect(renderProbes(report([{ ...out, reasonCode: "expired" }], 0))).toContain("    not configured\n");
});

test("one target is one, and none is said in words", () => {
  expect(renderProbes(report([work], 1, 40))).toMatch(/\n {2}Probed 1 target in 40ms$/u);
  expect(renderProbes(report([]))).toBe("Probes\n  No probe targets.");
  expect(renderProbes(report([{ ...work, status: "no_model" }], 0))).toMatch(/\n {2}No probe targets\.$/u);
});

test("nothing of a provider's or a name reaches the terminal as more than text", () => {
  const hostile: ProbedResult = { ...work, label: "a\u001b[2Jb", model: "x/\u0007y", error: "\u202Eevil\u001b]0;title\u0007" };
  // eslint-disable-next-line no-control-regex -- what is looked for
  expect(renderProbes(report([hostile]))).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
});

import { expect, test } from "vitest";
import type { ApplyResult } from "../secrets-plan/apply.ts";
import { renderRecovered, renderSecretsApply } from "./secrets-apply.ts";

const result: ApplyResult = {
  mode: "write",
  changed: true,
  changedFiles: ["/home/me/.openclaw/openclaw.json"],
  checks: { resolvability: true, resolvabilityComplete: true },
  refsChecked: 1,
  skippedExecRefs: 0,
  warningCount: 0,
  warnings: [],
};
const show = (changes: Partial<ApplyResult>) => renderSecretsApply({ ...result, ...changes }, (path) => path.replace("/home/me", "~"));

test("says what was written, and what a running gateway needs", () => {
  expect(show({}).split("\n")).toEqual([
    "Secrets applied. Updated 1 file(s).",
    "  ~/.openclaw/openclaw.json",
    "A running gateway takes the references up with: openclaw secrets reload",
  ]);
});

test("says in a dry run what would be, and what was not asked", () => {
  expect(show({ mode: "dry-run", skippedExecRefs: 2 }).split("\n")).toEqual([
    "Secrets apply dry run: 1 file(s) would change.",
    "  ~/.openclaw/openclaw.json",
    "References to commands that were not run: 2 (--allow-exec runs them)",
  ]);
});

test("says that nothing changed", () => {
  expect(show({ changed: false, changedFiles: [] })).toBe("Secrets apply: no changes.");
});

test("lists warnings with their places, and no escape sequence of a file", () => {
  const warnings = [
    { code: "unscrubbed", file: "/home/me/.openclaw/.env", path: "$env.A_KEY\u001B[31m", message: "it stays" },
    { code: "value-differs", message: "another" },
  ] as const;
  expect(show({ changed: false, changedFiles: [], warningCount: 2, warnings }).split("\n")).toEqual([
    "Secrets apply: no changes.",
    "Warnings: 2",
    "  unscrubbed: ~/.openclaw/.env $env.A_KEY: it stays",
    "  value-differs: another",
  ]);
});

test.each([
  ["completed", /^An earlier run was stopped half way: its 2 files were completed first\.$/u],
  ["discarded", /^An earlier run was stopped before it changed anything/u],
] as const)("says of an earlier run that it was %s", (outcome, text) => {
  expect(renderRecovered({ recovered: { outcome, paths: ["/a", "/b"] } })).toMatch(text);
  expect(renderRecovered({})).toBeUndefined();
});

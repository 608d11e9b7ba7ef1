import { expect, test } from "vitest";
import { reloadTimeout } from "./reload-timeout.ts";

const exec = { source: "exec", command: "/bin/vault" } as const;

test("X21: a reload waits longer than the configured sources may take, and half a minute at least", () => {
  expect(reloadTimeout()).toBe(30_000);
  expect(reloadTimeout({ a: { source: "env" }, b: exec })).toBe(30_000);
  expect(reloadTimeout({ a: { ...exec, timeoutMs: 60_000 } })).toBe(65_000);
  expect(reloadTimeout({ a: { ...exec, timeoutMs: 60_000 }, b: { source: "file", path: "/x" } })).toBe(70_000);
});

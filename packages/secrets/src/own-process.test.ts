import { geteuid } from "node:process";
import { afterEach, expect, test, vi } from "vitest";
import { isMarkAlive, ownMark, ownUid } from "./own-process.ts";

afterEach(() => {
  vi.doUnmock("node:process");
  vi.resetModules();
});

test("we are the user the system says", () => {
  expect(ownUid()).toBe(geteuid?.());
});

test("where the system has no user ids the module loads all the same, and there is none", async () => {
  // As on Windows, where `node:process` has no such export by name either.
  vi.doMock("node:process", () => ({ default: { pid: 7, kill: () => true } }));
  vi.resetModules();
  const elsewhere = await import("./own-process.ts");
  expect(elsewhere.ownUid()).toBeUndefined();
});

test("a process is told from another with its number", () => {
  const mark = ownMark();
  expect(isMarkAlive(mark)).toBe(true);
  expect(isMarkAlive({ ...mark, startedAt: mark.startedAt + 1 })).toBe(false);
  expect(isMarkAlive({ ...mark, machine: "00000000" })).toBeUndefined();
});

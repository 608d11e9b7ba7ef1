import { expect, test } from "vitest";
import { findProgram } from "./find-program.ts";

test("finds a program on PATH, and says nothing of one that is not there", () => {
  expect(findProgram("sh")).toMatch(/\/sh$/u);
  expect(findProgram("no-such-program-of-ours")).toBeUndefined();
});

import { expect, test } from "vitest";
import { RotationError } from "./errors.ts";

test("an error has a code to switch on, and lists for those who may see names", () => {
  const cause = new Error("why");
  const cooling = [{ id: "one", origin: "ONE_API_KEY", until: 5, reason: "billing" }];
  const excluded = [{ id: "two", reason: "expired" }];
  const error = new RotationError("all-cooling", "later", { hint: "wait", cooling, excluded, cause });
  expect(error).toMatchObject({ name: "RotationError", code: "all-cooling", message: "later", hint: "wait", cooling, excluded, cause });
});

test("what is not known is empty", () => {
  const error = new RotationError("no-credentials", "none");
  expect(error).toMatchObject({ hint: undefined, cooling: [], excluded: [] });
  expect("cause" in error).toBe(false);
});

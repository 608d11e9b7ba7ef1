import { expect, test } from "vitest";
import { SecretsError } from "./errors.ts";

test("an error has a code to switch on, a hint and its cause", () => {
  const cause = new Error("why");
  const error = new SecretsError("file-exists", "a.json already exists", { hint: "remove it", cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ name: "SecretsError", code: "file-exists", hint: "remove it", cause });
});

test("without a cause there is no empty one", () => {
  const error = new SecretsError("file-exists", "a.json already exists");
  expect("cause" in error).toBe(false);
  expect(error.hint).toBeUndefined();
});

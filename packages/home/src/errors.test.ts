import { expect, test } from "vitest";
import { HomeError } from "./errors.ts";

test("carries a code, a hint and the real cause", () => {
  const cause = new Error("disk");
  expect(new HomeError("config-unreadable", "broken", { cause, hint: "type this" })).toMatchObject({
    name: "HomeError",
    code: "config-unreadable",
    message: "broken",
    hint: "type this",
    cause,
  });
});

test("has no cause where none was given", () => {
  expect(Object.hasOwn(new HomeError("unknown-agent", "no"), "cause")).toBe(false);
});

import { expect, test } from "vitest";
import { AuthProfileError } from "./errors.ts";

test("carries a code, a hint, the profile, the reason and the real cause", () => {
  const cause = new Error("disk");
  const error = new AuthProfileError("profile-unusable", "Profile is unusable", {
    cause,
    hint: "type this",
    profileId: "openai:default",
    reason: "expired",
  });
  expect(error).toMatchObject({
    name: "AuthProfileError",
    code: "profile-unusable",
    hint: "type this",
    profileId: "openai:default",
    reason: "expired",
    cause,
  });
});

test("has no cause where none was given", () => {
  expect(Object.hasOwn(new AuthProfileError("ref-policy", "no"), "cause")).toBe(false);
});

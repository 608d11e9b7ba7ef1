import { profileFailover, type Failure } from "@openclaw/key-rotation";
import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { failClosed, unresolvedReference } from "./fail-closed.ts";

const profile = fakeCandidate("a", { via: "profile" });
const other = fakeCandidate("b", { via: "profile" });
const key = fakeCandidate("key");
const refused: Failure = { class: "auth", scope: "credential", rule: "status-401" };

test("D17: a reference that leads nowhere moves on among profiles, and never to a key nobody asked for", () => {
  const advance = failClosed(profileFailover());
  expect(advance(unresolvedReference, profile, other, [])).toBe("next");
  expect(advance(unresolvedReference, profile, key, [])).toBe("stop");
  expect(advance(unresolvedReference, profile, undefined, [])).toBe("stop");
});

test("what a provider refused moves on as ever", () => {
  expect(failClosed(profileFailover())(refused, profile, key, [])).toBe("next");
});

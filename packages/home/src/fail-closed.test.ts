import { profileFailover, type Failure } from "@openclaw/key-rotation";
import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { failClosed, unusableCredential } from "./fail-closed.ts";

const profile = fakeCandidate("a", { via: "profile" });
const other = fakeCandidate("b", { via: "profile" });
const key = fakeCandidate("key");
const refused: Failure = { class: "auth", scope: "credential", rule: "status-401" };

test("D17: a reference that leads nowhere moves on among profiles, and never to a key nobody asked for", () => {
  const advance = failClosed(profileFailover());
  expect(advance(unusableCredential("ref-unresolved"), profile, other, [])).toBe("next");
  expect(advance(unusableCredential("ref-unresolved"), profile, key, [])).toBe("stop");
  expect(advance(unusableCredential("ref-unresolved"), profile, undefined, [])).toBe("stop");
});

test("what a provider refused moves on as ever", () => {
  expect(failClosed(profileFailover())(refused, profile, key, [])).toBe("next");
});

test("a login that cannot be had moves on as what a provider refused, and a reference that is not allowed does not", () => {
  const advance = failClosed(profileFailover());
  expect(unusableCredential("refresh-busy")).toEqual({ class: "auth", scope: "credential", rule: "refresh-busy" });
  expect(advance(unusableCredential("oauth-expired"), profile, key, [])).toBe("next");
  expect(advance(unusableCredential("ref-policy"), profile, key, [])).toBe("stop");
});

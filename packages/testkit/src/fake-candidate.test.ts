import { expect, test } from "vitest";
import { fakeCandidate } from "./fake-candidate.ts";

test("resolves to a credential of the same name, one generation on after a rejection", async () => {
  const candidate = fakeCandidate("one");
  const credential = await candidate.resolve({});
  expect(credential).toMatchObject({ id: "one", generation: 0, kind: "none" });
  expect(await candidate.resolve({ rejected: credential })).toMatchObject({ id: "one", generation: 1 });
});

test("is what it is told to be", () => {
  expect(fakeCandidate("one", { via: "profile", provider: "openai", origin: "profile one" })).toMatchObject({
    via: "profile",
    provider: "openai",
    origin: "profile one",
  });
  const error = new Error("cannot be refreshed");
  expect(() =>
    fakeCandidate("one", {
      resolve: () => {
        throw error;
      },
    }).resolve({}),
  ).toThrow(error);
});

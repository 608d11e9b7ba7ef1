import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { createReadyList } from "./ready-list.ts";
import { createUnit } from "./unit.ts";

const entries = ["one", "two"].map((id) => ({ candidate: fakeCandidate(id), credential: createUnit(id, undefined), bucket: undefined }));

test("a model is listed apart only while a credential stands otherwise for it: clients make up names", () => {
  const limited = new Set<string>();
  const list = createReadyList(entries, {
    standingOf: (_entry, model) => ({ isReady: !limited.has(model ?? ""), isFresh: true }),
    modelsApart: () => [...limited],
  });
  const shared = list.for(undefined);
  expect(list.for("m")).toBe(shared);
  limited.add("m");
  list.refresh(0, "m");
  list.refresh(1, "m");
  expect([list.for("m") === shared, list.for("n") === shared]).toEqual([false, true]);
  limited.delete("m");
  list.refresh(0, "m");
  expect(list.for("m")).not.toBe(shared);
  list.refresh(1, "m");
  expect(list.for("m")).toBe(shared);
});

test("those whom the same people pay for stand side by side", () => {
  const billed = ["subscription", "subscription", "metered", "local"] as const;
  const list = createReadyList(
    billed.map((billing, at) => ({
      candidate: fakeCandidate(`c-${at}`, { billing }),
      credential: createUnit(`c-${at}`, undefined),
      bucket: undefined,
    })),
    { standingOf: () => ({ isReady: true, isFresh: true }), modelsApart: () => [] },
  );
  expect(list.tiers).toEqual([
    { from: 0, to: 2 },
    { from: 2, to: 3 },
    { from: 3, to: 4 },
  ]);
});

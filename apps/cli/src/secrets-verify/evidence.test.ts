import { expect, test } from "vitest";
import { createCanary } from "./canary.ts";
import { judge } from "./evidence.ts";

const canaries = [createCanary("one"), createCanary("two")];
const [one, two] = canaries.map(({ value }) => value);

test("reports where and in which form a canary is, and never the canary", () => {
  const checks = judge(
    canaries,
    [
      { check: "status", place: "stdout", bytes: Buffer.from("fine"), allowed: [] },
      { check: "status", place: "stderr", bytes: Buffer.from(`debug ${one}`), allowed: [] },
      { check: "files", place: "store.json", bytes: Buffer.from(`${two}`), allowed: ["two"] },
    ],
    [],
  );
  expect(checks).toEqual([
    {
      id: "status",
      status: "leak",
      bytesSearched: 4 + 6 + (one?.length ?? 0),
      findings: [{ place: "stderr", canary: "one", form: "plain", isPiece: false }],
    },
    { id: "files", status: "ok", bytesSearched: two?.length, findings: [] },
  ]);
  expect(JSON.stringify(checks)).not.toContain(one);
});

test("a file may hold the canary that was put there and no other", () => {
  const [check] = judge(canaries, [{ check: "files", place: "store.json", bytes: Buffer.from(`${one} ${two}`), allowed: ["one"] }], []);
  expect(check).toMatchObject({ status: "leak", findings: [{ canary: "two" }] });
});

test("what could not be exercised is said, and a leak outweighs it", () => {
  const failed = { id: "gateway", status: "failed", reason: "it did not start" } as const;
  expect(judge(canaries, [], [failed])).toMatchObject([{ id: "gateway", status: "failed", reason: "it did not start" }]);
  expect(judge(canaries, [{ check: "gateway", place: "stderr", bytes: Buffer.from(`${one}`), allowed: [] }], [failed])).toMatchObject([
    { status: "leak" },
  ]);
});

import { expect, test } from "vitest";
import { withPatience } from "./with-patience.ts";

test("only what takes long is spoken of", async () => {
  const said: string[] = [];
  const io = { err: (text: string) => void said.push(text) };
  expect(await withPatience(io, "quick", Promise.resolve(1))).toBe(1);
  const slow = Promise.withResolvers<number>();
  const waiting = withPatience(io, "slow", slow.promise, 1);
  await expect.poll(() => said).toEqual(["slow"]);
  slow.resolve(2);
  expect(await waiting).toBe(2);
});

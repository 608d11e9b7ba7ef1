import { expect, test } from "vitest";
import { boundedIo } from "./bounded-io.ts";

test("drops what would only fill the memory, and says how much once somebody reads again", () => {
  const shown: string[] = [];
  let waiting = 0;
  const io = boundedIo(
    { out: (text) => void shown.push(text), err: (text) => void shown.push(text), secret: () => undefined },
    { backlog: () => waiting, describe: (count) => `${count} dropped` },
  );
  io.out("one");
  waiting = 1024 * 1024 + 1;
  io.out("two");
  io.err("three");
  waiting = 0;
  io.out("four");
  io.out("five");
  expect(shown).toEqual(["one", "2 dropped", "four", "five"]);
});

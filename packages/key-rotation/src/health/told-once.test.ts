import { expect, test } from "vitest";
import { RotationError } from "../errors.ts";
import { toldOnce } from "./told-once.ts";

test("a state is told once, another one too, and the same again once it was well in between", () => {
  const told: unknown[] = [];
  const once = toldOnce((error) => told.push(error));
  const newer = () => new RotationError("state-newer", "newer");
  const errors = [newer(), newer(), new RotationError("state-unreadable", "torn"), newer(), new Error("one"), new Error("one"), "two"];
  for (const error of errors) once.tell(error);
  expect(told).toEqual([errors[0], errors[2], errors[3], errors[4], errors[6]]);
  once.forget();
  once.tell("two");
  expect(told).toHaveLength(6);
});

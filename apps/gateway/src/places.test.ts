import { expect, test } from "vitest";
import { createPlaces } from "./places.ts";

test("each thing has a place until it is taken out, and the next one gets it", () => {
  const places = createPlaces<string>();
  const first = places.add("first");
  const second = places.add("second");
  expect([places.size, places.all()]).toEqual([2, ["first", "second"]]);
  places.delete(first, "first");
  expect([places.size, places.all()]).toEqual([1, ["second"]]);
  expect(places.add("third")).toBe(first);
  places.delete(first, "first");
  places.delete(second, "second");
  expect([places.size, places.all()]).toEqual([1, ["third"]]);
});

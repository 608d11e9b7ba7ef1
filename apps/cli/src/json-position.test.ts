import { expect, test } from "vitest";
import { jsonPosition } from "./json-position.ts";

test("says where a text stops being JSON, and nothing of the text", () => {
  expect(positionIn(`{\n  "key": "test-key-one" "x"\n}`)).toBe(" at line 2, column 25");
  expect(positionIn("")).toBe("");
});

function positionIn(text: string): string {
  try {
    JSON.parse(text);
    return "it is JSON";
  } catch (error) {
    return jsonPosition(error);
  }
}

import { geteuid } from "node:process";
import { expect, test } from "vitest";
import { callAsNobody, NOBODY_UID } from "./as-nobody.ts";

test("runs without root's rights, and passes on what was given or thrown", async () => {
  const { value } = await callAsNobody(new URL("node:process"), "geteuid", []);
  expect(value).toBe(geteuid?.() === 0 ? NOBODY_UID : geteuid?.());
  const { error } = await callAsNobody(new URL("node:fs/promises"), "readFile", ["/no/such/file"]);
  expect(error).toMatchObject({ code: "ENOENT", message: expect.stringContaining("/no/such/file") });
});

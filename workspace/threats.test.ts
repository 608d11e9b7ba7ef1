import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const page = await readFile(join(root, "docs/threats.md"), "utf8");
const rows = [...page.matchAll(/^\| ([GT]\d+) .*\| ([^|]+) \|$/gmu)].map(
  ([, row = "", tests = ""]) => [row, [...tests.matchAll(/`([^`]+)`/gu)].map(([, file = ""]) => file)] as const,
);

test("every threat is listed once", () => {
  const wanted = [
    ...[1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13].map((row) => `G${row}`),
    ...Array.from({ length: 24 }, (_, index) => `T${index + 1}`),
  ];
  expect(rows.map(([row]) => row)).toEqual(wanted);
});

test.each(rows)("%s is in the name of a test in each of the files that are said to hold it", async (row, files) => {
  expect(files.length).toBeGreaterThan(0);
  const isNamed = new RegExp(`["\`\\[ ]${row}[:,\\]]`, "u");
  const texts = await Promise.all(files.map(async (file) => [file, isNamed.test(await readFile(join(root, file), "utf8"))] as const));
  expect(texts.filter(([, isThere]) => !isThere)).toEqual([]);
});

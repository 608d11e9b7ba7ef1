import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { callAsNobody, createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { readTextFile } from "./read-text-file.ts";

async function fileWith(content?: string | Uint8Array, mode?: number): Promise<string> {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const path = join(home.path, "file");
  if (content !== undefined) await writeFile(path, content, mode === undefined ? {} : { mode });
  return path;
}

test("the text comes back without its byte order mark", async () => {
  expect(await readTextFile(await fileWith("\uFEFFtext"), "env-unreadable")).toBe("text");
});

test("no file is no text, and an empty one is empty", async () => {
  expect(await readTextFile(await fileWith(), "env-unreadable")).toBeUndefined();
  expect(await readTextFile(await fileWith(""), "env-unreadable")).toBe("");
});

test("a folder in its place is an error with the given code", async () => {
  const path = await fileWith();
  await mkdir(path);
  await expect(readTextFile(path, "env-unreadable")).rejects.toMatchObject({
    code: "env-unreadable",
    message: `${path} is not a regular file`,
  });
});

test("a pipe in its place is an error at once, though nobody writes to it", async () => {
  const path = await fileWith();
  execFileSync("mkfifo", [path]);
  await expect(readTextFile(path, "config-unreadable")).rejects.toMatchObject({ message: `${path} is not a regular file` });
});

test("a file where a folder should be is no missing file", async () => {
  const path = join(await fileWith("text"), "below");
  await expect(readTextFile(path, "config-unreadable")).rejects.toMatchObject({ message: `${path} cannot be read (ENOTDIR)` });
});

test("a link that leads to itself is an error", async () => {
  const path = await fileWith();
  await symlink(path, path);
  await expect(readTextFile(path, "config-unreadable")).rejects.toMatchObject({ message: expect.stringContaining("ELOOP") });
});

test("a file this user may not read is an error", async () => {
  const path = await fileWith("text", 0o000);
  const { error } = await callAsNobody(new URL("read-text-file.ts", import.meta.url), "readTextFile", [path, "env-unreadable"]);
  expect(error).toMatchObject({ name: "HomeError", code: "env-unreadable", message: `${path} cannot be read (EACCES)` });
});

test.each([
  ["a damaged byte", Buffer.from("KEY=test-canary\u00ff", "latin1")],
  ["UTF-16", Buffer.from("\uFEFFKEY=test-canary", "utf16le")],
])("%s is an error, not quietly part of a key", async (_name, content) => {
  const path = await fileWith(content);
  const error: unknown = await readTextFile(path, "env-unreadable").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "env-unreadable", message: `${path} is not UTF-8 text` });
  expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("canary");
});

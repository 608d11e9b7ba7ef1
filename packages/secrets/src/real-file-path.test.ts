import { createTempHome, type TempHome } from "@openclaw/testkit";
import { mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { realFilePath } from "./real-file-path.ts";

let home: TempHome;
let root: string;
beforeEach(async () => {
  home = await createTempHome();
  root = await realpath(home.path);
});
afterEach(() => home.remove());

test("A12: all links lead to one path, also to a file that does not exist yet", async () => {
  await mkdir(join(root, "real"));
  await symlink("real", join(root, "folder"));
  await symlink("../real/store.json", join(root, "real/link.json"));
  await symlink(join(root, "folder/link.json"), join(root, "link.json"));
  const paths = ["real/store.json", "folder/store.json", "real/link.json", "link.json"];
  const wanted = paths.map(() => join(root, "real/store.json"));
  expect(await Promise.all(paths.map((path) => realFilePath(join(home.path, path))))).toEqual(wanted);
  await home.write("real/store.json", "{}");
  expect(await Promise.all(paths.map((path) => realFilePath(join(home.path, path))))).toEqual(wanted);
});

test("folders that do not exist yet are part of it", async () => {
  expect(await realFilePath(join(home.path, "a/b/store.json"))).toBe(join(root, "a/b/store.json"));
});

test("links without end are an error, not a wait", async () => {
  await symlink("two", join(root, "one"));
  await symlink("one", join(root, "two"));
  await expect(realFilePath(join(root, "one"))).rejects.toMatchObject({ code: "ELOOP" });
});

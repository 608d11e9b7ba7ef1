import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { folderProblem, walkFolder, type FolderRule } from "./folder-walk.ts";
import { ownUid } from "./own-process.ts";
import { writeRule } from "./trusted-folder.ts";
import { readRule } from "./trusted-path.ts";

const ours = 1000;
const WRITABLE = "is-writable-by-others";
const FOREIGN = "belongs-to-another";
const folder = (uid: number, gid: number, mode: number, isDirectory = true) => ({ uid, gid, mode, isDirectory: () => isDirectory });
const read = (uid: number | undefined) => readRule({ uid, code: "file-refused" });
const judge = (stats: ReturnType<typeof folder>, rule: FolderRule) => [folderProblem(stats, false, rule), folderProblem(stats, true, rule)];

describe("a folder, on the way and as the folder itself, to write to and to read from", () => {
  test.each([
    ["ours, private", folder(ours, 50, 0o700), [undefined, undefined], [undefined, undefined]],
    ["ours, readable by all", folder(ours, 50, 0o755), [undefined, undefined], [undefined, undefined]],
    ["root's", folder(0, 0, 0o755), [undefined, undefined], [undefined, undefined]],
    ["another user's", folder(1001, 50, 0o700), [FOREIGN, FOREIGN], [FOREIGN, FOREIGN]],
    ["writable by its group", folder(ours, 50, 0o770), [WRITABLE, WRITABLE], [WRITABLE, WRITABLE]],
    ["writable by a group that is the owner's own", folder(ours, ours, 0o775), [undefined, undefined], [WRITABLE, WRITABLE]],
    ["root's, writable by root's group", folder(0, 0, 0o775), [undefined, undefined], [WRITABLE, WRITABLE]],
    ["writable by everybody", folder(ours, ours, 0o702), [WRITABLE, WRITABLE], [WRITABLE, WRITABLE]],
    ["root's, sticky", folder(0, 0, 0o1777), [undefined, WRITABLE], [undefined, WRITABLE]],
    ["ours, sticky", folder(ours, ours, 0o1777), [WRITABLE, WRITABLE], [WRITABLE, WRITABLE]],
    ["a file", folder(ours, ours, 0o600, false), ["is-no-folder", "is-no-folder"], ["is-no-folder", "is-no-folder"]],
  ])("%s", (_, stats, toWrite, toRead) => {
    expect([judge(stats, writeRule(ours)), judge(stats, read(ours))]).toEqual([toWrite, toRead]);
  });

  test("root writes to the folder of anybody, if nobody else can, and reads from none", () => {
    expect([judge(folder(1001, 1001, 0o700), writeRule(0)), judge(folder(1001, 1001, 0o700), read(0))]).toEqual([
      [undefined, undefined],
      [FOREIGN, FOREIGN],
    ]);
    expect(judge(folder(1001, 1001, 0o777), writeRule(0))).toEqual([WRITABLE, WRITABLE]);
  });

  test("where there are no user ids everything is written to, and nothing read", () => {
    expect([judge(folder(0, 0, 0o777), writeRule(undefined)), judge(folder(0, 0, 0o700), read(undefined))]).toEqual([
      [undefined, undefined],
      [FOREIGN, FOREIGN],
    ]);
  });
});

describe.each<[string, FolderRule]>([
  ["to write", writeRule(ownUid())],
  ["to read", read(ownUid())],
])("a walk %s", (_, rule) => {
  let home: TempHome;
  beforeEach(async () => {
    home = await createTempHome();
    await mkdir(join(home.path, "real/deep"), { recursive: true, mode: 0o755 });
  });
  afterEach(() => home.remove());

  test("ends where the system would, through links, links in links and parents of links", async () => {
    await symlink("real/deep", join(home.path, "deep"));
    await symlink(`${home.path}/deep/..`, join(home.path, "back"));
    const paths = ["real/deep", "deep/.", "deep/..", "back//deep/", "real/deep/../../back"].map((path) => `${home.path}/${path}`);
    const real = (await walkFolder(home.path, rule)) ?? "";
    const found = await Promise.all(paths.map((path) => walkFolder(path, rule)));
    expect(found).toEqual(["real/deep", "real/deep", "real", "real/deep", "real"].map((path) => join(real, path)));
  });

  test("a chain of links without end is refused", async () => {
    await symlink("loop", join(home.path, "loop"));
    await expect(walkFolder(join(home.path, "loop"), rule)).rejects.toMatchObject({ message: expect.stringContaining("links") });
  });

  test("a file is no folder on the way", async () => {
    await home.write("file", "");
    await expect(walkFolder(join(home.path, "file/deep"), rule)).rejects.toMatchObject({
      message: expect.stringContaining(`${join(home.path, "file")} is not a folder`),
    });
  });
});

test("what is not there is no error where it can be made, and one where it is to be read", async () => {
  const missing = "/nowhere/at/all";
  expect(await walkFolder(missing, writeRule(ownUid()))).toBeUndefined();
  await expect(walkFolder(missing, read(ownUid()))).rejects.toMatchObject({
    code: "file-refused",
    message: "/nowhere cannot be found or read",
  });
});

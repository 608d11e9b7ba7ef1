import { expect, test } from "vitest";
import { folderProblem } from "./trusted-folder.ts";

const ours = 1000;
const folder = (uid: number, gid: number, mode: number, isDirectory = true) => ({ uid, gid, mode, isDirectory: () => isDirectory });

test.each([
  ["ours, private", folder(ours, 50, 0o700), undefined, undefined],
  ["ours, readable by all", folder(ours, 50, 0o755), undefined, undefined],
  ["root's", folder(0, 0, 0o755), undefined, undefined],
  ["another user's", folder(1001, 50, 0o700), "belongs to another user", "belongs to another user"],
  ["writable by its group", folder(ours, 50, 0o770), "is writable by other users", "is writable by other users"],
  ["writable by a group that is the owner's own", folder(ours, ours, 0o775), undefined, undefined],
  ["root's, writable by root's group", folder(0, 0, 0o775), undefined, undefined],
  ["writable by everybody", folder(ours, ours, 0o702), "is writable by other users", "is writable by other users"],
  ["root's, sticky", folder(0, 0, 0o1777), undefined, "is writable by other users"],
  ["ours, sticky", folder(ours, ours, 0o1777), "is writable by other users", "is writable by other users"],
  ["a file", folder(ours, ours, 0o600, false), "is not a folder", "is not a folder"],
])("a folder %s, on the way and as the folder itself", (_, stats, onTheWay, itself) => {
  expect([folderProblem(stats, false, ours), folderProblem(stats, true, ours)]).toEqual([onTheWay, itself]);
});

test("root works in the folder of anybody, if nobody else can write to it", () => {
  expect(folderProblem(folder(1001, 1001, 0o700), true, 0)).toBeUndefined();
  expect(folderProblem(folder(1001, 1001, 0o777), true, 0)).toBe("is writable by other users");
});

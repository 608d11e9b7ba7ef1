import { mkdir, realpath, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { isVersionedNode, lastingNodePath } from "./node-path.ts";

async function folderWith(file: string): Promise<string> {
  const home = await createTempHome({ [file]: "" });
  onTestFinished(() => home.remove());
  return realpath(home.path);
}

test("a link on PATH is named in place of one version's own file, which an upgrade removes", async () => {
  const folder = await folderWith("Cellar/node/24.1.0/bin/node");
  await mkdir(join(folder, "bin"));
  await symlink(join(folder, "Cellar/node/24.1.0/bin/node"), join(folder, "bin/node"));
  const node = await lastingNodePath(join(folder, "Cellar/node/24.1.0/bin/node"), `${folder}/missing:relative:${folder}/bin`);
  expect([node.endsWith("/bin/node"), node.includes("Cellar"), isVersionedNode(node)]).toEqual([true, false, false]);
});

test("a link that goes away with its shell is none", async () => {
  const folder = await folderWith(".nvm/versions/node/v24.1.0/bin/node");
  const own = join(folder, ".nvm/versions/node/v24.1.0/bin/node");
  await mkdir(join(folder, "fnm_multishells/1_2/bin"), { recursive: true });
  await symlink(own, join(folder, "fnm_multishells/1_2/bin/node"));
  expect(await lastingNodePath(own, `${folder}/fnm_multishells/1_2/bin`)).toBe(own);
  expect(isVersionedNode(own)).toBe(true);
});

test("the system's own Node stays as it is", async () => {
  expect(await lastingNodePath("/usr/bin/node", "/usr/local/bin")).toBe("/usr/bin/node");
});

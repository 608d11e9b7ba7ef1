import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("..", import.meta.url));
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(join(root, "package.json"), "utf8")));
const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...globSync("{docs,packages/*,apps/*,bench}/**/*.md", { cwd: root, exclude: ["**/node_modules/**"] }),
];

test.each(pages)("%s: every link leads somewhere and every pnpm script exists", async (page) => {
  const text = await readFile(join(root, page), "utf8");
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/gu)].map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  const commands = [...text.matchAll(/pnpm@12 (?:run )?([a-z][\w:-]*)/gu)].map(([, name = ""]) => name);
  const ownCommands = new Set(["install", "exec", "add", "test", "start"]);
  expect(commands.filter((name) => !ownCommands.has(name) && !(name in scripts))).toEqual([]);
});

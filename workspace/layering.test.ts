import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProcess } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
let folder: string;

/** A tree like the repository's, with its lint rules and nothing in it. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "openclaw-layering-"));
  await cp(join(root, "oxlint.config.ts"), join(folder, "oxlint.config.ts"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What lint says of one file that holds `code`. */
async function lint(file: string, code: string): Promise<string> {
  const path = join(folder, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, code);
  const { stdout } = await runProcess(process.execPath, [join(root, "node_modules/oxlint/bin/oxlint"), file], {
    env: {},
    cwd: folder,
    timeoutMs: 20_000,
  });
  await rm(path);
  return stdout;
}

describe("a package that imports against the layering fails lint", () => {
  test.each([
    ["packages/secrets/src/a.ts", "@openclaw/key-rotation"],
    ["packages/key-rotation/src/a.ts", "@openclaw/providers"],
    ["packages/auth-profiles/src/a.ts", "@openclaw/providers"],
    ["packages/providers/src/a.ts", "@openclaw/auth-profiles"],
    ["packages/home/src/a.ts", "@openclaw/gateway"],
    ["packages/testkit/src/a.ts", "@openclaw/secrets"],
    ["packages/providers/src/a.test.ts", "@openclaw/home"],
    ["packages/secrets/src/a.ts", "@openclaw/testkit"],
    ["apps/gateway/src/a.ts", "openclaw"],
    ["packages/secrets/src/a.ts", "../../providers/src/table.ts"],
    ["packages/secrets/src/deep/a.ts", "../../../providers/src/table.ts"],
    ["apps/cli/src/a.ts", "@openclaw/secrets/src/secret.ts"],
  ])("%s may not import %s", async (file, name) => {
    expect(await lint(file, `import { thing } from "${name}";\nexport const other = thing;\n`)).toContain("no-restricted-imports");
  });

  test.each([
    ["packages/providers/src/a.ts", "@openclaw/key-rotation"],
    ["packages/home/src/a.ts", "@openclaw/auth-profiles"],
    ["packages/secrets/src/a.test.ts", "@openclaw/testkit"],
    ["apps/cli/src/a.ts", "@openclaw/gateway"],
    ["apps/cli/e2e/a.test.ts", "../src/io.ts"],
    ["packages/key-rotation/src/health/a.ts", "../failure.ts"],
  ])("%s may import %s", async (file, name) => {
    expect(await lint(file, `import { thing } from "${name}";\nexport const other = thing;\n`)).not.toContain("no-restricted-imports");
  });
});

test.each([
  ["the clock", "export const at = Date.now();"],
  ["the environment", "export const env = process.env;"],
  ["the network", 'export const answer = fetch("http://127.0.0.1");'],
  ["a secret's value", "export const text = (secret: { reveal(): string }) => secret.reveal();"],
  ["a type's word for it", "export const text = (value: unknown) => value as string;"],
])("a package that takes %s from the air fails lint", async (_what, code) => {
  expect(await lint("packages/key-rotation/src/a.ts", `${code}\n`)).toMatch(/no-restricted-|consistent-type-assertions/u);
});

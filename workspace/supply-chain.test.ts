import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";

const root = join(import.meta.dirname, "..");
const names = z.record(z.string(), z.string()).default({});
const manifestSchema = z.looseObject({
  name: z.string(),
  private: z.boolean().default(false),
  files: z.array(z.string()).default([]),
  scripts: names,
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
});

/** What each published package brings along from outside. One more is a decision, and stands here. */
const outside: Readonly<Record<string, readonly string[]>> = {
  "@openclaw/auth-profiles": ["oauth4webapi"],
  "@openclaw/gateway": ["pino", "prom-client", "undici", "zod"],
  "@openclaw/home": ["@humanwhocodes/momoa", "json5", "zod"],
  "@openclaw/key-rotation": [],
  "@openclaw/providers": ["eventsource-parser"],
  "@openclaw/secrets": ["zod"],
  // Bundled: who installs it installs nothing else.
  openclaw: [],
};

async function published() {
  const folders = await Promise.all(
    ["packages", "apps"].map(async (group) => (await readdir(join(root, group))).map((name) => join(root, group, name))),
  );
  const manifests = await Promise.all(
    folders.flat().map(async (folder) => manifestSchema.parse(JSON.parse(await readFile(join(folder, "package.json"), "utf8")))),
  );
  return manifests.filter((manifest) => !manifest.private);
}

test("T22: a package of ours brings along what is listed, and nothing by another name", async () => {
  const found = (await published()).map(({ name, dependencies, optionalDependencies, peerDependencies }) => {
    const all = Object.entries({ ...dependencies, ...optionalDependencies, ...peerDependencies });
    return [name, all.filter(([, version]) => !version.startsWith("workspace:")).map(([dependency]) => dependency)];
  });
  expect(Object.fromEntries(found)).toEqual(outside);
});

test("T22: installing one runs nothing, and it holds what is built and nothing else", async () => {
  const hooks = ["preinstall", "install", "postinstall", "prepare", "prepublish", "preprepare", "postprepare"];
  for (const { name, scripts, files } of await published()) {
    expect([name, Object.keys(scripts).filter((script) => hooks.includes(script))]).toEqual([name, []]);
    expect([name, files.filter((file) => !file.startsWith("!")).toSorted()]).toEqual([
      name,
      expect.toSatisfy((list: readonly string[]) => list.every((file) => ["bin", "bundle", "corpus", "dist"].includes(file))),
    ]);
    expect(files.length).toBeGreaterThan(0);
  }
});

test("T22: whatever is installed is what was locked, by its hash, and runs nothing while it is installed", async () => {
  const lock = await readFile(join(root, "pnpm-lock.yaml"), "utf8");
  const packages = lock.slice(lock.indexOf("\npackages:"), lock.indexOf("\nsnapshots:"));
  const resolutions = packages.match(/^ {4}resolution: .*$/gmu) ?? [];
  expect(resolutions.length).toBeGreaterThan(100);
  expect(resolutions.filter((resolution) => !/integrity: sha512-/u.test(resolution))).toEqual([]);
  const workspace = await readFile(join(root, "pnpm-workspace.yaml"), "utf8");
  const [, allowed = ""] = /^allowBuilds:\n((?: .*\n)+)/mu.exec(workspace) ?? [];
  expect(allowed.match(/: \w+$/gmu)?.filter((value) => value !== ": false")).toEqual([]);
});

import { mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BIN, openclaw } from "./openclaw.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

test("runs from any directory and through a symlink", async () => {
  const link = join(home.path, "openclaw");
  await symlink(BIN, link);
  const result = await runProcess(process.execPath, [link, "--version"], { env: home.env, cwd: "/", timeoutMs: 10_000 });
  expect([result.code, result.stdout, result.stderr]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/u), ""]);
});

test("keeps its compile cache in a private folder of the person", async () => {
  const cache = join(home.path, "cache");
  await openclaw(home, ["--version"], { env: { XDG_CACHE_HOME: cache, TMPDIR: join(home.path, "tmp") } });
  expect((await stat(join(cache, "openclaw"))).mode & 0o777).toBe(0o700);
  expect(await home.list()).toEqual(expect.arrayContaining([expect.stringMatching(/^cache\/openclaw\/v/u)]));
  await openclaw(home, ["--version"]);
  expect(await home.list()).toEqual(expect.arrayContaining([expect.stringMatching(/^\.cache\/openclaw\/v/u)]));
  expect(await home.list()).toEqual(expect.not.arrayContaining([expect.stringMatching(/^tmp/u)]));
});

test("uses no cache in a folder others can write", async () => {
  const cache = join(home.path, "cache");
  await mkdir(join(cache, "openclaw"), { recursive: true });
  await runProcess("/bin/chmod", ["777", join(cache, "openclaw")], { env: {}, timeoutMs: 5_000 });
  await openclaw(home, ["--version"], { env: { XDG_CACHE_HOME: cache } });
  expect(await home.list()).toContain("cache/openclaw/");
});

test.each([
  [["--help"], 0],
  [["models", "--help"], 0],
  [["gateway", "--help"], 0],
  [["nonsense"], 1],
  [["models", "nonsense"], 1],
  [["gateway", "stop"], 1],
  [["gateway", "--port", "abc"], 1],
  [["gateway", "--bind", "everywhere"], 1],
  [["models", "status", "--json", "--plain"], 1],
  [["models", "status", "--agent", "nobody"], 1],
])("%j exits %i and prints no stack trace", async (args, code) => {
  const result = await openclaw(home, args);
  expect([result.code, `${result.stdout}${result.stderr}`]).toEqual([code, expect.not.stringMatching(/\n\s+at /u)]);
  expect(`${result.stdout}${result.stderr}`.length).toBeGreaterThan(10);
});

test("gateway says which of its commands is meant without one", async () => {
  const { stdout } = await openclaw(home, ["gateway", "--help"]);
  expect(stdout).toMatch(/^ {2}run \[options\] +serve every configured model on one address \(the\s+default\)$/mu);
});

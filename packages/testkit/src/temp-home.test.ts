import { existsSync } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createTempHome, type TempHome } from "./temp-home.ts";

const homes: TempHome[] = [];

async function make(files?: Readonly<Record<string, string | object>>): Promise<TempHome> {
  const home = await createTempHome(files);
  homes.push(home);
  return home;
}

afterEach(async () => {
  for (const home of homes.splice(0)) await home.remove();
});

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

test("writes private files in private folders, whatever the umask", async () => {
  const home = await make();
  for (const mask of [0o000, 0o077]) {
    const before = process.umask(mask);
    try {
      await home.write(`.openclaw/${mask}/auth.json`, "{}");
    } finally {
      process.umask(before);
    }
    expect(await modeOf(join(home.stateDir, `${mask}/auth.json`))).toBe("600");
    expect(await modeOf(join(home.stateDir, `${mask}`))).toBe("700");
  }
});

test("writes another mode where asked, over an existing file too", async () => {
  const home = await make({ "a.txt": "one" });
  await home.write("a.txt", "two", 0o644);
  expect(await modeOf(join(home.path, "a.txt"))).toBe("644");
  expect(await home.read("a.txt")).toBe("two");
});

test("writes objects as JSON with a newline at the end", async () => {
  const home = await make({ ".openclaw/openclaw.json": { auth: {} } });
  expect(await readFile(join(home.stateDir, "openclaw.json"), "utf8")).toBe('{\n  "auth": {}\n}\n');
});

test("lists every file and empty folder, sorted", async () => {
  const home = await make({ "b/c.txt": "", "a.txt": "" });
  await mkdir(join(home.path, "b/empty"));
  expect(await home.list()).toEqual(["a.txt", "b/c.txt", "b/empty/"]);
});

test("has no state folder until a file is in it, and knows its environment", async () => {
  const home = await make();
  expect(existsSync(home.stateDir)).toBe(false);
  expect(home.env).toEqual({ HOME: home.path, OPENCLAW_HOME: home.path, OPENCLAW_STATE_DIR: home.stateDir });
});

test("leaves nothing behind", async () => {
  const home = await make({ "a/b/c.txt": "x" });
  await home.remove();
  expect(existsSync(home.path)).toBe(false);
});

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { ensureFingerprintSalt, readFingerprintSalt } from "./fingerprint-salt.ts";

async function tempHome(files: Readonly<Record<string, string>> = {}): Promise<TempHome> {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  return home;
}

const hex = async (stateDir: string) => Buffer.from(await readFingerprintSalt(stateDir)).toString("hex");

describe("while there is no file", () => {
  test("the salt is derived from the folder, stays the same, and nothing is created", async () => {
    const home = await tempHome();
    await mkdir(home.stateDir);
    const salt = await hex(home.stateDir);
    expect(salt).toMatch(/^[0-9a-f]{64}$/u);
    await home.write(".openclaw/other", "x");
    expect(await hex(home.stateDir)).toBe(salt);
    expect(await home.list()).toEqual([".openclaw/other"]);
  });

  test("another folder has another one", async () => {
    const home = await tempHome();
    await mkdir(join(home.path, "a"));
    await mkdir(join(home.path, "b"));
    expect(await hex(join(home.path, "a"))).not.toBe(await hex(join(home.path, "b")));
  });

  test("a folder that is not there either has one, and is not made", async () => {
    const home = await tempHome();
    expect(await hex(home.stateDir)).toMatch(/^[0-9a-f]{64}$/u);
    expect(await home.list()).toEqual([]);
  });
});

describe("the file", () => {
  test("is made once, among 20 who try at the same time, for its owner alone", async () => {
    const home = await tempHome();
    await Promise.all(Array.from({ length: 20 }, () => ensureFingerprintSalt(home.stateDir)));
    expect(await home.list()).toEqual([".openclaw/fingerprint-salt"]);
    const path = join(home.stateDir, "fingerprint-salt");
    expect([(await stat(path)).mode & 0o777, (await stat(home.stateDir)).mode & 0o777]).toEqual([0o600, 0o700]);

    const salt = await hex(home.stateDir);
    expect(await home.read(".openclaw/fingerprint-salt")).toBe(`${salt}\n`);
    await ensureFingerprintSalt(home.stateDir);
    expect(await hex(home.stateDir)).toBe(salt);
  });

  test("is random", async () => {
    const homes = await Promise.all([tempHome(), tempHome()]);
    await Promise.all(homes.map((home) => ensureFingerprintSalt(home.stateDir)));
    const salts = await Promise.all(homes.map((home) => hex(home.stateDir)));
    expect(salts[0]).not.toBe(salts[1]);
  });

  test("is written by nobody where it cannot be", async () => {
    const home = await tempHome({ ".openclaw": "a file" });
    await expect(ensureFingerprintSalt(home.stateDir)).rejects.toMatchObject({ code: "folder-refused" });
  });
});

describe("a broken file is an error, and stays as it is", () => {
  const digits = "0123456789abcdef".repeat(4);
  test.each([
    ["empty", ""],
    ["too short", digits.slice(2)],
    ["too long", `${digits}00`],
    ["followed by something else", `${digits} test-canary`],
    ["other text", "test-canary"],
  ])("%s", async (_name, content) => {
    const home = await tempHome({ ".openclaw/fingerprint-salt": content });
    const path = join(home.stateDir, "fingerprint-salt");
    const error: unknown = await readFingerprintSalt(home.stateDir).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: "salt-unreadable",
      message: `${path} does not hold 64 hex digits`,
      hint: expect.stringContaining(path),
    });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("canary");
    expect(await home.read(".openclaw/fingerprint-salt")).toBe(content);
  });

  test("a folder in its place", async () => {
    const home = await tempHome({ ".openclaw/fingerprint-salt/x": "" });
    await expect(readFingerprintSalt(home.stateDir)).rejects.toMatchObject({ code: "salt-unreadable" });
  });

  test("upper case and white space at the end are fine", async () => {
    const home = await tempHome({ ".openclaw/fingerprint-salt": `${digits.toUpperCase()}\r\n` });
    expect(await hex(home.stateDir)).toBe(digits);
  });
});

import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AuthProfileError } from "./errors.ts";
import { createFileStorage } from "./file-storage.ts";

let folder: string;
let storePath: string;
let statePath: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "openclaw-profiles-"));
  storePath = join(folder, "auth-profiles.json");
  statePath = join(folder, "auth-state.json");
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const storeWith = (key: string) => JSON.stringify({ version: 1, profiles: { "p:x": { type: "api_key", provider: "p", key } } });

async function errorOfRead(path = storePath): Promise<AuthProfileError> {
  try {
    await createFileStorage({ storePath: path }).read();
  } catch (error) {
    if (error instanceof AuthProfileError) return error;
    throw error;
  }
  throw new Error("the store was read");
}

test("a missing file is an empty store, and reading does not make one", async () => {
  const store = await createFileStorage({ storePath: join(folder, "agents", "main", "auth-profiles.json") }).read();
  expect(store.profiles.size).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

test("reading changes neither file", async () => {
  await writeFile(storePath, `  ${storeWith("test-key-one")}`);
  await writeFile(statePath, "{torn");
  const before = await Promise.all([stat(storePath), stat(statePath)]);
  await createFileStorage({ storePath }).read();
  const after = await Promise.all([stat(storePath), stat(statePath)]);
  expect(after.map(({ ino, mtimeMs, size }) => [ino, mtimeMs, size])).toEqual(before.map(({ ino, mtimeMs, size }) => [ino, mtimeMs, size]));
  expect((await readdir(folder)).toSorted()).toEqual(["auth-profiles.json", "auth-state.json"]);
  expect(await readFile(statePath, "utf8")).toBe("{torn");
});

test("it says which store it is", () => {
  expect(createFileStorage({ storePath }).storePath).toBe(storePath);
});

test("a byte order mark is accepted", async () => {
  await writeFile(storePath, `\uFEFF${storeWith("test-key-one")}`);
  expect((await createFileStorage({ storePath }).read()).profiles.size).toBe(1);
});

describe("unchanged files are not read again", () => {
  test("the same value comes back until the store changes", async () => {
    await writeFile(storePath, storeWith("test-key-one"));
    const storage = createFileStorage({ storePath });
    const first = await storage.read();
    expect(await storage.read()).toBe(first);

    await writeFile(join(folder, "next"), storeWith("test-key-two"));
    await rename(join(folder, "next"), storePath);
    const profile = (await storage.read()).profiles.get("p:x");
    expect(profile?.type === "api_key" && profile.secret?.reveal()).toBe("test-key-two");
  });

  test("a change of the state alone counts", async () => {
    await writeFile(storePath, storeWith("test-key-one"));
    const storage = createFileStorage({ storePath });
    expect((await storage.read()).usage.size).toBe(0);
    await writeFile(statePath, JSON.stringify({ credentials: { "p:x": { lastUsed: 5 } } }));
    expect((await storage.read()).usage.get("p:x")?.lastUsed).toBe(5);
  });

  test("a write in place of the same size counts by its time", async () => {
    await writeFile(storePath, storeWith("test-key-one"));
    const storage = createFileStorage({ storePath });
    const first = await storage.read();
    await writeFile(storePath, storeWith("test-key-two"));
    await utimes(storePath, 1, 1);
    expect(await storage.read()).not.toBe(first);
  });

  test("a file that goes away is an empty store again", async () => {
    await writeFile(storePath, storeWith("test-key-one"));
    const storage = createFileStorage({ storePath });
    await storage.read();
    await rm(storePath);
    expect((await storage.read()).profiles.size).toBe(0);
  });
});

describe("a store that cannot be parsed", () => {
  test.each([
    ["a torn file", '{\n  "profiles": {\n    "p:x": {"key": "test-canary', "line 3, column 32"],
    ["garbage", "test-canary", "line 1, column 1"],
    ["an empty file", "", "line 1, column 1"],
    ["two objects in one file", '{"key":"test-canary"}\n{"key":"test-canary"}', "line 2, column 1"],
    ["a token in the wrong place", '{"profiles":{"p:x":{"key":test-canary}}}', "line 1, column 27"],
  ])("%s names file and position, and no content", async (_name, content, position) => {
    await writeFile(storePath, content);
    const error = await errorOfRead();
    expect(error).toMatchObject({ code: "store-malformed", message: `${storePath} is not valid JSON at ${position}` });
    expect(error.cause).toBeUndefined();
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/canary/);
    expect(await readFile(storePath, "utf8")).toBe(content);
  });

  test.each([["null"], ["[]"], ['"test-canary"'], ['{"profiles":["test-canary"]}']])("%s is no store", async (content) => {
    await writeFile(storePath, content);
    const error = await errorOfRead();
    expect(error.code).toBe("store-malformed");
    expect(error.message).toContain(storePath);
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/canary/);
  });

  test("text in UTF-16 names the first byte that is not UTF-8", async () => {
    await writeFile(storePath, Buffer.from(`\uFEFF${storeWith("test-canary")}`, "utf16le"));
    expect(await errorOfRead()).toMatchObject({ code: "store-malformed", message: `${storePath} is not UTF-8 text at byte 0` });
  });

  test("a damaged byte inside a key is not quietly replaced", async () => {
    const bytes = Buffer.from(storeWith("test-key-one"));
    const at = bytes.indexOf("key-one");
    bytes[at] = 0xff;
    await writeFile(storePath, bytes);
    expect((await errorOfRead()).message).toBe(`${storePath} is not UTF-8 text at byte ${at}`);
  });

  test("it is read once it is repaired", async () => {
    await writeFile(storePath, "{torn");
    const storage = createFileStorage({ storePath });
    await expect(storage.read()).rejects.toThrow("not valid JSON");
    await writeFile(storePath, storeWith("test-key-one"));
    expect((await storage.read()).profiles.size).toBe(1);
  });
});

describe("a store that cannot be read", () => {
  test("a folder in its place", async () => {
    await mkdir(storePath);
    expect(await errorOfRead()).toMatchObject({ code: "store-unreadable", message: `Cannot read ${storePath}: EISDIR` });
  });

  test("a link that leads to itself", async () => {
    await symlink(storePath, storePath);
    expect(await errorOfRead()).toMatchObject({ code: "store-unreadable", message: expect.stringContaining("ELOOP") });
  });

  test("a file where a folder should be", async () => {
    await writeFile(storePath, "{}");
    expect(await errorOfRead(join(storePath, "auth-profiles.json"))).toMatchObject({ message: expect.stringContaining("ENOTDIR") });
  });

  test("a pipe is refused, not waited for", async () => {
    execFileSync("mkfifo", [storePath]);
    expect(await errorOfRead()).toMatchObject({ code: "store-unreadable", message: expect.stringContaining("EINVAL") });
  });

  test("a file beyond 64 MiB", async () => {
    await writeFile(storePath, "");
    await truncate(storePath, 64 * 1024 * 1024 + 1);
    expect(await errorOfRead()).toMatchObject({ code: "store-unreadable", message: expect.stringContaining("larger than 64 MiB") });
  });
});

describe("bookkeeping never makes credentials unreadable", () => {
  test.each([["{torn"], ["[]"], [""]])("auth-state.json that holds %j is a diagnostic", async (content) => {
    await writeFile(storePath, storeWith("test-key-one"));
    await writeFile(statePath, content);
    const storage = createFileStorage({ storePath });
    const store = await storage.read();
    expect(store.profiles.size).toBe(1);
    expect(store.usage.size).toBe(0);
    expect(store.diagnostics).toEqual([{ code: "AUTH_STATE_IGNORED", message: expect.stringContaining(statePath) }]);

    await writeFile(statePath, JSON.stringify({ credentials: { "p:x": { lastUsed: 5 } } }));
    expect(await storage.read()).toMatchObject({ diagnostics: [] });
  });

  test("neither does a folder in its place", async () => {
    await writeFile(storePath, storeWith("test-key-one"));
    await mkdir(statePath);
    expect((await createFileStorage({ storePath }).read()).diagnostics).toHaveLength(1);
  });

  test("a state elsewhere is read from there", async () => {
    await writeFile(join(folder, "other.json"), JSON.stringify({ lastGood: { p: "p:x" } }));
    const store = await createFileStorage({ storePath, statePath: join(folder, "other.json") }).read();
    expect(store.lastGood).toEqual({ p: "p:x" });
  });
});

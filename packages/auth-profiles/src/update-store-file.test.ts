import { createLockFolder, Secret, SecretsError } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { chmod, lstat, mkdir, readdir, readFile, readlink, realpath, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFileStorage, type FileStorageOptions } from "./file-storage.ts";
import type { StoreDraft } from "./store-draft.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const at = (path: string) => join(home.path, path);
const storage = (path = "agent/auth-profiles.json", options: Partial<FileStorageOptions> = {}) =>
  createFileStorage({ storePath: at(path), locks: createLockFolder(at("locks")), ...options });
const key = (secret: string) => ({ type: "api_key", provider: "p", secret: Secret.of(secret) }) as const;
const putOne = (draft: StoreDraft) => draft.put("p:one", key("test-key-one"));
const files = async () => (await home.list()).filter((file) => !file.startsWith("locks/"));
const modeOf = async (path: string) => ((await stat(at(path))).mode & 0o777).toString(8);

async function errorOf(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => "no error",
    (error: unknown) => error,
  );
}

test("an update makes the store and its folder, and hands back what the change returned", async () => {
  const files = storage();
  expect(await files.update((draft) => (putOne(draft), "done"))).toBe("done");
  expect(await home.read("agent/auth-profiles.json")).toBe(
    `${JSON.stringify({ version: 1, profiles: { "p:one": { type: "api_key", provider: "p", key: "test-key-one" } } }, undefined, 2)}\n`,
  );
  expect([await modeOf("agent"), await modeOf("agent/auth-profiles.json")]).toEqual(["700", "600"]);
  expect((await files.read()).profiles.has("p:one")).toBe(true);
});

test("W4: a store that others could read cannot be read by them afterwards", async () => {
  await home.write("agent/auth-profiles.json", "{}", 0o644);
  await storage().update(putOne);
  expect(await modeOf("agent/auth-profiles.json")).toBe("600");
});

test("an update that changes nothing does not touch the file, whatever its layout", async () => {
  await home.write("agent/auth-profiles.json", '{"profiles":{}}');
  const before = await stat(at("agent/auth-profiles.json"), { bigint: true });
  await storage().update((draft) => draft.remove("p:one"));
  expect(await stat(at("agent/auth-profiles.json"), { bigint: true })).toMatchObject({ ino: before.ino, mtimeNs: before.mtimeNs });
});

test("nothing is written when the change throws, and what it threw comes out as it was", async () => {
  const thrown = new Error("not now");
  const error = await errorOf(
    storage().update(async (draft) => {
      putOne(draft);
      throw thrown;
    }),
  );
  expect(error).toBe(thrown);
  expect(await files()).toEqual([]);
});

test("need 26: the change sees what another writer stored since", async () => {
  const [one, two] = [storage(), storage()];
  await one.update(putOne);
  await one.read();
  await two.update((draft) => draft.put("p:two", key("test-key-two")));
  expect(await one.update((draft) => [...draft.store.profiles.keys()])).toEqual(["p:one", "p:two"]);
});

test("need 26: updates at once in one process all count", async () => {
  const writers = Array.from({ length: 20 }, (_, index) => storage().update((draft) => draft.put(`p:${index}`, key(`test-key-${index}`))));
  await Promise.all(writers);
  expect((await storage().read()).profiles.size).toBe(20);
});

describe("A12: a store that is a link", () => {
  test("stays a link; the real file is locked and replaced, and its sharing is said", async () => {
    await home.write("shared/store.json", "{}");
    await mkdir(at("agent"));
    await symlink("../shared/store.json", at("agent/auth-profiles.json"));
    await storage().update(putOne);
    expect(await readlink(at("agent/auth-profiles.json"))).toBe("../shared/store.json");
    expect((await lstat(at("shared/store.json"))).isFile()).toBe(true);
    expect(await home.read("shared/store.json")).toContain("test-key-one");
    const { diagnostics } = await storage().read();
    expect(diagnostics).toEqual([
      { code: "STORE_IS_LINK", message: expect.stringContaining(join(await realpath(home.path), "shared/store.json")) },
    ]);
  });

  test("waits for who changes the real file under another path", async () => {
    await home.write("shared/store.json", "{}");
    await mkdir(at("agent"));
    await symlink("../shared/store.json", at("agent/auth-profiles.json"));
    // Without a folder given, both find the one beside the real file.
    const [real, link] = ["shared/store.json", "agent/auth-profiles.json"].map((path) => createFileStorage({ storePath: at(path) }));
    const [entered, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = real?.update(async (draft) => {
      entered.resolve();
      await left.promise;
      putOne(draft);
    });
    await entered.promise;
    const error = await errorOf(link?.update(putOne, { timeoutMs: 20 }) ?? Promise.resolve());
    expect(error).toMatchObject({ code: "lock-timeout" });
    const second = link?.update((draft) => draft.store.profiles.has("p:one"));
    left.resolve();
    await first;
    expect(await second).toBe(true);
    expect(await readdir(at("agent"))).toEqual(["auth-profiles.json"]);
  });

  test("to nothing yet: the file is made where it leads", async () => {
    await mkdir(at("agent"));
    await symlink("../shared/store.json", at("agent/auth-profiles.json"));
    await storage().update(putOne);
    expect((await lstat(at("agent/auth-profiles.json"))).isSymbolicLink()).toBe(true);
    expect(await home.read("shared/store.json")).toContain("test-key-one");
  });

  test("to itself is an error that says so", async () => {
    await mkdir(at("agent"));
    await symlink("auth-profiles.json", at("agent/auth-profiles.json"));
    const error = await errorOf(storage().update(putOne));
    expect(error).toMatchObject({ code: "store-unreadable", message: `Cannot read ${at("agent/auth-profiles.json")}: ELOOP` });
  });
});

describe("D4: a store that cannot be understood is left as it is, and its change is never called", () => {
  const profile = '{"type":"api_key","provider":"p","key":"test-canary"}';
  test.each([
    ["an empty file", "", "is not valid JSON at line 1, column 1"],
    ["a torn file", `{\n  "profiles": {\n    "p:x": ${profile.slice(0, 30)}`, "is not valid JSON at line 3"],
    ["two documents in one file", `{"profiles":{"p:x":${profile}}}\n{"profiles":{}}`, "is not valid JSON at line 2, column 1"],
    ["UTF-16", Buffer.from(`\uFEFF{"profiles":{"p:x":${profile}}}`, "utf16le"), "is not UTF-8 text at byte 0"],
    [
      "a name twice",
      `{"profiles":{\n"p:x":${profile},"p:x":${profile}}}`,
      "cannot be changed without loss: a name occurs twice at line 2, column 61",
    ],
    ["no object", "[]", "is not a JSON object"],
    ["profiles that are no object", `{"profiles":[${profile}]}`, "profiles is not an object"],
  ])("%s", async (_name, content, message) => {
    const bytes = Buffer.from(content);
    await home.write("agent/auth-profiles.json", "");
    await writeFile(at("agent/auth-profiles.json"), bytes);
    let isCalled = false;
    const error = await errorOf(storage().update((draft) => ((isCalled = true), putOne(draft))));
    expect(error).toMatchObject({ code: "store-malformed", message: expect.stringContaining(message) });
    expect(error).toMatchObject({ message: expect.stringContaining(await realpath(at("agent/auth-profiles.json"))) });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/canary/);
    expect(isCalled).toBe(false);
    expect(await readFile(at("agent/auth-profiles.json"))).toEqual(bytes);
    expect(await files()).toEqual(["agent/auth-profiles.json"]);
  });

  test("a byte order mark is accepted, and not written again", async () => {
    await home.write("agent/auth-profiles.json", `\uFEFF{"profiles":{},"note":1}`);
    await storage().update(putOne);
    expect((await home.read("agent/auth-profiles.json")).startsWith('{\n  "version": 1')).toBe(true);
  });

  test("a folder in its place", async () => {
    await mkdir(at("agent/auth-profiles.json"), { recursive: true });
    expect(await errorOf(storage().update(putOne))).toMatchObject({ code: "store-unreadable", message: expect.stringMatching(/EISDIR$/) });
  });
});

describe("who cannot have the lock", () => {
  test("is told whom it waited for, and nothing was changed", async () => {
    await home.write("agent/auth-profiles.json", "{}");
    const [entered, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const holder = storage().update(() => {
      entered.resolve();
      return left.promise;
    });
    await entered.promise;
    expect(await errorOf(storage().update(putOne, { timeoutMs: 20 }))).toMatchObject({ code: "lock-timeout" });
    const reason = new Error("enough");
    expect(await errorOf(storage().update(putOne, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    left.resolve();
    await holder;
    expect(await home.read("agent/auth-profiles.json")).toBe("{}");
  });

  test("because it holds it, is told so instead of waiting for itself", async () => {
    const error = await errorOf(storage().update(() => storage().update(putOne)));
    expect(error).toMatchObject({ code: "lock-reentered" });
  });

  test("because its folder is no folder, is told that the store was not changed", async () => {
    await home.write("locks", "a file");
    const error = await errorOf(storage().update(putOne));
    expect(error).toMatchObject({
      code: "store-unwritable",
      message: expect.stringMatching(/auth-profiles\.json was not changed\. .*locks/),
    });
  });

  test("a SecretsError of the change itself stays what it is", async () => {
    const thrown = new SecretsError("lock-failed", "of another lock");
    expect(await errorOf(storage().update(() => Promise.reject(thrown)))).toBe(thrown);
  });
});

test("a folder others may write to is refused, and the store stays", async () => {
  await home.write("agent/auth-profiles.json", "{}");
  await chmod(at("agent"), 0o777);
  const error = await errorOf(storage().update(putOne));
  expect(error).toMatchObject({
    code: "store-unwritable",
    message: expect.stringContaining("is writable by other users"),
    hint: expect.stringContaining("chmod go-w"),
  });
  expect(await home.read("agent/auth-profiles.json")).toBe("{}");
});

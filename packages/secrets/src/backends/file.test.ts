import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { chmod, chown, link, mkdir, mkdtemp, open, rename, symlink, truncate, writeFile, type FileHandle } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { inspect } from "node:util";
import { createTempHome, manualClock, startProcess, type TempHome } from "@openclaw/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { isRoot, startUnprivileged, type Unprivileged } from "../../test/unprivileged.ts";
import type { FileProviderConfig } from "../provider-config.ts";
import { createSecretResolver, type SecretResolverOptions } from "../resolver.ts";
import { formatSecretRef, type SecretRef } from "../secret-ref.ts";

const CANARY = "test-canary-value-of-a-file";
const ref = (id: string): SecretRef => ({ source: "file", provider: "vault", id });

/** Resolves one id of a file as the user who runs the test. An error shows no canary, however closely one looks. */
async function resolve(provider: Omit<FileProviderConfig, "source">, id = "value", options: Partial<SecretResolverOptions> = {}) {
  const resolver = createSecretResolver({ env: {}, providers: { vault: { source: "file", ...provider } }, ...options });
  const outcome = (await resolver.resolveAll([ref(id)])).get(formatSecretRef(ref(id)));
  if (outcome?.status === "resolved") return outcome.secret.reveal();
  if (outcome?.status !== "failed") throw new Error("nothing was resolved");
  expect(inspect(outcome.error, { showHidden: true, depth: 9 })).not.toMatch(/canary|nary-va/u);
  expect(outcome.error.message.startsWith("file:vault:")).toBe(true);
  return outcome.error;
}

describe("read without rights", () => {
  let user: Unprivileged;
  let folder: string;
  beforeAll(async () => {
    user = await startUnprivileged();
  });
  afterAll(() => user.stop());
  beforeEach(async () => {
    folder = await mkdtemp(join(user.folder, "case-"));
    await user.give(folder);
  });

  async function place(name: string, mode = 0o600, content = CANARY): Promise<string> {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content);
    await user.give(folder);
    await chmod(path, mode);
    return path;
  }

  async function resolveAs(path: string, env: Record<string, string> = {}) {
    const result = await user.resolve({
      provider: { source: "file", path, mode: "singleValue" },
      ref: ref("value"),
      env,
      expected: CANARY,
    });
    expect(result.uid).toBe(user.uid);
    expect(result.inspected).not.toContain("canary");
    return result;
  }

  test.each([
    [0o600, true],
    [0o400, true],
    [0o700, true],
    [0o644, false],
    [0o640, false],
    [0o604, false],
    [0o660, false],
    [0o602, false],
    [0o610, false],
  ])("a file of mode %o may be read: %s [F1]", async (mode, isAccepted) => {
    const path = await place("key", mode);
    const result = await resolveAs(path);
    expect(result.isExpected).toBe(isAccepted);
    if (isAccepted) return;
    const shown = mode.toString(8);
    expect(result).toMatchObject({
      code: "file-refused",
      message: `file:vault:value: permissions are too open on ${path} (mode ${shown})`,
      hint: `chmod 600 ${path}`,
    });
  });

  test.skipIf(!isRoot).each([
    ["another user", 65_533],
    ["root", 0],
  ])("a file owned by %s is refused [F2]", async (_, owner) => {
    const path = await place("key", 0o400);
    await chown(path, owner, owner);
    // So that only the owner stands in the way: the user itself could not even open it.
    const result = await resolve({ path, mode: "singleValue" }, "value", { uid: user.uid });
    expect(result).toMatchObject({ code: "file-refused", hint: `chown ${user.uid} ${path}` });
    expect((await resolveAs(path)).code).toBe("file-unreadable");
  });

  test.skipIf(!isRoot)("root does not take a user's file for its own, though it could read it [F2]", async () => {
    const path = await place("key");
    expect(await resolve({ path, mode: "singleValue" })).toMatchObject({ code: "file-refused" });
  });

  test.each([
    ["its folder is writable by the group", 0o770, "inner", "inner"],
    ["its folder is writable by all", 0o707, "inner", "inner"],
    ["its folder is sticky and writable by all", 0o1777, "inner", "inner"],
    ["a folder further up is writable by all", 0o777, ".", "."],
    ["a folder further up is writable by the group", 0o720, ".", "."],
    ["a folder further up is sticky but not root's", 0o1777, ".", "."],
  ])("is refused where %s [F3]", async (_, mode, open, named) => {
    const path = await place("inner/key");
    await chmod(join(folder, open), mode);
    const result = await resolveAs(path);
    expect(result).toMatchObject({ code: "file-refused", hint: `chmod go-w ${join(folder, named)}` });
    expect(result.message).toBe(`file:vault:value: the folder ${join(folder, named)} is writable by others`);
  });

  test.skipIf(!isRoot)("is refused where a folder further up belongs to another user [F3]", async () => {
    const path = await place("inner/key");
    await chown(folder, 65_533, 65_533);
    await chmod(folder, 0o755);
    expect(await resolveAs(path)).toMatchObject({
      code: "file-refused",
      message: expect.stringContaining(`${folder} belongs to another user`),
    });
  });

  test.skipIf(!isRoot)("is refused directly in a sticky folder of root's, and read below one [F3]", async () => {
    const path = await place("sticky/key");
    const below = await place("sticky/own/key");
    await chown(join(folder, "sticky"), 0, 0);
    await chmod(join(folder, "sticky"), 0o1777);
    expect(await resolveAs(path)).toMatchObject({ code: "file-refused", message: expect.stringContaining("is open to everybody") });
    expect(await resolveAs(below)).toMatchObject({ isExpected: true });
  });

  test.each([
    ["a link in its place", "link", "key", "is a link"],
    ["a link to itself", "link", "link", "is a link"],
    ["a link to /dev/stdin", "link", "/dev/stdin", "is a link"],
    ["a link to /proc/self/environ", "link", "/proc/self/environ", "is a link"],
    ["a folder that is a link to itself", "loop/key", "loop", "too many links"],
  ])("%s is refused [F4]", async (_, name, target, message) => {
    await place("key");
    await symlink(target, join(folder, dirname(name) === "." ? name : dirname(name)));
    expect(await resolveAs(join(folder, name))).toMatchObject({ code: "file-refused", message: expect.stringContaining(message) });
  });

  test("a folder that is a link is followed, and what it leads to is checked like any [F4]", async () => {
    await place("real/inner/key");
    await symlink("real/inner", join(folder, "alias"));
    const path = join(folder, "alias/key");
    expect(await resolveAs(path)).toMatchObject({ isExpected: true });
    await chmod(join(folder, "real"), 0o777);
    expect(await resolveAs(path)).toMatchObject({ code: "file-refused", hint: `chmod go-w ${join(folder, "real")}` });
  });

  test.skipIf(!isRoot)("a link that somebody else has put on the way is refused [F4]", async () => {
    await place("sticky/real/key");
    await chown(join(folder, "sticky"), 0, 0);
    await chmod(join(folder, "sticky"), 0o1777);
    const alias = join(folder, "sticky/alias");
    await symlink("real", alias);
    execFileSync("/bin/chown", ["-h", "65533", alias]);
    expect(await resolveAs(join(alias, "key"))).toMatchObject({ code: "file-refused", message: expect.stringContaining("another user") });
  });

  test("a file with a second name is refused [F7]", async () => {
    const path = await place("key");
    await link(path, join(folder, "again"));
    expect(await resolveAs(path)).toMatchObject({ code: "file-refused", message: expect.stringContaining("has 2 names (hard links)") });
  });

  describe("below $CREDENTIALS_DIRECTORY", () => {
    async function credential(mode: number, owner?: number): Promise<{ path: string; env: Record<string, string> }> {
      const path = await place("credentials/key", mode);
      if (owner !== undefined) {
        await chown(join(folder, "credentials"), owner, owner);
        await chmod(join(folder, "credentials"), 0o555);
        await chown(path, owner, owner);
      }
      return { path, env: { CREDENTIALS_DIRECTORY: join(folder, "credentials") } };
    }

    test("a file of ours of mode 0400 is read", async () => {
      const { path, env } = await credential(0o400);
      expect(await resolveAs(path, env)).toMatchObject({ isExpected: true });
    });

    test.skipIf(!isRoot).each([
      ["0400", 0o400, 0, undefined],
      ["0440, as an access control list shows", 0o440, 0, undefined],
      ["0444", 0o444, 0, "file-refused"],
      ["0460", 0o460, 0, "file-refused"],
      ["0400 of another user", 0o400, 65_533, "file-refused"],
    ])("a file of root's of mode %s is judged", async (_, mode, owner, code) => {
      const { path, env } = await credential(mode, owner);
      // Read with root's rights and judged as the service, as the list of systemd lets it.
      const result = await resolve({ path, mode: "singleValue" }, "value", { env, uid: user.uid });
      expect(typeof result === "string" ? result : result.code).toBe(code ?? CANARY);
    });

    test.skipIf(!isRoot)("and nowhere else may a file be root's", async () => {
      const { path } = await credential(0o400, 0);
      for (const elsewhere of ["", "/", `${folder}/cred`, "credentials"]) {
        const result = await resolve({ path, mode: "singleValue" }, "value", { env: { CREDENTIALS_DIRECTORY: elsewhere }, uid: user.uid });
        expect(result).toMatchObject({ code: "file-refused" });
      }
    });
  });
});

describe("read as ourselves", () => {
  let home: TempHome;
  beforeEach(async () => {
    home = await createTempHome();
  });
  afterEach(() => home.remove());
  const at = (name: string) => join(home.path, name);

  async function json(content: string, id: string) {
    await home.write("secrets.json", content);
    return resolve({ path: at("secrets.json") }, id);
  }

  test("never reads through a link that takes the file's place meanwhile [F5]", async () => {
    await home.write("key", "test-ours");
    await home.write("target", "test-theirs-not-to-be-read");
    const swapper = await startProcess(process.execPath, [new URL("../../test/swap-file.ts", import.meta.url).pathname, home.path], {
      env: {},
    });
    const results = new Set<string>();
    for (let race = 0; race < 200 || !results.has("file-refused"); race += 1) {
      const result = await resolve({ path: at("key"), mode: "singleValue" });
      results.add(typeof result === "string" ? result : result.code);
    }
    await swapper.stop();
    expect([...results].filter((result) => !["test-ours", "file-refused", "file-unreadable"].includes(result))).toEqual([]);
  });

  describe("what is no regular file is refused at once [F6] [T16]", () => {
    test("a FIFO that nobody writes to", async () => {
      execFileSync("mkfifo", ["-m", "600", at("fifo")]);
      expect(await resolve({ path: at("fifo"), mode: "singleValue" })).toMatchObject({ code: "file-refused" });
    });
    test("a socket", async () => {
      const server = createServer().listen(at("socket"));
      await once(server, "listening");
      await chmod(at("socket"), 0o600);
      expect(await resolve({ path: at("socket"), mode: "singleValue" })).toMatchObject({ code: "file-refused" });
      server.close();
    });
    test.each(["/dev/zero", "/dev/null"])("%s", async (path) => {
      expect(await resolve({ path, mode: "singleValue" })).toMatchObject({ code: "file-refused" });
    });
    test("a folder", async () => {
      await mkdir(at("folder"), { mode: 0o700 });
      expect(await resolve({ path: at("folder"), mode: "singleValue" })).toMatchObject({ code: "file-refused" });
    });
  });

  test("reads no more than it may of a sparse file of 2 GiB [F8] [T16]", async () => {
    await home.write("key", "");
    await truncate(at("key"), 2 ** 31);
    expect(await resolve({ path: at("key"), mode: "singleValue" })).toMatchObject({
      code: "file-unreadable",
      message: `file:vault:value: ${at("key")} is larger than 1048576 bytes`,
    });
  });

  test.each([
    [16, "file-unreadable"],
    [17, undefined],
    [18, undefined],
  ])("a file of 17 bytes is read with maxBytes %i: %s [F8]", async (maxBytes, code) => {
    await home.write("key", "test-exactly-17-b");
    const result = await resolve({ path: at("key"), mode: "singleValue", maxBytes });
    expect(typeof result === "string" ? undefined : result.code).toBe(code);
  });

  describe("a file that is written to while it is read [F8]", () => {
    afterEach(() => void vi.restoreAllMocks());

    /** Writes to the file after each of the first reads of it. */
    async function writeAfterReads(contents: readonly string[]): Promise<void> {
      const probe = await open(at("key"), "r");
      const prototype: FileHandle = Object.getPrototypeOf(probe);
      await probe.close();
      const { read } = prototype;
      const left = [...contents];
      vi.spyOn(prototype, "read").mockImplementation(async function readThenWrite(this: FileHandle, ...args: unknown[]) {
        const result = await Reflect.apply(read, this, args);
        const content = left.shift();
        if (content !== undefined) writeFileSync(at("key"), content);
        return result;
      });
    }

    test("is read again, whole", async () => {
      await home.write("key", "test-canary-of-the-first-writer");
      await writeAfterReads(["test-key-one"]);
      expect(await resolve({ path: at("key"), mode: "singleValue" })).toBe("test-key-one");
    });

    test("is refused when it changes again and again", async () => {
      await home.write("key", "test-canary".padEnd(60, "x"));
      await writeAfterReads(Array.from({ length: 20 }, (_, index) => "test-canary".padEnd(40 - index, "x")));
      const result = await resolve({ path: at("key"), mode: "singleValue" });
      expect(result).toMatchObject({ code: "file-unreadable", message: `file:vault:value: ${at("key")} changes while it is read` });
    });
  });

  test.each([
    ["invalid UTF-8", Buffer.from("7b22613a22ff22", "hex"), "file-unreadable", "the file is not UTF-8 text"],
    ["UTF-16 with its mark", Buffer.from("\uFEFFtest-canary", "utf16le"), "file-unreadable", "the file is not UTF-8 text"],
    ["a NUL", Buffer.from("test-canary\0"), "value-refused", "the value holds a line break or another control character"],
  ])("%s is refused [F9]", async (_, bytes, code, message) => {
    await home.write("key", "");
    await writeFile(at("key"), bytes);
    expect(await resolve({ path: at("key"), mode: "singleValue" })).toMatchObject({ code, message: `file:vault:value: ${message}` });
  });

  test("a byte order mark is taken away, in both modes [F9]", async () => {
    await home.write("key", "\uFEFFtest-key-one\n");
    expect(await resolve({ path: at("key"), mode: "singleValue" })).toBe("test-key-one");
    expect(await json('\uFEFF{"a":"test-key-one"}', "/a")).toBe("test-key-one");
  });

  test.each([
    ["a fault beside the secret", `{"a":"${CANARY}" "b":1}`, "is not valid JSON: a closing brace is missing at line 1, column 36"],
    ["a name that occurs twice", `{"a":"x","a":"${CANARY}"}`, "is not valid JSON: a name occurs twice at line 1, column 10"],
    ["100 000 levels", `{"a":${"[".repeat(100_000)}`, "is not valid JSON: too many levels at line 1, column 69"],
    ["a JSON5 comment", `{/* ${CANARY} */"a":"x"}`, "is not valid JSON: a name in quotes is missing at line 1, column 2"],
    ["nothing", "", "is not valid JSON: unexpected character at line 1, column 1"],
    ["a list", `["${CANARY}"]`, "does not hold a JSON object"],
    ["a text", `"${CANARY}"`, "does not hold a JSON object"],
    ["nothing but null", "null", "does not hold a JSON object"],
  ])("%s is refused without a word of the content [F10]", async (_, content, message) => {
    expect(await json(content, "/a")).toMatchObject({ code: "file-unreadable", message: `file:vault:/a: the file ${message}` });
  });

  test("a million names are no trouble [F10]", async () => {
    const content = `{"a":"test-key-one",${Array.from({ length: 1_000_000 }, (_, index) => `"k${index}":0`).join(",")}}`;
    await home.write("secrets.json", content);
    expect(await resolve({ path: at("secrets.json"), maxBytes: 20_000_000 }, "/a")).toBe("test-key-one");
  });

  test.each([
    ["~/.openclaw/key", true],
    ["~//.openclaw/key", true],
    ["//HOME/.openclaw/key", true],
    ["/HOME/.openclaw/./../.openclaw/key", true],
    ["~", false],
    ["~root/.openclaw/key", false],
    [".openclaw/key", false],
    ["$HOME/.openclaw/key", false],
    ["/$HOME/.openclaw/key", false],
    ["/HOME/.openclaw/key/", false],
    ["/HOME/.openclaw/key/.", false],
    ["/HOME/.openclaw/key\n", false],
  ])("path %j names the file: %s [F11]", async (path, isFound) => {
    await home.write(".openclaw/key", "test-key-one");
    const result = await resolve({ path: path.replace("/HOME", home.path), mode: "singleValue" }, "value", { home: home.path });
    expect(result === "test-key-one").toBe(isFound);
  });

  test("~ stands for nothing where no home is known [F11]", async () => {
    expect(await resolve({ path: "~/key", mode: "singleValue" })).toMatchObject({ code: "file-refused" });
  });

  test("a name with a line break is a name like any [F11]", async () => {
    await home.write("key\n", "test-key-one");
    expect(await resolve({ path: at("key\n"), mode: "singleValue" })).toBe("test-key-one");
  });

  test("a file that is not there is named", async () => {
    const result = await resolve({ path: at("absent"), mode: "singleValue" });
    expect(result).toMatchObject({ code: "file-unreadable", message: `file:vault:value: ${at("absent")} does not exist` });
  });

  test.each([
    ["/~01b", "tilde one"],
    ["/a~1b", "slash"],
    ["/", "empty name"],
    ["//", "empty names"],
    ["/list/0", "first"],
    ["/list/1/c d", "in a list"],
    ["/__proto__", "own proto"],
    ["/constructor/name", "own constructor"],
  ])("pointer %j finds %j [S5]", async (id, expected) => {
    const content = `{"~1b":"tilde one","a/b":"slash","":"empty name","list":["first",{"c d":"in a list"}],
      "__proto__":"own proto","constructor":{"name":"own constructor"}}`;
    expect(await json(id === "//" ? '{"":{"":"empty names"}}' : content, id)).toBe(expected);
  });

  test.each([
    ["/__proto__", "__proto__"],
    ["/__proto__/polluted", "__proto__"],
    ["/constructor/name", "constructor"],
    ["/toString", "toString"],
    ["/size", "size"],
    ["/list/length", "length"],
    ["/list/-", "-"],
    ["/list/01", "01"],
    ["/list/-1", "-1"],
    ["/list/1e0", "1e0"],
    ["/list/2", "2"],
    ["/list/0/0", "0"],
    ["/text/length", "length"],
    ["/text/0", "0"],
    ["/zz", "zz"],
    ["/a\u001b[31m", "a\\u001b[31m"],
  ])("pointer %j leads nowhere [S6] [T16]", async (id, segment) => {
    const error = await json('{"list":["test-canary","x"],"text":"test-canary"}', id);
    expect(error).toMatchObject({
      code: "reference-unresolved",
      message: `file:vault:${id}: JSON pointer segment "${segment}" does not exist.`,
    });
  });

  test.each([
    ["a number", "7"],
    ["true", "true"],
    ["null", "null"],
    ["an object", '{"b":"test-canary"}'],
    ["a list", '["test-canary"]'],
  ])("%s is no secret", async (_, value) => {
    expect(await json(`{"a":${value}}`, "/a")).toMatchObject({ code: "value-refused", message: "file:vault:/a: the value is not text" });
  });

  test("singleValue takes the id `value` alone, json no such id [S9]", async () => {
    await home.write("key", "test-canary");
    expect(await resolve({ path: at("key"), mode: "singleValue" }, "/value")).toMatchObject({ code: "invalid-reference" });
    expect(await json('{"value":"test-canary"}', "value")).toMatchObject({ code: "invalid-reference" });
    expect(await json('{"value":"test-key-one"}', "/value")).toBe("test-key-one");
  });

  test("one line break at the end goes, spaces stay", async () => {
    await home.write("key", " test key \r\n");
    expect(await resolve({ path: at("key"), mode: "singleValue" })).toBe(" test key ");
    await home.write("key", "test-canary\n\n");
    expect(await resolve({ path: at("key"), mode: "singleValue" })).toMatchObject({ code: "value-refused" });
  });

  test("allowInsecurePath leaves owner and permissions unchecked, and nothing else", async () => {
    await home.write("key", "test-key-one", 0o644);
    await symlink("key", at("link"));
    expect(await resolve({ path: at("key"), mode: "singleValue", allowInsecurePath: true })).toBe("test-key-one");
    expect(await resolve({ path: at("link"), mode: "singleValue", allowInsecurePath: true })).toMatchObject({ code: "file-refused" });
  });

  test("many references to one file open it once, and a renamed one is seen by the next", async () => {
    await home.write("secrets.json", '{"a":"test-key-one","b":"test-key-two"}');
    const resolver = createSecretResolver({ env: {}, providers: { vault: { source: "file", path: at("secrets.json") } } });
    const both = () => Promise.all([resolver.resolve(ref("/a")), resolver.resolve(ref("/b"))]);
    expect((await both()).map((secret) => secret.reveal())).toEqual(["test-key-one", "test-key-two"]);
    await home.write("new.json", '{"a":"test-key-3","b":"test-key-4"}');
    await rename(at("new.json"), at("secrets.json"));
    expect((await both()).map((secret) => secret.reveal())).toEqual(["test-key-3", "test-key-4"]);
  });

  test("an abort is rethrown as it came", async () => {
    await home.write("key", "test-key-one");
    const reason = new Error("enough");
    const resolver = createSecretResolver({ env: {}, providers: { vault: { source: "file", path: at("key"), mode: "singleValue" } } });
    await expect(resolver.resolve(ref("value"), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const later = new AbortController();
    const reading = resolver.resolve(ref("value"), { signal: later.signal });
    later.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  test("the time is over when the clock says so", async () => {
    await home.write("key", "test-key-one");
    const clock = manualClock();
    const reading = resolve({ path: at("key"), mode: "singleValue", timeoutMs: 100 }, "value", { clock });
    clock.advance(100);
    expect(await reading).toMatchObject({ code: "timed-out", message: `file:vault:value: reading ${at("key")} took longer than 100 ms` });
    expect(clock.sleeping()).toEqual([]);
  });
});

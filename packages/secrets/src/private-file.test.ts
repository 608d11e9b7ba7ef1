import { chmod, chown, link, lstat, mkdir, readdir, readFile, stat, symlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTempHome, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { temporaryName } from "./orphans.ts";
import { createPrivateFile, ensurePrivateFile, readPrivateFile, writePrivateFile } from "./private-file.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

async function withUmask(mask: number, run: () => Promise<void>): Promise<void> {
  const before = process.umask(mask);
  try {
    await run();
  } finally {
    process.umask(before);
  }
}

describe.each([
  ["writePrivateFile", writePrivateFile],
  ["createPrivateFile", createPrivateFile],
])("%s", (_, place) => {
  test.each([0o000, 0o022, 0o077, 0o277])("makes a file of mode 0600 in a folder of mode 0700 under umask %o [W4]", async (mask) => {
    const path = join(home.path, "state/agents/auth.json");
    // A umask that takes the owner's rights too would keep the folder from being used at all.
    if (mask === 0o277) await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await withUmask(mask, () => place(path, "content"));
    expect(await modeOf(path)).toBe("600");
    expect([await modeOf(dirname(path)), await modeOf(join(home.path, "state"))]).toEqual(["700", "700"]);
    expect(await readFile(path, "utf8")).toBe("content");
  });

  test("writes bytes as they are", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
    await place(join(home.path, "a.bin"), bytes);
    expect(new Uint8Array(await readFile(join(home.path, "a.bin")))).toEqual(bytes);
  });

  test("leaves no temporary file when the target is a folder", async () => {
    await mkdir(join(home.path, "state/auth.json"), { recursive: true });
    await expect(place(join(home.path, "state/auth.json"), "content")).rejects.toThrow(/is not a regular file|already exists/);
    expect(await home.list()).toEqual(["state/auth.json/"]);
  });

  test("leaves no temporary file beside the written one", async () => {
    await place(join(home.path, "auth.json"), "content");
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  });

  test("says why a folder cannot be made", async () => {
    await home.write("file", "");
    await expect(place(join(home.path, "file/auth.json"), "content")).rejects.toMatchObject({
      code: "folder-refused",
      message: `Private files cannot be kept there: ${join(home.path, "file")} is not a folder`,
    });
  });
});

describe("writePrivateFile", () => {
  test.each([0o644, 0o666, 0o400])("takes the place of a file of mode %o with one of 0600 [W4]", async (mode) => {
    await home.write("auth.json", "old", mode);
    await writePrivateFile(join(home.path, "auth.json"), "new");
    expect(await modeOf(join(home.path, "auth.json"))).toBe("600");
    expect(await home.read("auth.json")).toBe("new");
  });

  test.each([
    ["a file", "elsewhere/real.json"],
    ["nothing", "elsewhere/missing.json"],
  ])("refuses a link to %s, by name, and changes neither end [T13]", async (_, to) => {
    await home.write("elsewhere/real.json", "theirs", 0o644);
    const path = join(home.path, "auth.json");
    await symlink(join(home.path, to), path);
    await expect(writePrivateFile(path, "ours")).rejects.toMatchObject({
      name: "SecretsError",
      code: "file-is-link",
      message: `${path} is a link to ${join(home.path, to)}, which a file would take the place of`,
    });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await home.read("elsewhere/real.json")).toBe("theirs");
    expect(await home.list()).toEqual(["auth.json", "elsewhere/real.json"]);
  });

  test("told to follow links, replaces the real file in its own folder and keeps the links", async () => {
    await home.write("elsewhere/real.json", "old", 0o644);
    await mkdir(join(home.path, "state"));
    await symlink("../elsewhere/real.json", join(home.path, "state/second.json"));
    await symlink("second.json", join(home.path, "state/auth.json"));
    await writePrivateFile(join(home.path, "state/auth.json"), "new", { followLink: true });
    expect([await home.read("elsewhere/real.json"), await modeOf(join(home.path, "elsewhere/real.json"))]).toEqual(["new", "600"]);
    for (const name of ["state/auth.json", "state/second.json"]) expect((await lstat(join(home.path, name))).isSymbolicLink()).toBe(true);
    expect(await home.list()).toEqual(["elsewhere/real.json", "state/auth.json", "state/second.json"]);
  });

  test("told to follow links, makes a file where nothing is, and refuses a link to nothing", async () => {
    await writePrivateFile(join(home.path, "new.json"), "new", { followLink: true });
    expect(await home.read("new.json")).toBe("new");
    await symlink("missing", join(home.path, "auth.json"));
    const written = writePrivateFile(join(home.path, "auth.json"), "new", { followLink: true });
    await expect(written).rejects.toMatchObject({
      code: "file-write-failed",
      message: expect.stringMatching(/^Cannot follow the link .*: ENOENT$/),
    });
  });

  test("a folder reached through our own link is written to", async () => {
    await mkdir(join(home.path, "disk"), { mode: 0o700 });
    await symlink("disk", join(home.path, "state"));
    await writePrivateFile(join(home.path, "state/auth.json"), "new");
    expect(await home.read("disk/auth.json")).toBe("new");
  });

  test.each([0o777, 0o1777, 0o702])("refuses a folder of mode %o and makes nothing in it [T13]", async (mode) => {
    await mkdir(join(home.path, "shared"));
    await chmod(join(home.path, "shared"), mode);
    await expect(writePrivateFile(join(home.path, "shared/auth.json"), "new")).rejects.toMatchObject({
      code: "folder-refused",
      hint: mode === 0o1777 ? "use a folder of your own" : `chmod go-w '${join(home.path, "shared")}'`,
    });
    expect(await home.list()).toEqual(["shared/"]);
  });

  test("refuses a folder below one that others can write to, and makes none", async () => {
    await mkdir(join(home.path, "shared"));
    await chmod(join(home.path, "shared"), 0o777);
    await expect(writePrivateFile(join(home.path, "shared/deep/auth.json"), "new")).rejects.toMatchObject({ code: "folder-refused" });
    expect(await home.list()).toEqual(["shared/"]);
  });

  test("removes what a dead writer left for the same file, and nothing else [W1]", async () => {
    const dead = temporaryName("auth.json").replace(/\.\d+-\d+-/, ".4194305-1-");
    const elsewhere = temporaryName("auth.json").replace(/-[0-9a-f]{8}\./, "-00000000.");
    const own = temporaryName("auth.json");
    const kept = [
      own,
      elsewhere,
      dead.replace("auth.json", "other.json"),
      ".auth.json.0123456789ab.tmp",
      ".auth.json.swp",
      "auth.json.bak",
    ];
    for (const name of [dead, ...kept]) await home.write(name, "left");
    await writePrivateFile(join(home.path, "auth.json"), "new");
    expect(await home.list()).toEqual(["auth.json", ...kept].toSorted());
    // An hour later those nobody can know of are orphans too.
    for (const name of kept) await utimes(join(home.path, name), 1, 1);
    await writePrivateFile(join(home.path, "auth.json"), "newer");
    expect(await home.list()).toEqual(["auth.json", own, kept[2], ".auth.json.swp", "auth.json.bak"].toSorted());
  });

  test("a name as long as the file system takes is written too", async () => {
    const name = "a".repeat(255);
    await writePrivateFile(join(home.path, name), "new");
    expect(await home.list()).toEqual([name]);
  });

  test("leaves another name of the old file as it was", async () => {
    await home.write("auth.json", "old");
    await link(join(home.path, "auth.json"), join(home.path, "backup.json"));
    await writePrivateFile(join(home.path, "auth.json"), "new");
    expect(await home.read("backup.json")).toBe("old");
  });

  test("of many writers at once one wins whole, and none leaves anything behind", async () => {
    const contents = Array.from({ length: 20 }, (_, index) => `${index}:`.repeat(20_000));
    await Promise.all(contents.map((content) => writePrivateFile(join(home.path, "auth.json"), content)));
    expect(contents).toContain(await home.read("auth.json"));
    expect(await home.list()).toEqual(["auth.json"]);
  });

  test("keeps the old file when the new one cannot be written", async () => {
    await home.write("auth.json", "old");
    // In a process whose limit on file sizes makes the write fail half-way.
    const script = `import { writePrivateFile } from ${JSON.stringify(new URL("./private-file.ts", import.meta.url).href)};
      process.on("SIGXFSZ", () => undefined);
      await writePrivateFile(process.argv[1], "x".repeat(4_000_000)).catch((error) => console.log(error.message.replace(/.*: /, "")));`;
    const limited = `ulimit -f 64; exec "$0" --input-type=module -e "$1" "$2"`;
    const result = await runProcess("/bin/sh", ["-c", limited, process.execPath, script, join(home.path, "auth.json")], {
      env: {},
      timeoutMs: 20_000,
    });
    expect(result).toMatchObject({ code: 0, stdout: "EFBIG\n" });
    expect(await home.list()).toEqual(["auth.json"]);
    expect(await home.read("auth.json")).toBe("old");
  });
});

describe("createPrivateFile", () => {
  test("of twenty callers at once exactly one makes the file, whole", async () => {
    const path = join(home.path, "state/token");
    const contents = Array.from({ length: 20 }, (_, index) => `token ${index}`);
    const results = await Promise.allSettled(contents.map((content) => createPrivateFile(path, content)));
    const winners = contents.filter((_, index) => results[index]?.status === "fulfilled");
    expect(winners).toEqual([await readFile(path, "utf8")]);
    const losers = results.filter((result) => result.status === "rejected");
    expect(losers).toHaveLength(19);
    expect(losers.map((loser) => loser.reason.code)).toEqual(losers.map(() => "file-exists"));
    expect(await home.list()).toEqual(["state/token"]);
  });

  test("refuses to take the place of a file, and leaves it as it was", async () => {
    await home.write("token", "old", 0o644);
    await expect(createPrivateFile(join(home.path, "token"), "new")).rejects.toMatchObject({ name: "SecretsError", code: "file-exists" });
    expect([await home.read("token"), await modeOf(join(home.path, "token"))]).toEqual(["old", "644"]);
    expect(await home.list()).toEqual(["token"]);
  });

  test("refuses a link that points nowhere, and makes nothing at its end", async () => {
    await symlink(join(home.path, "elsewhere"), join(home.path, "token"));
    await expect(createPrivateFile(join(home.path, "token"), "new")).rejects.toMatchObject({ code: "file-exists" });
    expect(await home.list()).toEqual(["token"]);
  });
});

test("ensurePrivateFile is content with a file that is there where none can be made", async ({ skip }) => {
  // A folder in which nobody can make a file, root neither.
  if (process.platform !== "linux") skip();
  await expect(ensurePrivateFile("/proc/openclaw-token", "new")).rejects.toMatchObject({ code: "file-write-failed" });
  await ensurePrivateFile("/proc/version", "new");
});

describe("readPrivateFile", () => {
  const read = (file: string, options: Partial<Parameters<typeof readPrivateFile>[1]> = {}) =>
    readPrivateFile(join(home.path, file), { maxBytes: 100, ...options });

  test("reads a file, also an empty one and one of just the size allowed", async () => {
    await home.write("a", "text");
    await home.write("empty", "");
    await home.write("full", "x".repeat(100));
    expect([String(await read("a")), (await read("empty"))?.length, (await read("full"))?.length]).toEqual(["text", 0, 100]);
  });

  test("nothing is there: undefined", async () => {
    expect(await read("missing")).toBeUndefined();
  });

  test("refuses a file that is too large, also one that says it is empty", async () => {
    await home.write("a", "secret".repeat(100_000));
    await expect(read("a")).rejects.toMatchObject({ code: "file-refused", message: `${join(home.path, "a")} is larger than 100 bytes` });
    const endless = readPrivateFile("/proc/self/maps", { maxBytes: 100 });
    await expect(endless).rejects.toMatchObject({ code: "file-refused" });
  });

  test("refuses a link unless told to follow it", async () => {
    await home.write("a", "text");
    await symlink("a", join(home.path, "link"));
    await expect(read("link")).rejects.toMatchObject({ code: "file-is-link" });
    expect(String(await read("link", { followLink: true }))).toBe("text");
  });

  test("refuses a folder, a FIFO and a device, and waits for none", async () => {
    expect(await runProcess("/usr/bin/mkfifo", [join(home.path, "fifo")], { env: {}, timeoutMs: 5_000 })).toMatchObject({ code: 0 });
    await mkdir(join(home.path, "folder"));
    for (const path of [join(home.path, "fifo"), join(home.path, "folder"), "/dev/zero"]) {
      await expect(readPrivateFile(path, { maxBytes: 100 })).rejects.toMatchObject({
        code: "file-refused",
        message: `${path} is not a regular file`,
      });
    }
  });

  test.each([0o640, 0o604, 0o660])("told that it must be private, refuses mode %o", async (mode) => {
    await home.write("a", "text", mode);
    await expect(read("a", { mustBePrivate: true })).rejects.toMatchObject({
      code: "file-refused",
      hint: `chmod 600 '${join(home.path, "a")}'`,
    });
    expect(String(await read("a"))).toBe("text");
  });

  test("told that it must be ours, refuses another user's", async ({ skip }) => {
    if (process.getuid?.() !== 0) skip();
    await home.write("a", "text");
    expect(String(await read("a", { mustBeOwned: true }))).toBe("text");
    await chown(join(home.path, "a"), 65_534, 65_534);
    await expect(read("a", { mustBeOwned: true })).rejects.toMatchObject({ code: "file-refused" });
  });

  test("says what could not be done with which file", async () => {
    await home.write("a", "");
    const path = join(home.path, "a/b");
    await expect(read("a/b")).rejects.toMatchObject({ code: "file-unreadable", message: `Cannot open ${path}: ENOTDIR` });
  });
});

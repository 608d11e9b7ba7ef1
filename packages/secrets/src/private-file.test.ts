import { link, lstat, mkdir, readdir, readFile, stat, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createTempHome, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPrivateFile, writePrivateFile } from "./private-file.ts";

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
  test.each([0o000, 0o022, 0o077, 0o277])("makes a file of mode 0600 in a folder of mode 0700 under umask %o", async (mask) => {
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
    await expect(place(join(home.path, "state/auth.json"), "content")).rejects.toThrow(/EISDIR|already exists/);
    expect(await home.list()).toEqual(["state/auth.json/"]);
  });

  test("leaves no temporary file beside the written one", async () => {
    await place(join(home.path, "auth.json"), "content");
    expect(await readdir(home.path)).toEqual(["auth.json"]);
  });

  test("says why a folder cannot be made", async () => {
    await home.write("file", "");
    await expect(place(join(home.path, "file/auth.json"), "content")).rejects.toMatchObject({ code: "EEXIST" });
  });
});

describe("writePrivateFile", () => {
  test.each([0o644, 0o666, 0o400])("takes the place of a file of mode %o with one of 0600", async (mode) => {
    await home.write("auth.json", "old", mode);
    await writePrivateFile(join(home.path, "auth.json"), "new");
    expect(await modeOf(join(home.path, "auth.json"))).toBe("600");
    expect(await home.read("auth.json")).toBe("new");
  });

  test("replaces a link and does not write through it", async () => {
    await home.write("elsewhere.json", "theirs", 0o644);
    await symlink(join(home.path, "elsewhere.json"), join(home.path, "auth.json"));
    await writePrivateFile(join(home.path, "auth.json"), "ours");
    expect((await lstat(join(home.path, "auth.json"))).isSymbolicLink()).toBe(false);
    expect([await home.read("elsewhere.json"), await home.read("auth.json")]).toEqual(["theirs", "ours"]);
    expect(await modeOf(join(home.path, "elsewhere.json"))).toBe("644");
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
      await writePrivateFile(process.argv[1], "x".repeat(4_000_000)).catch((error) => console.log(error.code));`;
    const limited = `ulimit -f 64; exec "$0" --input-type=module -e "$1" "$2"`;
    const result = await runProcess("/bin/bash", ["-c", limited, process.execPath, script, join(home.path, "auth.json")], {
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

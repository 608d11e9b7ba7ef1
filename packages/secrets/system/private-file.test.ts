import { chmod, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canTrace, createTempHome, giveToNobody, isMountAllowed, NOBODY_UID, onSmallDisk, said, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { temporaryName } from "../src/orphans.ts";
import { writePrivateFile } from "../src/private-file.ts";
import { runScript, startScript } from "./child.ts";
import { survivors } from "./power-cut.ts";
import { traceWrite, type TracedWrite } from "./traced-write.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
  await giveToNobody(home.path);
});
afterEach(() => home.remove());

const isRoot = process.getuid?.() === 0;

async function traced(inject: string, options: { readonly create?: boolean } = {}): Promise<TracedWrite> {
  const write = await traceWrite(inject, options);
  onTestFinished(() => write.remove());
  return write;
}

describe.skipIf(!canTrace)("with system calls that fail or kill", () => {
  /** The steps of one write in order, and what a kill on entering them leaves. The second `openat` lists the folder. */
  const steps = [
    ["openat", 1, "old", 0],
    ["fchmod", 1, "old", 1],
    ["openat", 2, "old", 1],
    ["pwrite64", 1, "old", 1],
    ["fsync", 1, "old", 1],
    ["close", 2, "old", 1],
    ["rename", 1, "old", 1],
    ["openat", 3, "new", 0],
    ["fsync", 2, "new", 0],
    ["close", 3, "new", 0],
  ] as const;

  test.each(steps)(
    "killed at %s number %i, the file is %s, with %i orphan, swept at the next write [W1]",
    async (call, when, content, orphans) => {
      const write = await traced(`${call}:signal=KILL:when=${when}`);
      expect(write.outcome).toBeUndefined();
      expect(write.content).toBe(content);
      expect(write.files.filter((file) => file !== "auth.json")).toHaveLength(orphans);
      expect(await write.writeAgain()).toEqual(["auth.json"]);
    },
  );

  test.each([
    ["fchmod", 1, "missing", 1],
    ["fsync", 1, "missing", 1],
    ["link", 1, "missing", 1],
    ["unlink", 1, "new", 1],
    ["fsync", 2, "new", 0],
  ] as const)(
    "creating, killed at %s number %i, the file is %s, with %i orphan, swept at the next write [W1]",
    async (call, when, content, orphans) => {
      const write = await traced(`${call}:signal=KILL:when=${when}`, { create: true });
      expect(write.content ?? "missing").toBe(content);
      expect(write.files.filter((file) => file !== "auth.json")).toHaveLength(orphans);
      expect(await write.writeAgain()).toEqual(["auth.json"]);
    },
  );

  test.each([
    ["openat", 1, "ENOSPC", /^Cannot create \/.*\.tmp: ENOSPC$/],
    ["openat", 1, "EROFS", /^Cannot create \/.*\.tmp: EROFS$/],
    ["fchmod", 1, "EPERM", /^Cannot set the mode of \/.*\.tmp: EPERM$/],
    ["pwrite64", 1, "EIO", /^Cannot write \/.*\.tmp: EIO$/],
    ["pwrite64", 1, "EDQUOT", /^Cannot write \/.*\.tmp: EDQUOT$/],
    ["fsync", 1, "EIO", /^Cannot fsync \/.*\.tmp: EIO$/],
    ["close", 2, "EDQUOT", /^Cannot close \/.*\.tmp: EDQUOT$/],
    ["rename", 1, "EIO", /^Cannot rename onto \/.*\/auth\.json: EIO$/],
    ["rename", 1, "EROFS", /^Cannot rename onto \/.*\/auth\.json: EROFS$/],
  ])("%s number %i fails with %s: the error says so, the old file stays and nothing else [W2]", async (call, when, errno, message) => {
    const write = await traced(`${call}:error=${errno}:when=${when}`);
    expect(write.outcome).toMatchObject({ code: "file-write-failed", message: expect.stringMatching(message) });
    expect([write.content, write.files]).toEqual(["old", ["auth.json"]]);
  });

  test.each([
    ["openat", 3, /^Cannot open \/.*\/state: EIO$/],
    ["fsync", 2, /^Cannot fsync \/.*\/state: EIO$/],
  ])("%s number %i, of the folder, fails: the error says so, and the new file is whole [W2]", async (call, when, message) => {
    const write = await traced(`${call}:error=EIO:when=${when}`);
    expect(write.outcome).toMatchObject({ code: "file-write-failed", message: expect.stringMatching(message) });
    expect([write.content, write.files]).toEqual(["new", ["auth.json"]]);
  });

  test("a folder that cannot be listed is written to all the same [W2]", async () => {
    const write = await traced("openat:error=EIO:when=2");
    expect([write.outcome, write.content, write.files]).toEqual([{ value: null }, "new", ["auth.json"]]);
  });

  test.each([
    ["link", "EIO", /^Cannot link to \/.*\/auth\.json: EIO$/],
    ["fsync", "EIO", /^Cannot fsync \/.*\.tmp: EIO$/],
  ])("creating, %s fails with %s: nothing is left [W2]", async (call, errno, message) => {
    const write = await traced(`${call}:error=${errno}:when=1`, { create: true });
    expect(write.outcome).toMatchObject({ code: "file-write-failed", message: expect.stringMatching(message) });
    expect(write.files).toEqual([]);
  });

  test.each([
    ["replacing", false, "old"],
    ["creating", true, "missing"],
  ] as const)("%s: at no moment of a power cut does the name lead to bytes that are not on the disk [W6]", async (_, create, before) => {
    const { calls } = await traced("", { create });
    const target = /"([^"]*\/state\/auth\.json)"/.exec(calls)?.[1] ?? "";
    const moments = survivors(calls, target, 3, !create);
    expect(moments.length).toBeGreaterThan(5);
    expect(new Set(moments.flat())).toEqual(new Set([before, "new"]));
    expect(moments.at(0)).toEqual([before]);
    expect(moments.at(-1)).toEqual(["new"]);
  });

  test("the model of a power cut sees a missing fsync [W6]", async () => {
    const { calls } = await traced("");
    const target = /"([^"]*\/state\/auth\.json)"/.exec(calls)?.[1] ?? "";
    const lines = calls.split("\n");
    const syncs = lines.flatMap((line, index) => (line.includes(" fsync(") ? [index] : []));
    expect(syncs).toHaveLength(2);
    const without = (sync: number | undefined) => lines.filter((_, index) => index !== sync).join("\n");
    expect(survivors(without(syncs[0]), target, 3, true).flat()).toContain("torn");
    expect(survivors(without(syncs[1]), target, 3, true).at(-1)).toEqual(["old", "new"]);
  });
});

const canMount = await isMountAllowed();

/** Runs a script on a tmpfs of 128 KiB that ends with it. */
async function inMounted(prepare: string, script: string): Promise<readonly unknown[]> {
  const place = await createTempHome();
  onTestFinished(() => place.remove());
  const result = await runScript(script, { under: onSmallDisk({ folder: place.path, sizeKib: 128, prepare }) });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return said(result.stdout);
}

describe("on a disk that gives out", () => {
  test.skipIf(!canMount)("a full disk leaves the old file and nothing else [W2]", async () => {
    const outcome = await inMounted(
      "mkdir -m 700 state && printf old > state/auth.json",
      `await report(writePrivateFile("state/auth.json", "x".repeat(300_000)));
       say([fs.readdirSync("state"), fs.readFileSync("state/auth.json", "utf8")]);`,
    );
    expect(outcome).toEqual([
      { code: "file-write-failed", message: expect.stringMatching(/^Cannot write .*\.tmp: ENOSPC$/), cause: "ENOSPC" },
      [["auth.json"], "old"],
    ]);
  });

  test.skipIf(!canMount)("an orphan that fills the disk is removed before the new file is written [W2]", async () => {
    const outcome = await inMounted(
      "mkdir -m 700 state && head -c 100000 /dev/zero > state/.auth.json.0123456789ab.tmp && touch -d '2 hours ago' state/.auth.json.0123456789ab.tmp",
      `await report(writePrivateFile("state/auth.json", "x".repeat(100_000))); say(fs.readdirSync("state"));`,
    );
    expect(outcome).toEqual([{ value: null }, ["auth.json"]]);
  });

  test.skipIf(!canMount)("a file system mounted for reading leaves the old file [W2]", async () => {
    const outcome = await inMounted(
      'mkdir -m 700 state && printf old > state/auth.json && mount -o remount,ro "$0"',
      `await report(writePrivateFile("state/auth.json", "new"));
       say([fs.readdirSync("state"), fs.readFileSync("state/auth.json", "utf8")]);`,
    );
    expect(outcome).toEqual([
      { code: "file-write-failed", message: expect.stringMatching(/EROFS$/), cause: "EROFS" },
      [["auth.json"], "old"],
    ]);
  });

  test("a limit on file sizes leaves the old file and nothing else [W2]", async () => {
    await writeFile(join(home.path, "auth.json"), "old");
    const script = `process.on("SIGXFSZ", () => undefined); dropRights(); await report(writePrivateFile(args[0], "x".repeat(4_000_000)));`;
    const { stdout } = await runScript(script, {
      args: [join(home.path, "auth.json")],
      under: ["/bin/sh", "-c", 'ulimit -f 64; exec "$0" "$@"'],
    });
    expect(said(stdout)).toEqual([
      { code: "file-write-failed", message: expect.stringMatching(/^Cannot write .*\.tmp: EFBIG$/), cause: "EFBIG" },
    ]);
    expect([await home.list(), await home.read("auth.json")]).toEqual([["auth.json"], "old"]);
  });

  test("no free file descriptor leaves the old file and nothing else [W2]", async () => {
    await writeFile(join(home.path, "auth.json"), "old");
    const script = `
      dropRights();
      try { for (;;) fs.openSync("/dev/null"); } catch (error) { say(error.code); }
      await report(writePrivateFile(args[0], "new"));`;
    const { stdout } = await runScript(script, {
      args: [join(home.path, "auth.json")],
      under: ["/bin/sh", "-c", 'ulimit -n 256; exec "$0" "$@"'],
    });
    expect(said(stdout)).toEqual(["EMFILE", { code: "file-write-failed", message: expect.stringMatching(/EMFILE$/), cause: "EMFILE" }]);
    expect([await home.list(), await home.read("auth.json")]).toEqual([["auth.json"], "old"]);
  });

  test("a folder that may not be written to leaves the old file [W2]", async () => {
    await writeFile(join(home.path, "auth.json"), "old");
    await chmod(home.path, 0o500);
    const { stdout } = await runScript(`dropRights(); await report(writePrivateFile(args[0], "new"));`, {
      args: [join(home.path, "auth.json")],
    });
    expect(said(stdout)).toEqual([
      { code: "file-write-failed", message: expect.stringMatching(/^Cannot create .*\.tmp: EACCES$/), cause: "EACCES" },
    ]);
    await chmod(home.path, 0o700);
    expect([await home.list(), await home.read("auth.json")]).toEqual([["auth.json"], "old"]);
  });
});

describe("as a user without rights", () => {
  test.each(["000", "077", "277"])("under umask %s makes a file of mode 0600, also of one that was 0644 [W4]", async (mask) => {
    const script = `
      dropRights();
      fs.mkdirSync(args[0] + "/state", { mode: 0o700 });
      process.umask(0o${mask});
      ${mask === "277" ? "" : `await writePrivateFile(args[0] + "/made/deep/auth.json", "new");`}
      await createPrivateFile(args[0] + "/state/token", "new");
      fs.writeFileSync(args[0] + "/state/auth.json", "old");
      fs.chmodSync(args[0] + "/state/auth.json", 0o644);
      await writePrivateFile(args[0] + "/state/auth.json", "new");`;
    expect(await runScript(script, { args: [home.path] })).toMatchObject({ code: 0, stderr: "" });
    const made = mask === "277" ? [] : ["made/deep/auth.json"];
    for (const file of ["state/token", "state/auth.json", ...made]) {
      const { mode, uid } = await stat(join(home.path, file));
      expect([file, (mode & 0o777).toString(8), await home.read(file)]).toEqual([file, "600", "new"]);
      expect(uid).toBe(isRoot ? NOBODY_UID : process.getuid?.());
    }
    for (const folder of mask === "277" ? [] : ["made", "made/deep"])
      expect(((await stat(join(home.path, folder))).mode & 0o777).toString(8)).toBe("700");
  });

  test.skipIf(!isRoot)("refuses a folder of another user, on the way too [T13]", async () => {
    const other = await createTempHome({ "inside/auth.json": "theirs" });
    onTestFinished(() => other.remove());
    await chmod(other.path, 0o755);
    await chmod(join(other.path, "inside"), 0o700);
    const script = `dropRights(); await report(writePrivateFile(args[0] + "/auth.json", "ours"));`;
    // Root's folders may stand on the way, so it has to be a third user's.
    const { stdout } = await runScript(`fs.chownSync(args[0], 1234, 1234); ${script}`, { args: [other.path] });
    expect(said(stdout)).toEqual([
      { code: "folder-refused", message: `Private files cannot be kept there: ${other.path} belongs to another user` },
    ]);
  });
});

describe("with other processes", () => {
  test("eight writers at once leave one whole file and nothing else", async () => {
    const script = `dropRights(); await go(); for (let i = 0; i < 20; i++) await writePrivateFile(args[0], args[1].repeat(50_000));`;
    const path = join(home.path, "auth.json");
    const writers = await Promise.all(Array.from({ length: 8 }, (_, index) => startScript(script, { args: [path, String(index)] })));
    for (const writer of writers) writer.signal("SIGUSR2");
    for (const writer of writers) expect([await writer.exited, writer.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
    expect(await readFile(path, "utf8")).toMatch(/^(\d)\1{49999}$/);
    expect(await home.list()).toEqual(["auth.json"]);
  });

  test("the temporary file of a writer that was stopped is left to it, however old [W1]", async () => {
    const script = `await go(); setInterval(() => undefined, 60_000);`;
    const writer = await startScript(script);
    try {
      writer.signal("SIGSTOP");
      const name = await temporaryNameOf(writer.pid);
      await home.write(name, "half");
      await utimes(join(home.path, name), 0, 0);
      await writePrivateFile(join(home.path, "auth.json"), "new");
      expect(await home.list()).toEqual([name, "auth.json"].toSorted());
    } finally {
      await writer.stop();
    }
    await writePrivateFile(join(home.path, "auth.json"), "newer");
    expect(await home.list()).toEqual(["auth.json"]);
  });

  test("a number that another process has by now is not taken for the writer's [W1]", async () => {
    const writer = await startScript(`await go();`);
    try {
      const name = (await temporaryNameOf(writer.pid)).replace(/-\d+-/, "-1-");
      await home.write(name, "half");
      await writePrivateFile(join(home.path, "auth.json"), "new");
      expect(await home.list()).toEqual(["auth.json"]);
    } finally {
      await writer.stop();
    }
  });
});

/** The name that a temporary file of another process would have. */
async function temporaryNameOf(pid: number): Promise<string> {
  const fields = (text: string) => text.slice(text.lastIndexOf(")") + 2).split(" ");
  const start = fields(await readFile(`/proc/${pid}/stat`, "latin1"))[19];
  return temporaryName("auth.json").replace(/\.\d+-\d+-/, `.${pid}-${start}-`);
}

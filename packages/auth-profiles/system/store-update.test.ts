import { chmod, readFile, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import {
  canTrace,
  createTempHome,
  giveToNobody,
  isMountAllowed,
  NOBODY_UID,
  onSmallDisk,
  said,
  tracedSteps,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { parseAuthStore } from "../src/store.ts";
import { runScript } from "./child.ts";
import { OLD, traceUpdate, type TracedUpdate } from "./traced-update.ts";

const isRoot = process.getuid?.() === 0;

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
  await giveToNobody(home.path);
});
afterEach(() => home.remove());

async function traced(inject: string): Promise<TracedUpdate> {
  const update = await traceUpdate(inject);
  onTestFinished(() => update.home.remove());
  return update;
}

async function stepsOfAnUpdate() {
  const { home, calls, outcome } = await traceUpdate("");
  await home.remove();
  if (outcome === undefined) throw new Error("the update was not traced");
  return tracedSteps(calls);
}

const profileIds = (text: string) => [...parseAuthStore(JSON.parse(text)).profiles.keys()];
const leftIn = async (place: TempHome) => (await place.list()).filter((file) => file.startsWith("agent/"));

describe.skipIf(!canTrace)("with system calls that fail or kill", async () => {
  const steps = canTrace ? await stepsOfAnUpdate() : [];

  test("W1: an update makes the calls that a file of which nothing is lost takes", () => {
    const calls = steps.map(([call, when]) => `${call} ${when}`);
    expect(calls).toEqual(expect.arrayContaining(["fchmod 1", "pwrite64 1", "fsync 1", "rename 1", "fsync 2", "unlink 1"]));
    expect(calls.indexOf("fsync 1")).toBeLessThan(calls.indexOf("rename 1"));
    expect(calls.indexOf("rename 1")).toBeLessThan(calls.indexOf("fsync 2"));
  });

  test.each(steps)(
    "W1: killed at %s number %i, the store is old or new, and the next update is served and tidies up",
    async (call, when) => {
      const { outcome, home, calls } = await traced(`${call}:signal=KILL:when=${when}`);
      expect(outcome).toBeUndefined();
      const isNew = / rename\(.* = 0$|rename resumed>.* = 0$/m.test(calls);
      const text = await home.read("agent/auth-profiles.json");
      expect(text === OLD).toBe(!isNew);
      expect(profileIds(text)).toEqual(isNew ? ["p:old", "p:new"] : ["p:old"]);
      expect((await leftIn(home)).length).toBeLessThanOrEqual(2);

      const again = await runScript(`await put(storageAt(args[0], args[1]), "p:next", "test-key-next");`, {
        args: [join(home.path, "agent/auth-profiles.json"), join(home.path, "locks")],
      });
      expect(again).toMatchObject({ code: 0, stderr: "" });
      expect(profileIds(await home.read("agent/auth-profiles.json"))).toEqual([...profileIds(text), "p:next"]);
      expect(await leftIn(home)).toEqual(["agent/auth-profiles.json"]);
      expect((await home.list()).filter((file) => file.endsWith(".holder"))).toEqual([]);
    },
  );

  test.each([
    ["pwrite64", 1, "EIO", /auth-profiles\.json was not changed\. Cannot write \/.*\.tmp: EIO$/],
    ["pwrite64", 1, "EDQUOT", /Cannot write \/.*\.tmp: EDQUOT$/],
    ["fsync", 1, "EIO", /Cannot fsync \/.*\.tmp: EIO$/],
    ["rename", 1, "EROFS", /Cannot rename onto \/.*\/auth-profiles\.json: EROFS$/],
    ["fchmod", 1, "EPERM", /Cannot set the mode of \/.*\.tmp: EPERM$/],
  ])("W2: %s number %i fails with %s: the error says so, the old store stays and nothing else", async (call, when, errno, message) => {
    const { outcome, home } = await traced(`${call}:error=${errno}:when=${when}`);
    expect(outcome).toMatchObject({ code: "store-unwritable", message: expect.stringMatching(message) });
    expect(await home.read("agent/auth-profiles.json")).toBe(OLD);
    expect(await leftIn(home)).toEqual(["agent/auth-profiles.json"]);
  });
});

const canMount = await isMountAllowed();

/** Runs a script on a tmpfs of 256 KiB that ends with it. Locks are kept elsewhere. */
async function inMounted(prepare: string, script: string): Promise<readonly unknown[]> {
  const under = onSmallDisk({ folder: join(home.path, "disk"), sizeKib: 256, prepare });
  const result = await runScript(script, { args: [home.path], under });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  return said(result.stdout);
}

/** A store of nobody's, where the tests run as root. */
async function nobodysStore(): Promise<void> {
  await home.write("agent/auth-profiles.json", OLD);
  await giveToNobody(join(home.path, "agent"), join(home.path, "agent/auth-profiles.json"));
}

const READ_BACK = `
  say([fs.readdirSync("agent"), fs.readFileSync("agent/auth-profiles.json", "utf8")]);
  say([...(await storage.read()).profiles.keys()]);`;
const MAKE_OLD = `mkdir -m 700 agent && printf '%s' '${OLD}' > agent/auth-profiles.json`;

describe("on a disk that gives out", () => {
  test.skipIf(!canMount)("W2: a full disk leaves the old store, which is still read", async () => {
    const outcome = await inMounted(
      MAKE_OLD,
      `const storage = storageAt("agent/auth-profiles.json", args[0] + "/locks");
       await report(storage.update((draft) => {
         for (let i = 0; i < 5_000; i++) draft.put("p:" + i, keyOf("test-key-".repeat(10) + i));
       }));
       ${READ_BACK}`,
    );
    expect(outcome).toEqual([
      { code: "store-unwritable", message: expect.stringMatching(/Cannot write .*\.tmp: ENOSPC$/), cause: "ENOSPC" },
      [["auth-profiles.json"], OLD],
      ["p:old"],
    ]);
  });

  test.skipIf(!canMount)("W2: a file system mounted for reading leaves the old store, which is still read", async () => {
    const outcome = await inMounted(
      `${MAKE_OLD} && mount -o remount,ro "$0"`,
      `const storage = storageAt("agent/auth-profiles.json", args[0] + "/locks");
       await report(put(storage, "p:new", "test-key-new"));
       await report(put(storageAt("agent/auth-profiles.json", "agent/locks"), "p:new", "test-key-new"));
       ${READ_BACK}`,
    );
    expect(outcome).toEqual([
      { code: "store-unwritable", message: expect.stringMatching(/Cannot create .*\.tmp: EROFS$/), cause: "EROFS" },
      // Node says ENOENT of a folder it cannot make there.
      {
        code: "store-unwritable",
        message: expect.stringMatching(/Locks cannot be kept in agent\/locks: E[A-Z]+$/),
        cause: expect.any(String),
      },
      [["auth-profiles.json"], OLD],
      ["p:old"],
    ]);
  });

  test("W2: a folder that may not be written to leaves the old store, which is still read", async () => {
    await nobodysStore();
    await chmod(join(home.path, "agent"), 0o500);
    const { stdout, stderr } = await runScript(
      `dropRights();
       process.chdir(args[0]);
       const storage = storageAt("agent/auth-profiles.json", args[0] + "/locks");
       await report(put(storage, "p:new", "test-key-new"));
       ${READ_BACK}`,
      { args: [home.path] },
    );
    await chmod(join(home.path, "agent"), 0o700);
    expect(stderr).toBe("");
    expect(said(stdout)).toEqual([
      { code: "store-unwritable", message: expect.stringMatching(/Cannot create \/.*\.tmp: EACCES$/), cause: "EACCES" },
      [["auth-profiles.json"], OLD],
      ["p:old"],
    ]);
  });
});

describe("as a user without rights", () => {
  test.each(["000", "022", "077"])("W4: under umask %s the store is 0600 and its folder 0700, also where it was 0644", async (mask) => {
    const script = `
      dropRights();
      process.umask(0o${mask});
      const [made, there] = [args[0] + "/made/deep/auth-profiles.json", args[0] + "/there/auth-profiles.json"];
      fs.mkdirSync(args[0] + "/there", { mode: 0o700 });
      fs.writeFileSync(there, "{}");
      fs.chmodSync(there, 0o644);
      for (const path of [made, there]) await put(createFileStorage({ storePath: path }), "p:new", "test-key-new");`;
    expect(await runScript(script, { args: [home.path] })).toMatchObject({ code: 0, stderr: "" });
    const modes = async (paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => ((await stat(join(home.path, path))).mode & 0o777).toString(8)));
    expect(await modes(["made/deep/auth-profiles.json", "there/auth-profiles.json"])).toEqual(["600", "600"]);
    expect(await modes(["made", "made/deep", "made/deep/locks", "there/locks"])).toEqual(["700", "700", "700", "700"]);
  });

  test.skipIf(!isRoot)("root's update leaves the store to whom it belongs, also through a link", async () => {
    await nobodysStore();
    const link = join(home.path, "link.json");
    await symlink("agent/auth-profiles.json", link);
    const result = await runScript(`await put(storageAt(args[0], args[1]), "p:new", "test-key-new");`, {
      args: [link, join(home.path, "locks")],
    });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const { uid, gid, mode } = await stat(join(home.path, "agent/auth-profiles.json"));
    expect([uid, gid, mode & 0o777]).toEqual([NOBODY_UID, NOBODY_UID, 0o600]);
    expect(profileIds(await readFile(link, "utf8"))).toEqual(["p:old", "p:new"]);
  });
});

import { chmod, stat, symlink } from "node:fs/promises";
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
import { runScript } from "./child.ts";
import { FILE, OLD, traceWrite, type TracedWrite } from "./traced-write.ts";

const isRoot = process.getuid?.() === 0;

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
  await giveToNobody(home.path);
});
afterEach(() => home.remove());

async function traced(inject: string): Promise<TracedWrite> {
  const write = await traceWrite(inject);
  onTestFinished(() => write.home.remove());
  return write;
}

async function stepsOfAnUpdate() {
  const { home, calls, outcome } = await traceWrite("");
  await home.remove();
  if (outcome === undefined) throw new Error("the update was not traced");
  return tracedSteps(calls);
}

const idsIn = (text: string): readonly string[] => Object.keys(Object(JSON.parse(text)).credentials);
const leftIn = async (place: TempHome) => (await place.list()).filter((file) => file.startsWith("agent/"));

describe.skipIf(!canTrace)("with system calls that fail or kill", async () => {
  const steps = canTrace ? await stepsOfAnUpdate() : [];

  test("W1: an update makes the calls that a file of which nothing is lost takes", () => {
    const calls = steps.map(([call, when]) => `${call} ${when}`);
    expect(calls).toEqual(expect.arrayContaining(["fchmod 1", "pwrite64 1", "fsync 1", "rename 1", "fsync 2", "unlink 1"]));
    expect(calls.indexOf("fsync 1")).toBeLessThan(calls.indexOf("rename 1"));
    expect(calls.indexOf("rename 1")).toBeLessThan(calls.indexOf("fsync 2"));
  });

  test.each(steps)("W1: killed at %s number %i, the file is old or new, and the next update tidies up", async (call, when) => {
    const { outcome, home, calls } = await traced(`${call}:signal=KILL:when=${when}`);
    expect(outcome).toBeUndefined();
    const isNew = / rename\(.* = 0$|rename resumed>.* = 0$/m.test(calls);
    const text = await home.read(FILE);
    expect(text === OLD).toBe(!isNew);
    expect(idsIn(text)).toEqual(isNew ? ["p:old", "p:new"] : ["p:old"]);
    expect((await leftIn(home)).length).toBeLessThanOrEqual(2);

    const again = await runScript(`await put(storeAt(args[0], args[1]), "p:next", 3);`, {
      args: [join(home.path, FILE), join(home.path, "locks")],
    });
    expect(again).toMatchObject({ code: 0, stderr: "" });
    expect(idsIn(await home.read(FILE))).toEqual([...idsIn(text), "p:next"]);
    expect(await leftIn(home)).toEqual([FILE]);
    expect((await home.list()).filter((file) => file.endsWith(".holder"))).toEqual([]);
  });

  test.each([
    ["fsync", 1, "EIO", /auth-state\.json was not changed\. Cannot fsync \/.*\.tmp: EIO$/],
    ["pwrite64", 1, "EDQUOT", /Cannot write \/.*\.tmp: EDQUOT$/],
    ["rename", 1, "EROFS", /Cannot rename onto \/.*\/auth-state\.json: EROFS$/],
  ])("W2: %s number %i fails with %s: the error says so, the old file stays and nothing else", async (call, when, errno, message) => {
    const { outcome, home } = await traced(`${call}:error=${errno}:when=${when}`);
    expect(outcome).toMatchObject({ code: "state-unwritable", message: expect.stringMatching(message) });
    expect(await home.read(FILE)).toBe(OLD);
    expect(await leftIn(home)).toEqual([FILE]);
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

const MAKE_OLD = `mkdir -m 700 agent && printf '%s' '${OLD}' > agent/auth-state.json`;
const READ_BACK = `
  say([fs.readdirSync("agent"), fs.readFileSync("agent/auth-state.json", "utf8")]);
  say([...(await store.read()).credentials.keys()]);`;

describe("on a disk that gives out", () => {
  test.skipIf(!canMount)("W2: a full disk leaves the old file, which is still read", async () => {
    const outcome = await inMounted(
      MAKE_OLD,
      `const store = storeAt("agent/auth-state.json", args[0] + "/locks");
       const many = Object.fromEntries(Array.from({ length: 900 }, (_, at) => ["m".repeat(300) + at, { until: 5, reason: "rate_limit", count: 1 }]));
       await report(store.update((all) => ({ ...all, credentials: new Map([["p:a", { windows: many }]]) })));
       ${READ_BACK}`,
    );
    expect(outcome).toEqual([
      { code: "state-unwritable", message: expect.stringMatching(/Cannot write .*\.tmp: ENOSPC$/), cause: "ENOSPC" },
      [["auth-state.json"], OLD],
      ["p:old"],
    ]);
  });

  test.skipIf(!canMount)(
    "W2: a gateway on a file system mounted for reading knows what was kept, serves, and says once what it cannot do",
    async () => {
      const outcome = await inMounted(
        `${MAKE_OLD} && mount -o remount,ro "$0"`,
        `const store = storeAt("agent/auth-state.json", args[0] + "/locks");
       const { health, keeper } = await gateway("agent/auth-state.json", args[0] + "/locks");
       health.settle(begin(health, "p:new"), limited);
       say([await keeper.flush(), await keeper.flush()]);
       say(windows(health).map(({ id }) => id));
       ${READ_BACK}`,
      );
      expect(outcome).toEqual([{ told: "state-unwritable" }, [false, false], ["p:new"], [["auth-state.json"], OLD], ["p:old"]]);
    },
  );
});

/** A file of nobody's, where the tests run as root. */
async function nobodysFile(): Promise<void> {
  await home.write(FILE, OLD);
  await giveToNobody(join(home.path, "agent"), join(home.path, FILE));
}

const idsAfterwards = async () => idsIn(await home.read(FILE));

describe("as a user without rights", () => {
  test("need 36: in a folder that may not be written to a gateway serves from memory, and writes once it may", async () => {
    await nobodysFile();
    await chmod(join(home.path, "agent"), 0o500);
    const { stdout, stderr } = await runScript(
      `dropRights();
       const { health, keeper } = await gateway(args[0] + "/${FILE}", args[0] + "/locks");
       health.settle(begin(health, "p:new"), limited);
       say([await keeper.flush(), await keeper.flush()]);
       say([begin(health, "p:new") === undefined, fs.readdirSync(args[0] + "/agent")]);
       fs.chmodSync(args[0] + "/agent", 0o700);
       say(await keeper.flush());`,
      { args: [home.path] },
    );
    expect(stderr).toBe("");
    expect(said(stdout)).toEqual([{ told: "state-unwritable" }, [false, false], [true, ["auth-state.json"]], true]);
    expect(await idsAfterwards()).toContain("p:new");
  });

  test("a file that may not be read stays as it is, and is told", async () => {
    await nobodysFile();
    await chmod(join(home.path, FILE), 0o000);
    const { stdout, stderr } = await runScript(
      `dropRights();
       const { health, keeper } = await gateway(args[0] + "/${FILE}", args[0] + "/locks");
       health.settle(begin(health, "p:new"), limited);
       say(await keeper.flush());
       await report(put(storeAt(args[0] + "/${FILE}", args[0] + "/locks"), "p:new", 2));`,
      { args: [home.path] },
    );
    expect(stderr).toBe("");
    expect(said(stdout)).toEqual([
      { told: "state-unreadable" },
      false,
      { code: "state-unreadable", message: expect.stringMatching(/^Cannot open \/.*\/auth-state\.json: EACCES$/), cause: "EACCES" },
    ]);
    await chmod(join(home.path, FILE), 0o600);
    expect(await home.read(FILE)).toBe(OLD);
  });

  test.each(["000", "022", "077"])("W4: under umask %s the file is 0600 and its folder 0700, also where it was 0644", async (mask) => {
    const script = `
      dropRights();
      process.umask(0o${mask});
      const [made, there] = [args[0] + "/made/deep/auth-state.json", args[0] + "/there/auth-state.json"];
      fs.mkdirSync(args[0] + "/there", { mode: 0o700 });
      fs.writeFileSync(there, "{}");
      fs.chmodSync(there, 0o644);
      for (const path of [made, there]) await put(storeAt(path, args[0] + "/locks"), "p:new", 2);`;
    expect(await runScript(script, { args: [home.path] })).toMatchObject({ code: 0, stderr: "" });
    const modes = async (paths: readonly string[]) =>
      Promise.all(paths.map(async (path) => ((await stat(join(home.path, path))).mode & 0o777).toString(8)));
    expect(await modes(["made/deep/auth-state.json", "there/auth-state.json"])).toEqual(["600", "600"]);
    expect(await modes(["made", "made/deep", "locks"])).toEqual(["700", "700", "700"]);
  });

  test.skipIf(!isRoot)("root's update leaves the file to whom it belongs, also through a link", async () => {
    await nobodysFile();
    const link = join(home.path, "link.json");
    await symlink(FILE, link);
    const result = await runScript(`await put(storeAt(args[0], args[1]), "p:new", 2);`, { args: [link, join(home.path, "locks")] });
    expect(result).toMatchObject({ code: 0, stderr: "" });
    const { uid, gid, mode } = await stat(join(home.path, FILE));
    expect([uid, gid, mode & 0o777]).toEqual([NOBODY_UID, NOBODY_UID, 0o600]);
    expect(await idsAfterwards()).toEqual(["p:old", "p:new"]);
  });
});

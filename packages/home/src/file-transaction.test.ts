import { createHash } from "node:crypto";
import { chmod, lstat, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyFileTransaction, finishFileTransaction, type FileChange } from "./file-transaction.ts";

const JOURNAL = ".openclaw/secrets-apply.journal";
const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const LEGACY = ".openclaw/agents/main/agent/auth.json";
const OTHER = ".openclaw/agents/work/agent/auth-profiles.json";
const OLD = { [CONFIG]: "old config", [STORE]: "old store: test-key-one", [LEGACY]: "old legacy: test-key-two" };

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome(OLD);
});
afterEach(() => home.remove());

const at = (file: string): string => join(home.path, file);
const bytes = (text: string | undefined): Buffer | undefined => (text === undefined ? undefined : Buffer.from(text));
const digest = (text: string | undefined): string | null => (text === undefined ? null : createHash("sha256").update(text).digest("hex"));
const change = (file: string, content: string | undefined, expected?: string): FileChange => ({
  path: at(file),
  content,
  expected: bytes(expected),
});
const apply = (...changes: readonly FileChange[]) => applyFileTransaction({ stateDir: home.stateDir, changes });
const finish = () => finishFileTransaction(home.stateDir);

/** One that replaces, one that replaces elsewhere, one that deletes, one that creates. */
const all = (): readonly FileChange[] => [
  change(CONFIG, "new config", OLD[CONFIG]),
  change(STORE, "new store", OLD[STORE]),
  change(LEGACY, undefined, OLD[LEGACY]),
  change(OTHER, "new other"),
];
const NEW = { [CONFIG]: "new config", [STORE]: "new store", [OTHER]: "new other" };

/** What is in the home, but for locks. */
async function files(): Promise<Readonly<Record<string, string>>> {
  const names = (await home.list()).filter((file) => !file.includes("/locks/") && !file.endsWith("/"));
  return Object.fromEntries(await Promise.all(names.map(async (file) => [file, await home.read(file)] as const)));
}

const ID = "0123456789abcdef";
const prepared = (folder: string, index: number): string => `${folder}/.openclaw-${ID}-${index}.prepared`;
const [CONFIG_PREPARED, STORE_PREPARED] = [prepared(".openclaw", 0), prepared(".openclaw/agents/main/agent", 1)];

/** Leaves what a transaction that died after it was committed leaves. */
async function leaveCommitted(phase: "committed" | "preparing" = "committed"): Promise<void> {
  const entries = [
    [CONFIG, "new config"],
    [STORE, "new store"],
    [LEGACY, undefined],
  ] as const;
  const before = await files();
  await home.write(JOURNAL, {
    version: 1,
    id: ID,
    phase,
    files: entries.map(([file, after]) => ({ path: at(file), before: digest(before[file]), after: digest(after) })),
  });
  await home.write(CONFIG_PREPARED, "new config");
  await home.write(STORE_PREPARED, "new store");
}

describe("applying", () => {
  test.each([
    ["another content", change.bind(undefined, STORE, "mine", "what I read")],
    ["no file where there was one", change.bind(undefined, OTHER, "mine", "what I read")],
    ["a file where there was none", change.bind(undefined, STORE, "mine")],
    ["another content than is to be deleted", change.bind(undefined, LEGACY, undefined, "what I read")],
  ])("writes nothing when it finds %s, and names the file", async (_, make) => {
    const changed = make();
    const failure = apply(change(CONFIG, "new config", OLD[CONFIG]), changed);
    await expect(failure).rejects.toMatchObject({
      name: "HomeError",
      code: "file-changed",
      message: expect.stringContaining(changed.path),
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("test-key") });
    expect(await files()).toEqual(OLD);
  });

  test("replaces, creates and deletes, and leaves nothing else", async () => {
    expect(await apply(...all())).toEqual([CONFIG, STORE, LEGACY, OTHER].map(at));
    expect(await files()).toEqual(NEW);
  });

  test("new files are their owner's alone, also one that was open before", async () => {
    await chmod(at(CONFIG), 0o644);
    await apply(...all());
    for (const file of Object.keys(NEW)) expect([file, ((await stat(at(file))).mode & 0o777).toString(8)]).toEqual([file, "600"]);
  });

  test("leaves a file alone that has that content already", async () => {
    const before = await stat(at(STORE));
    expect(await apply(change(STORE, OLD[STORE], OLD[STORE]), change(OTHER, undefined))).toEqual([]);
    expect((await stat(at(STORE))).ino).toBe(before.ino);
    expect(await files()).toEqual(OLD);
  });

  test("once more changes nothing", async () => {
    await apply(...all());
    await expect(apply(...all())).rejects.toMatchObject({ code: "file-changed" });
    expect(await files()).toEqual(NEW);
  });

  test("replaces the file a link leads to, and the link stays", async () => {
    await home.write("shared/auth-profiles.json", "shared");
    await mkdir(at(".openclaw/agents/linked"), { mode: 0o700 });
    const link = ".openclaw/agents/linked/auth-profiles.json";
    await symlink(at("shared/auth-profiles.json"), at(link));
    expect(await apply(change(link, "new shared", "shared"), change("shared/auth-profiles.json", "new shared", "shared"))).toEqual([
      at("shared/auth-profiles.json"),
    ]);
    expect((await lstat(at(link))).isSymbolicLink()).toBe(true);
    expect(await home.read("shared/auth-profiles.json")).toBe("new shared");
    await expect(apply(change(link, "one", "new shared"), change("shared/auth-profiles.json", "two", "new shared"))).rejects.toMatchObject({
      code: "file-refused",
      message: expect.stringContaining("changed in two ways"),
    });
    expect(await home.read(link)).toBe("new shared");
  });

  test.each([
    ["a link that leads nowhere", () => symlink(at("nowhere"), at(OTHER)), () => change(OTHER, "mine")],
    ["a folder", () => mkdir(at(OTHER)), () => change(OTHER, "mine")],
    ["a relative path", () => Promise.resolve(), () => ({ path: "openclaw.json", content: "mine", expected: undefined })],
  ])("refuses %s and writes nothing", async (_, prepare, make) => {
    await mkdir(at(".openclaw/agents/work/agent"), { recursive: true, mode: 0o700 });
    await prepare();
    await expect(apply(change(CONFIG, "new config", OLD[CONFIG]), make())).rejects.toMatchObject({
      name: "HomeError",
      code: "file-refused",
    });
    expect(await home.read(CONFIG)).toBe("old config");
    expect((await home.list()).filter((file) => /journal|prepared/.test(file))).toEqual([]);
  });

  test("a folder that others may write to is refused, and everything stays old", async () => {
    await mkdir(at(".openclaw/agents/work/agent"), { recursive: true, mode: 0o700 });
    await chmod(at(".openclaw/agents/work/agent"), 0o777);
    await expect(apply(...all())).rejects.toMatchObject({ name: "SecretsError", code: "folder-refused" });
    expect(await files()).toEqual(OLD);
  });

  test("of several at once one is applied, and those that had read before are told", async () => {
    const outcomes = await Promise.allSettled([apply(...all()), apply(...all()), apply(...all())]);
    const codes = outcomes.map((outcome) => (outcome.status === "fulfilled" ? "applied" : outcome.reason.code));
    expect(codes.toSorted()).toEqual(["applied", "file-changed", "file-changed"]);
    expect(await files()).toEqual(NEW);
  });

  test("does not wait when it is told not to", async () => {
    const reason = new Error("stop");
    const lock = { signal: AbortSignal.abort(reason) };
    await expect(applyFileTransaction({ stateDir: home.stateDir, changes: all(), lock })).rejects.toBe(reason);
    expect(await files()).toEqual(OLD);
  });

  test("completes first what a dead one left, and judges by that", async () => {
    await leaveCommitted();
    await expect(apply(change(CONFIG, "newer", OLD[CONFIG]))).rejects.toMatchObject({ code: "file-changed" });
    await apply(change(CONFIG, "newer", "new config"));
    expect(await files()).toEqual({ [CONFIG]: "newer", [STORE]: "new store" });
  });
});

describe("finishing", () => {
  test("writes nothing where there is nothing to finish, not even a lock", async () => {
    expect(await finish()).toEqual({ outcome: "none", paths: [] });
    expect(await home.list()).toEqual(Object.keys(OLD).toSorted());
    expect(await finishFileTransaction(at("no-such-folder"))).toEqual({ outcome: "none", paths: [] });
    expect(await home.list()).toEqual(Object.keys(OLD).toSorted());
  });

  test.each([
    ["nothing is placed", async () => undefined],
    ["one is placed", () => rename(at(CONFIG_PREPARED), at(CONFIG))],
    [
      "all but the journal is done",
      () => Promise.all([rename(at(CONFIG_PREPARED), at(CONFIG)), rename(at(STORE_PREPARED), at(STORE)), rm(at(LEGACY))]),
    ],
  ])("goes forward from a commit where %s", async (_, go) => {
    await leaveCommitted();
    await go();
    expect(await finish()).toEqual({ outcome: "completed", paths: [CONFIG, STORE, LEGACY].map(at) });
    expect(await files()).toEqual({ [CONFIG]: "new config", [STORE]: "new store" });
    expect(await finish()).toEqual({ outcome: "none", paths: [] });
  });

  test("removes what was prepared and never committed, half written or whole", async () => {
    await leaveCommitted("preparing");
    await home.write(".openclaw/agents/main/agent/..openclaw-0123456789abcdef-1.prepared.77-1-00000000.0123456789ab.tmp", "new st");
    await home.write(".openclaw/.secrets-apply.journal.77-1-00000000.0123456789ab.tmp", "{");
    expect(await finish()).toMatchObject({ outcome: "discarded" });
    expect(await files()).toEqual(OLD);
  });

  test("removes a journal that was half written", async () => {
    await home.write(".openclaw/.secrets-apply.journal.77-1-00000000.0123456789ab.tmp", "{");
    expect(await finish()).toMatchObject({ outcome: "none" });
    expect(await files()).toEqual(OLD);
  });

  test("takes a commit for taken back whose new content is gone before any was placed", async () => {
    await leaveCommitted();
    await rm(at(STORE_PREPARED));
    expect(await finish()).toMatchObject({ outcome: "discarded" });
    expect(await files()).toEqual(OLD);
  });

  test("loses nothing that somebody wrote meanwhile, and says what to do; doing it helps", async () => {
    await leaveCommitted();
    await home.write(STORE, "edited by hand");
    const before = await files();
    await expect(finish()).rejects.toMatchObject({
      name: "HomeError",
      code: "transaction-conflict",
      message: expect.stringContaining(at(STORE)),
      hint: expect.stringContaining(`mv '${at(STORE)}'`),
    });
    await expect(apply(change(CONFIG, "newer", "new config"))).rejects.toMatchObject({ code: "transaction-conflict" });
    expect(await files()).toEqual(before);
    await rename(at(STORE), at(`${STORE}.mine`));
    expect(await finish()).toMatchObject({ outcome: "completed" });
    expect(await files()).toEqual({ [CONFIG]: "new config", [STORE]: "new store", [`${STORE}.mine`]: "edited by hand" });
  });

  test("leaves a file in place that is to be deleted and was edited", async () => {
    await leaveCommitted();
    await home.write(LEGACY, "edited by hand");
    await expect(finish()).rejects.toMatchObject({ code: "transaction-conflict" });
    expect(await files()).toMatchObject({ ...OLD, [LEGACY]: "edited by hand" });
  });

  test("new content that is gone when other is placed is a conflict that names it", async () => {
    await leaveCommitted();
    await rename(at(CONFIG_PREPARED), at(CONFIG));
    await rm(at(STORE_PREPARED));
    await expect(finish()).rejects.toMatchObject({ code: "transaction-conflict", message: expect.stringContaining(at(STORE_PREPARED)) });
  });

  test.each([
    ["no JSON", "test-key-one"],
    ["a relative path", { version: 1, id: ID, phase: "committed", files: [{ path: "openclaw.json", before: null, after: null }] }],
    ["a path that climbs", { version: 1, id: ID, phase: "committed", files: [{ path: "/tmp/../etc/passwd", before: null, after: null }] }],
    ["a folder of its own for what is prepared", { version: 1, id: "../../../0123456", phase: "committed", files: [] }],
    ["a later version", { version: 2, id: ID, phase: "committed", files: [] }],
    ["an unknown field", { version: 1, id: ID, phase: "committed", files: [], content: "test-key-one" }],
    ["a file twice", { version: 1, id: ID, phase: "committed", files: ["/a", "/a"].map((path) => ({ path, before: null, after: null })) }],
  ])("refuses a journal with %s and does nothing", async (_, journal) => {
    await home.write(JOURNAL, journal);
    const before = await files();
    const failure = finish();
    await expect(failure).rejects.toMatchObject({ name: "HomeError", code: "journal-refused", hint: expect.stringContaining("mv '") });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining("test-key") });
    await expect(apply(...all())).rejects.toMatchObject({ code: "journal-refused" });
    expect(await files()).toEqual(before);
  });

  test("refuses a journal that others may read, or that is a link", async () => {
    await leaveCommitted();
    await chmod(at(JOURNAL), 0o644);
    await expect(finish()).rejects.toMatchObject({ code: "journal-refused", hint: `chmod 600 '${at(JOURNAL)}'` });
    await chmod(at(JOURNAL), 0o600);
    await rename(at(JOURNAL), at("elsewhere"));
    await symlink(at("elsewhere"), at(JOURNAL));
    await expect(finish()).rejects.toMatchObject({ code: "journal-refused" });
    expect(await files()).toMatchObject(OLD);
  });
});

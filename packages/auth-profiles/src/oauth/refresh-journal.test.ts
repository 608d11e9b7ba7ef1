import { Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { chmod, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRefreshJournal, tokenMark, type JournalEntry, type RefreshJournal } from "./refresh-journal.ts";

const ACCOUNT = "refresh-0123";
const tokens = { access: Secret.of("test-access-one"), refresh: Secret.of("test-refresh-one") };
const entry: JournalEntry = { mark: tokenMark(tokens, ACCOUNT), startedAt: 7, state: "sent" };
let home: TempHome;
let journal: RefreshJournal;

beforeEach(async () => {
  home = await createTempHome();
  journal = createRefreshJournal(join(home.path, "refresh"));
});
afterEach(() => home.remove());

test("a note is read as it was written, until it is cleared", async () => {
  expect([...(await journal.names())]).toEqual([]);
  await journal.write(ACCOUNT, { ...entry, pausedUntil: 9, failures: 2, isDenied: true });
  expect(await journal.read(ACCOUNT)).toEqual({ ...entry, pausedUntil: 9, failures: 2, isDenied: true });
  expect([...(await journal.names())]).toEqual([ACCOUNT]);
  await journal.clear(ACCOUNT);
  expect(await journal.read(ACCOUNT)).toBeUndefined();
  await journal.clear(ACCOUNT);
});

test("a note holds no part of a token, and only its owner can read it", async () => {
  await journal.write(ACCOUNT, entry);
  const text = await home.read(`refresh/${ACCOUNT}.json`);
  for (const secret of Object.values(tokens)) {
    const value = secret.reveal();
    for (let from = 0; from + 6 <= value.length; from++) expect(text).not.toContain(value.slice(from, from + 6));
  }
  expect((await stat(join(home.path, "refresh", `${ACCOUNT}.json`))).mode & 0o777).toBe(0o600);
  expect((await stat(join(home.path, "refresh"))).mode & 0o777).toBe(0o700);
});

describe("no note is", () => {
  test.each([
    ["an empty file", ""],
    ["a torn one", '{"mark":"#1#2","startedAt":7,"sta'],
    ["garbage", "\u0000\u0001garbage"],
    ["an array", "[]"],
    ["one without a mark", '{"startedAt":7,"state":"sent"}'],
    ["one of a state nobody knows", '{"mark":"#1#2","startedAt":7,"state":"eaten"}'],
    ["one that began never", '{"mark":"#1#2","startedAt":null,"state":"sent"}'],
  ])("%s", async (_what, text) => {
    await home.write(`refresh/${ACCOUNT}.json`, text);
    expect(await journal.read(ACCOUNT)).toBeUndefined();
  });
});

test("a pause that is no number is none", async () => {
  await home.write(`refresh/${ACCOUNT}.json`, { ...entry, pausedUntil: "soon", failures: "many", isDenied: "yes" });
  expect(await journal.read(ACCOUNT)).toEqual(entry);
});

test("a folder that others may write to takes no note", async () => {
  await home.write("refresh/other", "");
  await chmod(join(home.path, "refresh"), 0o777);
  await expect(journal.write(ACCOUNT, entry)).rejects.toMatchObject({
    code: "folder-refused",
    message: expect.stringContaining("refresh"),
  });
});

describe("the mark of a login's tokens", () => {
  test.each([
    ["another access", { ...tokens, access: Secret.of("test-access-two") }],
    ["another refresh token", { ...tokens, refresh: Secret.of("test-refresh-two") }],
    ["no access", { refresh: tokens.refresh }],
    ["tokens in each other's place", { access: tokens.refresh, refresh: tokens.access }],
  ])("differs with %s", (_what, others) => {
    expect(tokenMark(others, ACCOUNT)).not.toBe(entry.mark);
  });

  test("differs between accounts, and not between readings", () => {
    expect(tokenMark(tokens, "refresh-4567")).not.toBe(entry.mark);
    expect(tokenMark({ access: Secret.of("test-access-one"), refresh: Secret.of("test-refresh-one") }, ACCOUNT)).toBe(entry.mark);
  });
});

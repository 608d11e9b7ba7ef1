import { chmod, lstat, mkdir, readFile, rename, stat, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createLockFolder, type LockFolder } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { RotationError } from "../errors.ts";
import { createFileHealthStore } from "./file-store.ts";
import { frozenRecord } from "./parse-records.ts";
import type { CredentialRecord, HealthRecords, WindowRecord } from "./record.ts";

const FILE = "agents/main/agent/auth-state.json";
const limited = (until: number, count = 1): WindowRecord => ({ until, reason: "rate_limit", count });

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const storeAt = (file: string) => createFileHealthStore({ path: join(home.path, file), locks: createLockFolder(join(home.path, "locks")) });
const modeOf = async (file: string) => ((await stat(join(home.path, file))).mode & 0o777).toString(8);
const jsonOf = async (file: string): Promise<unknown> => JSON.parse(await home.read(file));

/** A change that makes one credential what is given. */
const putting = (id: string, record: CredentialRecord) => (all: HealthRecords) => ({
  ...all,
  credentials: new Map([...all.credentials, [id, record]]),
});

async function refusalOf(run: () => Promise<unknown>): Promise<RotationError> {
  const error = await run().catch((error: unknown) => error);
  if (error instanceof RotationError) return error;
  throw new Error("it was not refused", { cause: error });
}

test("without a file nothing is known, and looking makes none", async () => {
  const store = storeAt(FILE);
  expect(await store.read()).toEqual({ credentials: new Map(), lastGood: {} });
  expect(await home.list()).toEqual([]);
});

test("a change of nothing makes no file either", async () => {
  const store = storeAt(FILE);
  await store.update((all) => all);
  expect((await home.list()).filter((file) => !file.startsWith("locks/"))).toEqual([]);
});

test("the file is what the format says: what reads it for order and status finds its fields", async () => {
  await storeAt(FILE).update(() => ({
    credentials: new Map([
      ["anthropic:work", { lastUsed: 50, windows: { "*": { until: 900, reason: "billing", count: 2 }, claude: limited(700) } }],
      ["#0011aabb", { windows: {} }],
    ]),
    lastGood: { anthropic: "anthropic:work" },
  }));
  expect(await home.read(FILE)).toBe(`{
  "version": 1,
  "credentials": {
    "anthropic:work": {
      "lastUsed": 50,
      "windows": {
        "*": {
          "until": 900,
          "reason": "billing",
          "count": 2
        },
        "claude": {
          "until": 700,
          "reason": "rate_limit",
          "count": 1
        }
      }
    },
    "#0011aabb": {
      "windows": {}
    }
  },
  "lastGood": {
    "anthropic": "anthropic:work"
  }
}
`);
  expect([await modeOf(FILE), await modeOf("agents/main/agent"), await modeOf("agents")]).toEqual(["600", "700", "700"]);
});

test("what was written is read again, by another reader as well", async () => {
  const record = { lastUsed: 5, windows: { m: limited(9, 3) } };
  const returned = await storeAt(FILE).update(putting("p:a", record));
  expect(returned.credentials.get("p:a")).toEqual(record);
  expect((await storeAt(FILE).read()).credentials.get("p:a")).toEqual(record);
});

describe("what nobody here knows", () => {
  const foreign = {
    future: [1, { two: null }],
    version: 1,
    credentials: {
      "p:a": {
        generation: 7,
        note: "kept",
        lastUsed: 1,
        windows: { m: { until: 5, reason: "rate_limit", count: 1, seen: [1] }, n: { until: "soon", why: 1 }, gone: { until: 6, note: 1 } },
      },
      "p:b": 7,
      "p:c": { windows: [1], generation: 2 },
    },
    lastGood: { p: "p:a", q: { id: "p:a" } },
  };

  test("survives at every level, also beside what is changed", async () => {
    await home.write(FILE, foreign);
    await storeAt(FILE).update((all) => ({
      credentials: new Map([...all.credentials, ["p:a", { lastUsed: 2, windows: { m: limited(9, 2), o: limited(4) } }]]),
      lastGood: { ...all.lastGood, r: "p:c" },
    }));
    expect(await jsonOf(FILE)).toEqual({
      ...foreign,
      credentials: {
        ...foreign.credentials,
        "p:a": {
          generation: 7,
          note: "kept",
          lastUsed: 2,
          windows: { m: { ...limited(9, 2), seen: [1] }, n: { until: "soon", why: 1 }, o: limited(4) },
        },
      },
      lastGood: { ...foreign.lastGood, r: "p:c" },
    });
  });

  test("gives way only to what is to stand in its place", async () => {
    await home.write(FILE, foreign);
    await storeAt(FILE).update(({ credentials, lastGood }) => ({
      credentials: new Map([...credentials, ["p:b", { lastUsed: 3, windows: {} }], ["p:c", { windows: { m: limited(9) } }]]),
      lastGood,
    }));
    expect(await jsonOf(FILE)).toMatchObject({
      credentials: { "p:b": { lastUsed: 3, windows: {} }, "p:c": { windows: { m: limited(9) }, generation: 2 } },
    });
  });

  test("outlives the credential it was written for", async () => {
    await home.write(FILE, { ...foreign, credentials: { ...foreign.credentials, "p:d": { lastUsed: 1, windows: { m: limited(5) } } } });
    await storeAt(FILE).update(({ lastGood }) => ({ credentials: new Map(), lastGood }));
    expect(await jsonOf(FILE)).toEqual({
      ...foreign,
      credentials: {
        "p:a": { generation: 7, note: "kept", windows: { n: { until: "soon", why: 1 } } },
        "p:b": 7,
        "p:c": { windows: [1], generation: 2 },
      },
    });
  });
});

test("where nothing changed nothing is written, however the file is laid out", async () => {
  const text = '{"credentials":{"p:a":{"windows":{"m":{"until":5}}}}}';
  await home.write(FILE, text, 0o644);
  const before = await stat(join(home.path, FILE));
  await storeAt(FILE).update((all) => ({
    credentials: new Map([["p:a", { windows: { m: { until: 5, reason: "unknown", count: 1 } } }]]),
    lastGood: { ...all.lastGood },
  }));
  expect(await home.read(FILE)).toBe(text);
  expect((await stat(join(home.path, FILE))).ino).toBe(before.ino);
});

test("W4: a file that others could read is private once it was written", async () => {
  await home.write(FILE, { credentials: {} }, 0o644);
  await storeAt(FILE).update(putting("p:a", { lastUsed: 1, windows: {} }));
  expect(await modeOf(FILE)).toBe("600");
  expect(await jsonOf(FILE)).toEqual({ version: 1, credentials: { "p:a": { lastUsed: 1, windows: {} } } });
});

describe("a file that cannot be used is an error and stays as it is", () => {
  test.each([
    ["torn", '{"version":1,"credentials":{"p:someone@example.com"', "state-unreadable"],
    ["empty", "", "state-unreadable"],
    ["no object", "[]", "state-unreadable"],
    ["of credentials that are none", '{"credentials":[]}', "state-unreadable"],
    ["of good ones that are none", '{"lastGood":"p:a"}', "state-unreadable"],
    ["of a version that is none", '{"version":"2"}', "state-unreadable"],
    ["newer", '{"version":2,"credentials":{}}', "state-newer"],
  ])("%s", async (_name, text, code) => {
    await home.write(FILE, text);
    const store = storeAt(FILE);
    for (const attempt of [() => store.read(), () => store.update(putting("p:a", { lastUsed: 1, windows: {} }))]) {
      const error = await refusalOf(attempt);
      expect(error).toMatchObject({ code, message: expect.stringContaining(join(home.path, FILE)) });
      expect(error.hint).toContain(`rename ${join(home.path, FILE)}`);
      expect(`${error.message}${String(error.cause)}`).not.toContain("someone");
    }
    expect(await home.read(FILE)).toBe(text);
  });

  test("no UTF-8", async () => {
    await home.write(FILE, "");
    await writeFile(join(home.path, FILE), Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
    expect((await refusalOf(() => storeAt(FILE).read())).message).toBe(`${join(home.path, FILE)} is not UTF-8 text`);
  });

  test("a folder", async () => {
    await mkdir(join(home.path, FILE), { recursive: true });
    const store = storeAt(FILE);
    expect((await refusalOf(() => store.read())).code).toBe("state-unreadable");
    expect((await refusalOf(() => store.update((all) => all))).code).toBe("state-unreadable");
  });

  test("larger than anything that was written", async () => {
    await home.write(FILE, `{"note":"${"x".repeat(16 * 1024 * 1024)}"}`);
    expect((await refusalOf(() => storeAt(FILE).read())).message).toContain("larger than");
  });

  test("once it was renamed, it begins anew", async () => {
    await home.write(FILE, "torn");
    const store = storeAt(FILE);
    await refusalOf(() => store.read());
    await rename(join(home.path, FILE), join(home.path, "agents/main/agent/auth-state.json.torn"));
    await store.update(putting("p:a", { windows: { m: limited(9) } }));
    expect((await store.read()).credentials.get("p:a")).toEqual({ windows: { m: limited(9) } });
  });
});

test("a byte order mark is no fault", async () => {
  await home.write(FILE, '\uFEFF{"lastGood":{"p":"p:a"}}');
  expect((await storeAt(FILE).read()).lastGood).toEqual({ p: "p:a" });
});

describe("what cannot be written", () => {
  test("what has more levels than can be written again stays", async () => {
    const text = `{"future":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    await home.write(FILE, text);
    const error = await refusalOf(() => storeAt(FILE).update(putting("p:a", { lastUsed: 1, windows: {} })));
    expect(error).toMatchObject({ code: "state-unwritable", message: `${join(home.path, FILE)} was not changed. It has too many levels` });
    expect(await home.read(FILE)).toBe(text);
  });

  test("what would be larger than is read again", async () => {
    const many = Array.from({ length: 40 }, (_, at): [string, CredentialRecord] => [
      `${"x".repeat(500_000)}${at}`,
      { lastUsed: 1, windows: {} },
    ]);
    const error = await refusalOf(() => storeAt(FILE).update((all) => ({ ...all, credentials: new Map(many) })));
    expect(error.code).toBe("state-unwritable");
    expect((await home.list()).filter((file) => file.startsWith("agents/"))).toEqual([]);
  });

  test("in a folder where others could swap it", async () => {
    await home.write(FILE, "{}");
    await chmod(join(home.path, "agents"), 0o777);
    const error = await refusalOf(() => storeAt(FILE).update(putting("p:a", { lastUsed: 1, windows: {} })));
    expect(error).toMatchObject({ code: "state-unwritable", hint: expect.stringContaining("chmod") });
    expect(await home.read(FILE)).toBe("{}");
  });

  test("under a lock that cannot be had", async () => {
    await home.write("locks", "a file");
    const error = await refusalOf(() => storeAt(FILE).update(putting("p:a", { lastUsed: 1, windows: {} })));
    expect(error.code).toBe("state-unwritable");
  });

  test("because the change itself failed", async () => {
    const store = storeAt(FILE);
    const failing = store.update(() => {
      throw new Error("no change");
    });
    await expect(failing).rejects.toThrow("no change");
    expect(await home.list()).not.toContain(FILE);
  });
});

describe("a link", () => {
  test("is followed and stays, also one to a file that is not there yet, and all who share the file share the lock", async () => {
    await mkdir(join(home.path, "shared"), { mode: 0o700 });
    await mkdir(join(home.path, "linked"), { mode: 0o700 });
    await symlink("../shared/auth-state.json", join(home.path, "linked/auth-state.json"));
    await symlink("linked", join(home.path, "folder"));
    const files = ["linked/auth-state.json", "folder/auth-state.json", "shared/auth-state.json"];
    await Promise.all(files.map((file) => storeAt(file).update(putting(file, { lastUsed: 1, windows: {} }))));
    expect((await lstat(join(home.path, "linked/auth-state.json"))).isSymbolicLink()).toBe(true);
    for (const file of files) expect([...(await storeAt(file).read()).credentials.keys()].toSorted()).toEqual(files.toSorted());
    expect((await home.list()).filter((file) => file.startsWith("locks/"))).toHaveLength(1);
  });

  test("in a circle is an error", async () => {
    await symlink("auth-state.json", join(home.path, "auth-state.json"));
    const store = storeAt("auth-state.json");
    expect((await refusalOf(() => store.read())).code).toBe("state-unreadable");
    expect((await refusalOf(() => store.update((all) => all))).code).toBe("state-unreadable");
  });
});

describe("no model breaks it", () => {
  test("names that objects inherit are written and read as names", async () => {
    const record = { windows: frozenRecord(["__proto__", "constructor", "toString"].map((model) => [model, limited(9)] as const)) };
    const store = storeAt(FILE);
    for (const id of ["__proto__", "constructor"]) await store.update(putting(id, record));
    await store.update((all) => ({ ...all, lastGood: frozenRecord([["__proto__", "constructor"]]) }));
    const { credentials, lastGood } = await storeAt(FILE).read();
    for (const id of ["__proto__", "constructor"]) {
      expect(Object.entries(credentials.get(id)?.windows ?? {})).toEqual(Object.entries(record.windows));
    }
    expect(Object.entries(lastGood)).toEqual([["__proto__", "constructor"]]);
  });

  test("one with an endless name is not written, and the others are", async () => {
    const windows = { ["x".repeat(1_000_000)]: limited(9), ["y".repeat(512)]: limited(9) };
    const kept = await storeAt(FILE).update(putting("p:a", { windows }));
    expect(kept.credentials.get("p:a")).toEqual({ windows: { ["y".repeat(512)]: limited(9) } });
    expect((await stat(join(home.path, FILE))).size).toBeLessThan(2000);
  });

  test("of ten thousand windows those thousand are written that end last", async () => {
    const windowsOf = (first: number) =>
      Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`m${first + at}`, limited(first + at)]));
    const kept = await storeAt(FILE).update((all) => ({
      ...all,
      credentials: new Map([
        ["p:a", { lastUsed: 1, windows: windowsOf(1) }],
        ["p:b", { windows: windowsOf(5001) }],
      ]),
    }));
    expect(kept.credentials.get("p:a")).toEqual({ lastUsed: 1, windows: {} });
    const untils = Object.values(kept.credentials.get("p:b")?.windows ?? {}).map(({ until }) => until);
    expect([untils.length, Math.min(...untils), Math.max(...untils)]).toEqual([1000, 9001, 10_000]);
  });

  test("what is left out each time is no reason to write each time", async () => {
    const store = storeAt(FILE);
    const windows = Object.fromEntries(Array.from({ length: 1500 }, (_, at) => [`m${at}`, limited(5)]));
    await store.update(putting("p:a", { windows }));
    const before = await stat(join(home.path, FILE));
    await store.update((all) => putting("p:a", { windows: { ...all.credentials.get("p:a")?.windows, ...windows } })(all));
    expect((await stat(join(home.path, FILE))).ino).toBe(before.ino);
  });
});

describe("an unchanged file", () => {
  test("is the same object at every look, also the one that an update handed back", async () => {
    const store = storeAt(FILE);
    const empty = await store.read();
    expect(await store.read()).toBe(empty);
    const written = await store.update(putting("p:a", { lastUsed: 1, windows: {} }));
    expect(await store.read()).toBe(written);
    expect(await store.update((all) => all)).toBe(await store.read());
  });

  test("ceases to be when somebody replaces, edits or removes it", async () => {
    const store = storeAt(FILE);
    await store.update(putting("p:a", { lastUsed: 1, windows: {} }));
    await storeAt(FILE).update(putting("p:b", { lastUsed: 1, windows: {} }));
    expect([...(await store.read()).credentials.keys()]).toEqual(["p:a", "p:b"]);
    await home.write(FILE, { credentials: { "p:c": { windows: {} } } });
    expect([...(await store.read()).credentials.keys()]).toEqual(["p:c"]);
    await unlink(join(home.path, FILE));
    expect((await store.read()).credentials.size).toBe(0);
  });
});

test("W3: many writers of one process lose nothing", async () => {
  const stores = [storeAt(FILE), storeAt(FILE)];
  await Promise.all(Array.from({ length: 40 }, (_, at) => stores[at % 2]?.update(putting(`p:${at}`, { windows: { m: limited(at + 1) } }))));
  const text = await readFile(join(home.path, FILE), "utf8");
  expect(Object.keys(Object(JSON.parse(text)).credentials)).toHaveLength(40);
  expect((await home.list()).filter((file) => file.includes(".tmp") || file.endsWith(".holder"))).toEqual([]);
});

test("how long others are waited for is the caller's to say", async () => {
  const asked: unknown[] = [];
  const locks: LockFolder = {
    withLock(_name, run, waiting) {
      asked.push(waiting);
      return run();
    },
  };
  const { signal } = new AbortController();
  const store = createFileHealthStore({ path: join(home.path, FILE), locks });
  await store.update((all) => all, { signal, timeoutMs: 7 });
  await store.update((all) => all);
  expect(asked).toEqual([{ signal, timeoutMs: 7 }, undefined]);
});

import { unlink } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { Secret } from "@openclaw/secrets";
import type { TokenStep } from "@openclaw/testkit";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { createRequesterPool, SALT, type Ask, type Requester } from "./refresh-requester.ts";
import { openScene, OLD_ACCESS, storeFileOf, storeWith, type Scene, type SceneOptions } from "./refresh-scene.ts";

const HOUR_MS = 3_600_000;
const named = (token: string) => Secret.of(token).fingerprint(SALT);

const pool = createRequesterPool();
let one: Requester;
let other: Requester;
beforeAll(async () => {
  [one, other] = await startTwo();
}, 60_000);
afterAll(() => pool.end());

async function startTwo(): Promise<[Requester, Requester]> {
  const [first, second] = await pool.start(2);
  if (first === undefined || second === undefined) throw new Error("not started");
  return [first, second];
}

async function open(options: SceneOptions = {}): Promise<Scene> {
  const scene = await openScene(options);
  onTestFinished(() => scene.end());
  return scene;
}

/** A lock file, its holder's name and a journal entry, as a process leaves them that was killed when it was about to ask. */
async function leaveBehind(scene: Scene): Promise<{ readonly holder: string; readonly entry: string; readonly journal: object }> {
  const [killed] = await pool.start(1);
  const ended = killed?.ask(scene.ask("main", { stopAt: "noted" })).catch(() => "ended");
  await killed?.atGate();
  killed?.signal("SIGKILL");
  expect(await ended).toBe("ended");
  const left = await scene.home.list();
  const holder = left.find((file) => file.endsWith(".holder")) ?? "none";
  const entry = left.find((file) => file.startsWith("state/refresh/") && file.endsWith(".json")) ?? "none";
  return { holder, entry, journal: Object(JSON.parse(await scene.home.read(entry))) };
}

/** Both ask at once. Whether they got the same new token, which is stored, and by how many requests. */
async function askBoth(scene: Scene, more: Partial<Ask> = {}) {
  const before = scene.idp.tokenRequests();
  const outcomes = await Promise.all([one.ask(scene.ask("main", more)), other.ask(scene.ask("work", more))]);
  const { access } = await scene.stored();
  const isShared = access !== named(OLD_ACCESS) && outcomes.every(({ token }) => token === access);
  return { isShared, requests: scene.idp.tokenRequests() - before, reuses: scene.idp.reuses() };
}

const ONE_REFRESH = { isShared: true, requests: 1, reuses: 0 };

describe("O5: what others have left behind holds nothing up and has nothing sent twice", () => {
  test("O5: the lock of a process that is dead, whose number another has now, and its note of a request a moment ago", async () => {
    const scene = await open();
    const { holder } = await leaveBehind(scene);
    await scene.home.write(holder, `{"name":"refresh","pid":${process.pid},"since":"2099-01-01T00:00:00.000Z"}\n`);
    expect(await askBoth(scene)).toEqual(ONE_REFRESH);
  });

  test("O5: its note of a request an hour ago: nobody knows whether it was sent, so it is not sent again until a person logs in", async () => {
    const scene = await open();
    const { entry, journal } = await leaveBehind(scene);
    await scene.home.write(entry, { ...journal, startedAt: Date.now() - HOUR_MS });
    const text = await scene.file();
    for (const requester of [one, other]) expect(await requester.ask(scene.ask())).toMatchObject({ code: "refresh-indeterminate" });
    expect([scene.idp.tokenRequests(), await scene.file()]).toEqual([0, text]);

    const { refresh } = scene.idp.issue();
    await scene.home.write(storeFileOf("main"), storeWith({ access: OLD_ACCESS, refresh, expires: Date.now() - 1 }));
    expect(await askBoth(scene)).toEqual(ONE_REFRESH);
  });

  test("O5: notes about a token that is not stored any more, and notes that are none", async () => {
    const scene = await open();
    const { entry, journal } = await leaveBehind(scene);
    for (const text of [JSON.stringify({ ...journal, mark: "#00000000#00000000", state: "lost" }), "{", "[]", "\0\0"]) {
      await scene.home.write(entry, text);
      await scene.home.write(storeFileOf("main"), storeWith({ access: OLD_ACCESS, refresh: scene.idp.issue().refresh, expires: 1 }));
      expect(await askBoth(scene)).toEqual(ONE_REFRESH);
    }
  });

  test("O5: garbage in the folders of locks, notes and stores", async () => {
    const scene = await open();
    await scene.home.write("state/locks/garbage.lock", "garbage");
    await scene.home.write("state/locks/.nfs0001", "");
    await scene.home.write("state/refresh/garbage", "{");
    await scene.home.write("agents/main/auth-profiles.json.lock", "1");
    await scene.home.write("agents/main/auth-profiles.json.probe", "\0");
    expect(await askBoth(scene)).toEqual(ONE_REFRESH);
  });

  test("O5: a process whose clock was set back an hour refreshes what was refused, and one whose clock is right uses it", async () => {
    const scene = await open();
    const early = await one.ask(scene.ask("main", { clockShiftMs: -HOUR_MS, isRefused: true }));
    const { access } = await scene.stored();
    expect([early.token, (await other.ask(scene.ask("work", { clockShiftMs: -HOUR_MS }))).token]).toEqual([access, access]);
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
  });

  test("O5: processes whose clocks are an hour apart share the lock and what it gave", async () => {
    const scene = await open({ expiresInSeconds: 3 * 3600 });
    const outcomes = await Promise.all([one.ask(scene.ask("main", { clockShiftMs: HOUR_MS })), other.ask(scene.ask("work"))]);
    const { access } = await scene.stored();
    expect(outcomes.map(({ token, code }) => token ?? code)).toEqual([access, access]);
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([1, 0]);
  });

  test("O5: the clock is set back an hour while a provider is left alone: it is not left alone for an hour", async () => {
    const scene = await open();
    scene.idp.script({ reply: { status: 429, headers: { "retry-after": "5" } } });
    expect(await one.ask(scene.ask())).toMatchObject({ code: "oauth-unavailable" });
    const { token } = await one.ask(scene.ask("main", { clockShiftMs: -HOUR_MS, isRefused: true }));
    expect(token).toBe((await scene.stored()).access);
    expect([scene.idp.tokenRequests(), scene.idp.reuses()]).toEqual([2, 0]);
  });
});

/** What a process adds to what is tested of the client: the disk, the notes, and what the next process does. */
describe("an answer that is none", () => {
  const page: TokenStep = { reply: { body: "<html>", headers: { "content-type": "text/html" } } };
  const long: TokenStep = { reply: { body: "x".repeat(10_000_000), headers: { "content-type": "application/json" } } };
  test.each<readonly [string, string, number, readonly TokenStep[]]>([
    ["is lost twice", "refresh-indeterminate", 2, [{ drop: "after" }, { drop: "after" }]],
    ["is cut", "refresh-indeterminate", 2, [{ drop: "during" }]],
    ["is 500", "oauth-unavailable", 1, [{ reply: { status: 500, body: { error: "server_error" } } }]],
    ["is 429", "oauth-unavailable", 1, [{ reply: { status: 429, headers: { "retry-after": "3600" } } }]],
    ["is a page", "refresh-indeterminate", 2, [page, page]],
    ["is 10 MB long", "refresh-indeterminate", 2, [long, long]],
  ])("O6: %s: %s after %i requests, and none by the next process; the disk stays", async (_, code, requests, steps) => {
    const scene = await open();
    const text = await scene.file();
    scene.idp.script(...steps);
    expect(await one.ask(scene.ask())).toMatchObject({ code });
    expect(await other.ask(scene.ask("work"))).toMatchObject({ code });
    expect(await one.ask(scene.ask())).toMatchObject({ code });
    expect([scene.idp.tokenRequests(), scene.idp.unusedSteps(), await scene.file()]).toEqual([requests, 0, text]);
  });

  test("O6: is a gzip bomb: it is put down, sent once more and never again; the disk stays", async () => {
    const scene = await open();
    const text = await scene.file();
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    let requests = 0;
    const server = createServer((_request, response) => {
      requests++;
      response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close().closeAllConnections());
    const address = server.address();
    const tokenUrl = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/token`;
    expect(await one.ask(scene.ask("main", { tokenUrl }))).toMatchObject({ code: "refresh-indeterminate" });
    expect(await other.ask(scene.ask("main", { tokenUrl }))).toMatchObject({ code: "refresh-indeterminate" });
    expect([requests, await scene.file()]).toEqual([2, text]);
  });

  test("O6: is lost once: it is sent again, and succeeds where the provider forgives", async () => {
    const scene = await open({ graceMs: 60_000 });
    scene.idp.script({ drop: "after" });
    expect(await askBoth(scene)).toEqual({ ...ONE_REFRESH, requests: 2 });
    expect(await scene.leftovers()).toEqual(["state/refresh/"]);
  });
});

describe("the store changes while a refresh waits for its answer", () => {
  test("O7: a person logs in, in another process: the login stays, and is what is used", async () => {
    const scene = await open();
    const answer = Promise.withResolvers<void>();
    scene.idp.script({ beforeAnswering: answer.promise });
    const refreshing = one.ask(scene.ask());
    await scene.idp.waitForTokenRequests(1);
    const fresh = { ...scene.idp.issue(), expires: Date.now() + HOUR_MS };
    const text = storeWith({ access: fresh.access, refresh: fresh.refresh, expires: fresh.expires });
    await scene.home.write(storeFileOf("main"), text);
    answer.resolve();
    expect(await refreshing).toMatchObject({ token: named(fresh.access) });
    expect(await other.ask(scene.ask("work"))).toEqual({ token: named(fresh.access), isAtOnce: true });
    expect([scene.idp.tokenRequests(), await scene.file()]).toEqual([1, text]);
  });

  test("O14: a person logs out, in another process: it stays deleted, for the process that refreshed and for one that waited", async () => {
    const scene = await open();
    const answer = Promise.withResolvers<void>();
    scene.idp.script({ beforeAnswering: answer.promise });
    const refreshing = one.ask(scene.ask());
    await scene.idp.waitForTokenRequests(1);
    const waiting = other.ask(scene.ask("work"));
    await other.atLock();
    const empty = `{"version":1,"profiles":{}}\n`;
    await scene.home.write(storeFileOf("main"), empty);
    answer.resolve();
    for (const outcome of [await refreshing, await waiting]) expect(outcome).toMatchObject({ code: "profile-not-found" });
    expect([scene.idp.tokenRequests(), await scene.file()]).toEqual([1, empty]);

    await unlink(join(scene.home.path, storeFileOf("main")));
    expect(await one.ask(scene.ask())).toMatchObject({ code: "profile-not-found" });
    expect((await scene.home.list()).filter((file) => file.startsWith("agents/main/"))).not.toContain(storeFileOf("main"));
  });
});

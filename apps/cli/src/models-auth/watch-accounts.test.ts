import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { openHome, resolvePaths } from "@openclaw/home";
import { createLockFolder, SecretsError } from "@openclaw/secrets";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { Hook, Notice } from "./notice.ts";
import { keepLooking, lookOnce } from "./watch-accounts.ts";
import { createWatchStateFile } from "./watch-state.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

async function scene(hooks: readonly Hook[] = []) {
  const clock = manualClock();
  const start = clock.now();
  const token = (hours: number) => ({
    version: 1,
    profiles: { "p:a": { type: "token", provider: "p", token: "test-token-one", expires: start + hours * HOUR } },
  });
  const folder = await createTempHome({ [STORE]: token(26) });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env, clock, use: "inspect" });
  onTestFinished(() => home.close());
  const seen: (readonly [string, number])[] = [];
  const complaints: string[] = [];
  const stop = new AbortController();
  const statePath = join(folder.stateDir, "auth-watch.json");
  const options = {
    home,
    agentId: undefined,
    state: createWatchStateFile(statePath, (text) => complaints.push(text)),
    locks: createLockFolder(join(folder.stateDir, "locks")),
    lockName: "auth-watch",
    hooks,
    clock,
    signal: stop.signal,
    show: ({ to }: Notice) => void seen.push([to, (clock.now() - start) / MINUTE]),
    complain: (text: string) => void complaints.push(text),
    textOf: () => "",
    intervalMs: 5 * MINUTE,
    learn: async () => undefined,
  };
  return { clock, folder, token, options, stop, seen, complaints, start };
}

test("31: looks at the interval, and to the millisecond when time alone changes something", async () => {
  const { clock, options, stop, seen, start, folder, token } = await scene();
  const ended = keepLooking({ ...options, intervalMs: 30 * MINUTE }).catch((error: unknown) => error);
  for (;;) {
    await clock.waitForSleepers();
    const [next = 0] = clock.sleeping();
    if (next > start + 27 * HOUR) break;
    if (next >= start + 26.5 * HOUR && seen.length === 2) await folder.write(STORE, token(900));
    clock.advance(next - clock.now());
  }
  stop.abort();
  expect(await ended).toBe(stop.signal.reason);
  expect(seen).toEqual([
    ["expiring", 2 * 60],
    ["dead", 26 * 60],
    ["recovered", 26.5 * 60],
  ]);
});

test("an event whose hook fails is shown and told again at each look until it is taken, and then no more", async () => {
  const answers = ["first", undefined, "second", undefined];
  const told: string[] = [];
  const { clock, options, seen, complaints } = await scene([async ({ to }) => (told.push(to), answers.shift()), async () => undefined]);
  expect(await lookOnce(options)).toMatchObject({ isTold: true });
  clock.advance(3 * HOUR);
  expect(await lookOnce(options)).toMatchObject({ isTold: false });
  expect(await lookOnce(options)).toMatchObject({ isTold: true });
  expect(await lookOnce(options)).toMatchObject({ isTold: true });
  clock.advance(24 * HOUR);
  expect(await lookOnce(options)).toMatchObject({ isTold: false });
  expect(await lookOnce(options)).toMatchObject({ isTold: true });
  expect(told).toEqual(["expiring", "expiring", "dead", "dead"]);
  expect(seen.map(([to]) => to)).toEqual(told);
  expect(complaints).toEqual(["first", "second"].map((why) => `p:a could not be told of, and is told again: ${why}`));
});

test("a home that cannot be read is said once, and what is known goes on to count", async () => {
  const { clock, options, stop, seen, complaints, folder, token } = await scene();
  const ended = keepLooking(options).catch((error: unknown) => error);
  const step = async () => {
    await clock.waitForSleepers();
    clock.advance(5 * MINUTE);
    await clock.waitForSleepers();
  };
  await step();
  await folder.write(STORE, "{");
  await step();
  await step();
  await folder.write(STORE, token(1));
  await step();
  await folder.write(STORE, "{");
  await step();
  stop.abort();
  await ended;
  expect(complaints).toHaveLength(2);
  expect(seen.map(([to]) => to)).toEqual(["expiring"]);
});

test("an end that comes while the home cannot be read does not make it look without a pause", async () => {
  const { clock, options, stop, folder, token, seen } = await scene();
  await folder.write(STORE, token(1));
  await options.home.reload();
  const ended = keepLooking({ ...options, intervalMs: 24 * HOUR }).catch((error: unknown) => error);
  await clock.waitForSleepers();
  expect(clock.sleeping()).toEqual([clock.now() + HOUR]);
  await folder.write(STORE, "{");
  clock.advance(HOUR);
  await clock.waitForSleepers();
  expect(clock.sleeping()).toEqual([clock.now() + 24 * HOUR]);
  await folder.write(STORE, token(0.5));
  clock.advance(24 * HOUR);
  await clock.waitForSleepers();
  stop.abort();
  await ended;
  expect(seen.map(([to]) => to)).toEqual(["expiring", "dead"]);
});

test("another watcher that takes too long ends no watch: that is said once, and it looks again later; one look ends with it", async () => {
  const { clock, options, stop, complaints, folder, seen } = await scene();
  await folder.write(STORE, { version: 1, profiles: { "p:a": { type: "token", provider: "p", token: "test-token-one", expires: 1 } } });
  await options.home.reload();
  const locks = createLockFolder(join(folder.stateDir, "locks"), { clock });
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const other = locks.withLock("auth-watch", () => (held.resolve(), released.promise));
  await held.promise;

  const once = lookOnce({ ...options, locks });
  await clock.waitForSleepers();
  clock.advance(MINUTE);
  await expect(once).rejects.toMatchObject({ name: "CliError", hint: expect.stringContaining("--state") });

  const ended = keepLooking({ ...options, locks }).catch((error: unknown) => error);
  for (const wait of [MINUTE, 5 * MINUTE, MINUTE]) {
    await clock.waitForSleepers();
    expect(clock.sleeping()).toEqual([clock.now() + wait]);
    clock.advance(wait);
  }
  await clock.waitForSleepers();
  expect(complaints).toEqual([expect.stringContaining("Nothing was looked at, which is tried again later: another watcher")]);
  expect(seen).toEqual([]);
  released.resolve();
  await other;
  clock.advance(5 * MINUTE);
  await expect.poll(() => seen).toHaveLength(1);
  stop.abort();
  expect(await ended).toBe(stop.signal.reason);
});

test("a state that cannot be written ends no watch: that is said once, and every event is told once, not at each look", async () => {
  const told: string[] = [];
  const { clock, options, stop, complaints, folder, token } = await scene([async ({ profileId }) => void told.push(profileId)]);
  const state = createWatchStateFile(join(folder.path, "watch/state.json"), (text) => complaints.push(text));
  const ended = keepLooking({ ...options, state }).catch((error: unknown) => error);
  // While hooks are told something else sleeps as well.
  const asleep = () => expect.poll(() => clock.sleeping()).toEqual([clock.now() + 5 * MINUTE]);
  const look = async () => {
    clock.advance(5 * MINUTE);
    await asleep();
  };
  await asleep();
  await chmod(join(folder.path, "watch"), 0o777);
  await folder.write(STORE, { version: 1, profiles: { ...token(1).profiles, "p:b": { ...token(1).profiles["p:a"] } } });
  await look();
  expect(told).toEqual(["p:a", "p:b"]);
  for (let looks = 0; looks < 2; looks += 1) await look();
  expect(told).toEqual(["p:a", "p:b"]);
  expect(complaints).toEqual([expect.stringMatching(/^What was told cannot be kept, which is tried again later: .*watch/u)]);
  await chmod(join(folder.path, "watch"), 0o700);
  await look();
  stop.abort();
  await ended;
  expect(told).toEqual(["p:a", "p:b"]);
  expect(await folder.read("watch/state.json")).toContain('"p:b": "expiring"');
});

test("a hook that hangs over one account keeps no other from being told, and a look ends before the next one gives up waiting", async () => {
  const told: string[] = [];
  const hook: Hook = ({ profileId }, signal) =>
    profileId === "p:a"
      ? new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("ended"))))
      : (told.push(profileId), Promise.resolve(undefined));
  const { clock, folder, options, token, complaints } = await scene([hook]);
  const entry = token(1).profiles["p:a"];
  await folder.write(STORE, { version: 1, profiles: { "p:a": entry, "p:b": entry } });
  await options.home.reload();
  const start = clock.now();
  const looked = lookOnce(options);
  // The whole look, and what the first account has of it.
  await expect.poll(() => clock.sleeping()).toEqual([start + 20_000, start + 40_000]);
  clock.advance(20_000);
  expect(await looked).toMatchObject({ isTold: false });
  expect(told).toEqual(["p:b"]);
  expect(complaints).toEqual(["p:a could not be told of, and is told again: it took longer than 20 s"]);
  expect(clock.sleeping()).toEqual([]);
});

test.each([
  ["goes on where the disk is full", "file-write-failed", undefined],
  ["ends where the state is none that can be kept", "file-is-link", "file-is-link"],
] as const)("at its start a watch %s, and one look ends with either", async (_name, code, ending) => {
  const { clock, options, stop, complaints } = await scene();
  const state = { ...options.state, write: () => Promise.reject(new SecretsError(code, "not written")) };
  await expect(lookOnce({ ...options, state })).rejects.toMatchObject({ code });
  const ended = keepLooking({ ...options, state }).catch((error: unknown) =>
    error instanceof SecretsError ? error.code : "asked to stop",
  );
  expect(await Promise.race([clock.waitForSleepers(), ended])).toBe(ending);
  expect(complaints).toHaveLength(ending === undefined ? 1 : 0);
  stop.abort();
  await ended;
});

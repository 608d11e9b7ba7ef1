import { join } from "node:path";
import { openHome, resolvePaths } from "@openclaw/home";
import { createLockFolder } from "@openclaw/secrets";
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

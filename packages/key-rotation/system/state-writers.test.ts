import { join } from "node:path";
import { createTempHome, isProcessAlive, said, type RunningProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { runScript, startScript } from "./child.ts";
import { FILE } from "./traced-write.ts";

let home: TempHome;
let paths: readonly string[];
beforeEach(async () => {
  home = await createTempHome();
  paths = [FILE, "locks"].map((path) => join(home.path, path));
});
afterEach(() => home.remove());

async function started(script: string, args: readonly string[] = []): Promise<RunningProcess> {
  const running = await startScript(script, { args: [...paths, ...args] });
  onTestFinished(async () => {
    await running.stop();
    expect(isProcessAlive(running.pid)).toBe(false);
  });
  return running;
}

async function ended(...processes: readonly RunningProcess[]): Promise<void> {
  for (const running of processes) expect([await running.exited, running.stderr()]).toEqual([{ code: 0, signal: null }, ""]);
}

const json = async (): Promise<{
  readonly credentials: Readonly<Record<string, { readonly windows: Readonly<Record<string, unknown>> }>>;
}> => JSON.parse(await home.read(FILE));

test("W3: two gateways that record failures of different credentials at once lose nothing, and know of each other's", async () => {
  const script = `
    const { health, keeper } = await gateway(args[0], args[1]);
    await go();
    for (let i = 0; i < 60; i++) {
      health.settle(begin(health, args[2] + ":" + i), limited);
      if (i % 3 === 0) await keeper.flush();
    }
    say(await keeper.flush());
    await go();
    await keeper.sync();
    say(health.inspect().length);`;
  const gateways = await Promise.all(["a", "b"].map((name) => started(script, [name])));
  for (const running of gateways) running.signal("SIGUSR2");
  for (const running of gateways) await running.waitForOutput(/true\n"ready"/, 50_000);
  const { credentials } = await json();
  const expected = ["a", "b"].flatMap((name) => Array.from({ length: 60 }, (_, at) => `${name}:${at}`));
  expect(Object.keys(credentials).toSorted()).toEqual(expected.toSorted());
  expect(Object.values(credentials).every(({ windows }) => Object.keys(windows).join() === "m")).toBe(true);
  for (const running of gateways) running.signal("SIGUSR2");
  await ended(...gateways);
  expect(gateways.map((running) => said(running.stdout()).at(-1))).toEqual([120, 120]);
});

test("A7: two gateways that fail with the same credential at once open its first window, once", async () => {
  const script = `
    const { health, keeper } = await gateway(args[0], args[1]);
    const ticket = begin(health, "p:a");
    await go();
    health.settle(ticket, { ...limited, retryAt: systemClock.now() + Number(args[2]) });
    say(await keeper.flush());
    await go();
    await keeper.sync();
    say(windows(health));`;
  const gateways = await Promise.all(["600000", "900000"].map((ms) => started(script, [ms])));
  for (const running of gateways) running.signal("SIGUSR2");
  for (const running of gateways) await running.waitForOutput(/true\n"ready"/, 50_000);
  for (const running of gateways) running.signal("SIGUSR2");
  await ended(...gateways);
  const [one, other] = gateways.map((running) => said(running.stdout()).at(-1));
  expect(one).toEqual(other);
  expect(one).toEqual([{ id: "p:a", model: "m", until: expect.any(Number), reason: "rate_limit", count: 1 }]);
  // The later of the two ends.
  const [window] = Object.values((await json()).credentials["p:a"]?.windows ?? {});
  expect(Number(Object(window).until) - Date.now()).toBeGreaterThan(700_000);
});

test("a gateway that was killed is followed by one that gives the same answer", async () => {
  const first = await started(`
    const { health, keeper } = await gateway(args[0], args[1]);
    health.settle(begin(health, "p:a"), { ...limited, retryAt: systemClock.now() + 600_000 });
    health.settle(begin(health, "p:b"), { class: "billing", scope: "credential", rule: "test" });
    // It is written behind, a second from now.
    while (!fs.existsSync(args[0])) await systemClock.sleep(20);
    say(windows(health));
    await go();`);
  first.signal("SIGKILL");
  await first.exited;
  const second = await runScript(`const { health } = await gateway(args[0], args[1]); say(windows(health));`, { args: paths });
  expect(said(second.stdout)[0]).toEqual(said(first.stdout())[0]);
  expect(said(second.stdout)[0]).toHaveLength(2);
});

test("what another program clears reaches a running gateway and stays cleared", async () => {
  const gateway = await started(`
    const { health, keeper } = await gateway(args[0], args[1]);
    for (const id of ["p:a", "p:b"]) health.settle(begin(health, id), limited);
    await keeper.flush();
    await go();
    say([await keeper.sync(), windows(health).map(({ id }) => id)]);
    health.settle(begin(health, "p:c"), limited);
    await keeper.flush();`);
  const clearing = `
    const store = storeAt(args[0], args[1]);
    await store.update((all) => ({ ...all, credentials: new Map([...all.credentials, ["p:a", { windows: {} }]]) }));`;
  expect(await runScript(clearing, { args: paths })).toMatchObject({ code: 0, stderr: "" });
  gateway.signal("SIGUSR2");
  await ended(gateway);
  expect(said(gateway.stdout()).at(-1)).toEqual([true, ["p:b"]]);
  const { credentials } = await json();
  expect(Object.entries(credentials).map(([id, { windows }]) => [id, Object.keys(windows)])).toEqual([
    ["p:a", []],
    ["p:b", ["m"]],
    ["p:c", ["m"]],
  ]);
});

test("W3: four processes times a hundred updates lose nothing, and a reader never sees less than a file", async () => {
  const writer = `
    const store = storeAt(args[0], args[1]);
    await go();
    for (let i = 0; i < 100; i++) await put(store, args[2] + ":" + i, i + 1);`;
  const reader = `
    const store = storeAt(args[0], args[1]);
    let [reads, most, isOver] = [0, 0, false];
    process.once("SIGUSR1", () => { isOver = true; });
    await go();
    while (!isOver) {
      const { size } = (await store.read()).credentials;
      if (size < most) throw new Error("something was lost");
      most = size;
      reads++;
    }
    say(reads);`;
  const reading = await started(reader);
  const writers = await Promise.all(["a", "b", "c", "d"].map((name) => started(writer, [name])));
  for (const running of [reading, ...writers]) running.signal("SIGUSR2");
  await ended(...writers);
  reading.signal("SIGUSR1");
  await ended(reading);
  expect(said(reading.stdout()).at(-1)).toBeGreaterThan(10);
  expect(Object.keys((await json()).credentials)).toHaveLength(400);
  expect((await home.list()).filter((file) => file.endsWith(".tmp") || file.endsWith(".holder"))).toEqual([]);
});

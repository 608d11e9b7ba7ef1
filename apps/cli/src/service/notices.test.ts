import { join } from "node:path";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { createNotices, type NoticesOptions } from "./notices.ts";

/** Notices to a program that writes down what it is to say. `script`: what else it does. */
async function noticesTo(script: string, options: Partial<NoticesOptions> = {}) {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  await home.write("notify", `#!/bin/sh\n${script}\necho "$NOTIFY_SOCKET $*" >> "$(dirname "$0")/said"\n`, 0o700);
  const [clock, errors] = [manualClock(), new Array<string>()];
  const notices = createNotices({
    supervisor: { notifySocket: "/run/notify", watchdogMs: 60_000 },
    programPath: join(home.path, "notify"),
    clock,
    onError: (message) => void errors.push(message),
    ...options,
  });
  const said = async () => (await home.read("said").catch(() => "")).trim().split("\n");
  return { notices, clock, errors, said };
}

test("signs of life begin when it serves, come at half of the time allowed, and end with it", async () => {
  const { notices, clock, errors, said } = await noticesTo("");
  notices.ready("Serving");
  clock.advance(29_999);
  await expect.poll(said).toEqual(["/run/notify STATUS=Serving", "/run/notify READY=1", "/run/notify WATCHDOG=1"]);
  clock.advance(1);
  await clock.waitForSleepers();
  clock.advance(30_000);
  await clock.waitForSleepers();
  await notices.close();
  clock.advance(300_000);
  expect((await said()).filter((line) => line.endsWith("WATCHDOG=1"))).toHaveLength(3);
  expect(errors).toEqual([]);
});

test("a line break in a status does not become another message", async () => {
  const { notices, said } = await noticesTo("", { supervisor: { notifySocket: "/run/notify" } });
  notices.reloaded("one\nREADY=0");
  await notices.close();
  expect(await said()).toEqual(["/run/notify STATUS=one READY=0", "/run/notify READY=1"]);
});

test("what cannot be said is told once", async () => {
  const { notices, errors } = await noticesTo("exit 1");
  notices.reloading();
  notices.reloaded("Reloaded");
  await notices.close();
  expect(errors).toEqual([expect.stringContaining("could not be told")]);
});

test("a helper that has ended is started again by the next thing to say", async () => {
  const { notices, errors, said } = await noticesTo("[ $1 = RELOADING=1 ] && kill -9 $PPID", {
    supervisor: { notifySocket: "/run/notify" },
  });
  notices.reloading();
  await expect.poll(() => errors).toHaveLength(1);
  notices.reloaded("Reloaded");
  await notices.close();
  expect(await said()).toEqual(expect.arrayContaining(["/run/notify STATUS=Reloaded", "/run/notify READY=1"]));
});

test("where systemd-notify is missing that is told, and nothing else happens", async () => {
  const { notices, errors, said } = await noticesTo("", { programPath: undefined });
  notices.ready("Serving");
  await notices.close();
  expect([errors.length, await said()]).toEqual([1, [""]]);
});

test("nobody is told anything where nobody supervises", async () => {
  const { notices, errors, said } = await noticesTo("", { supervisor: undefined, programPath: undefined });
  notices.ready("Serving");
  await notices.close();
  expect([errors, await said()]).toEqual([[], [""]]);
});

import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { said, scriptsWith } from "../src/scripts.ts";
import { isMountAllowed, onSmallDisk } from "../src/small-disk.ts";
import { createTempHome } from "../src/temp-home.ts";

test.skipIf(!(await isMountAllowed()))("a program runs on a disk that is soon full and that nobody else sees", async () => {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const script = `
    say([process.cwd(), fs.readFileSync("there", "utf8")]);
    try { fs.writeFileSync("large", "x".repeat(200_000)); } catch (error) { say(error.code); }`;
  const folder = join(home.path, "disk");
  const under = onSmallDisk({ folder, sizeKib: 128, prepare: "printf old > there" });
  const { stdout, stderr } = await scriptsWith("").runScript(script, { under });
  expect([said(stdout), stderr]).toEqual([[[folder, "old"], "ENOSPC"], ""]);
  expect(await home.list()).toEqual(["disk/"]);
});

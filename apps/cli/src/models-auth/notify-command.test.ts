import { rename } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import type { Notice } from "./notice.ts";
import { notifyCommand } from "./notify-command.ts";

const notice: Notice = { version: 1, profileId: "p:a", provider: "p", from: "ok", to: "dead", at: 0, agentId: "main", text: "" };

test("a program that is missing for a moment is a problem to tell, and not one to end with", async () => {
  const home = await createTempHome({});
  onTestFinished(() => home.remove());
  await home.write("hook", '#!/bin/sh\ncat > "$HOME/told"\n', 0o700);
  const path = join(home.path, "hook");
  const options = { argv: ["./hook"], env: { ...home.env, PATH: "/usr/bin:/bin" }, cwd: home.path, clock: systemClock };
  const hook = await notifyCommand(options);
  const { signal } = new AbortController();

  await rename(path, `${path}.new`);
  expect(await hook(notice, signal)).toContain(path);
  await expect(notifyCommand(options)).rejects.toMatchObject({ name: "CliError", message: expect.stringContaining(`--exec: `) });
  await home.write("hook", "#!/bin/sh\n", 0o600);
  expect(await hook(notice, signal)).toMatch(/not executable/u);
  await rename(`${path}.new`, path);
  expect(await hook(notice, signal)).toBeUndefined();
  expect(JSON.parse(await home.read("told"))).toEqual(notice);
});

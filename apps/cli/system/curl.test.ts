import { createTempHome, runProcess, findProgram } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { startOpenclawGateway } from "../e2e/openclaw.ts";

const curl = findProgram("curl") ?? "";

test.skipIf(!curl)("the curl command that the gateway prints works as pasted, and shows the token to nobody", async () => {
  const home = await createTempHome();
  const { running } = await startOpenclawGateway(home, ["--dev", "gateway", "--allow-unconfigured", "--port", "0"]);
  try {
    const [command] = await running.waitForOutput(/^curl .*$/mu, 10_000);
    const answer = await runProcess("/bin/sh", ["-c", command], { env: { PATH: process.env["PATH"] }, timeoutMs: 20_000 });
    expect(answer.stderr).toBe("");
    expect(JSON.parse(answer.stdout)).toMatchObject({ object: "chat.completion", choices: [{ message: { role: "assistant" } }] });
    expect(command).not.toMatch(/[0-9a-f]{48}/u);
    expect(running.stdout()).not.toMatch(/[0-9a-f]{48}/u);
  } finally {
    await running.stop();
    await home.remove();
  }
});

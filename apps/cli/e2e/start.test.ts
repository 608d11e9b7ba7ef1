import { once } from "node:events";
import { createServer } from "node:http";
import { createTempHome, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openclaw, startOpenclawGateway } from "./openclaw.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

const dev = ["--dev", "gateway", "--allow-unconfigured"];

test("the first command of the README: address, status, a curl without a token, a rotation, a clean end", async () => {
  const { url, running } = await startOpenclawGateway(home, [...dev, "--port", "0"]);
  await running.waitForOutput(/Ctrl-C stops the gateway/u, 10_000);
  const shown = running.stdout();
  expect(shown.startsWith(`Gateway: ${url}\n`)).toBe(true);
  expect(shown).toMatch(/Default +: sandbox\/demo/u);
  const command = /^curl .*$/mu.exec(shown)?.[0] ?? "";
  expect(command).toContain(`${url}/v1/chat/completions -H @`);
  expect(command).not.toMatch(/bearer|[0-9a-f]{48}/iu);

  const answer = await runProcess(
    "/bin/sh",
    ["-c", `header=$(sed -n 's/^Authorization: //p' ${/-H @(\S+)/u.exec(command)?.[1]}); printf %s "$header"`],
    { env: process.env, timeoutMs: 5_000 },
  );
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: answer.stdout, "content-type": "application/json" },
    body: JSON.stringify({ model: "openclaw/default", messages: [{ role: "user", content: "Hello" }] }),
  });
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: expect.stringContaining("Demo key 2") } }] });
  await running.waitForOutput(/rotated sandbox\/demo: SANDBOX_API_KEYS\[1\] .* -> SANDBOX_API_KEYS\[2\]/u, 5_000);

  running.signal("SIGINT");
  expect(await running.exited).toEqual({ code: 0, signal: null });
  expect(await home.list()).toEqual(expect.not.arrayContaining([expect.stringContaining(".openclaw")]));
});

test("a taken port is said, and the next free one used", async () => {
  const other = createServer();
  other.listen(0, "127.0.0.1");
  await once(other, "listening");
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const { url, running } = await startOpenclawGateway(home, [...dev, "--port", String(port)]);
  expect(Number(new URL(url).port)).toBeGreaterThan(port);
  await running.waitForOutput(new RegExp(`Port ${port} is in use`, "u"), 5_000);
  await running.stop();
  other.close();
});

test("a real key takes the place of the sandbox", async () => {
  const status = await openclaw(home, ["--dev", "models", "status", "--plain"], { env: { OPENROUTER_API_KEY: "test-key-one" } });
  expect(status.stdout).toBe("openrouter/openrouter/auto\n");
  expect((await openclaw(home, ["--dev", "models", "status", "--plain"])).stdout).toBe("sandbox/demo\n");
});

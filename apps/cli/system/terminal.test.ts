import { join } from "node:path";
import { createTempHome, runProcess, findProgram } from "@openclaw/testkit";
import { expect, test, vi } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const tmux = findProgram("tmux") ?? "";

test.skipIf(!tmux)("in a real terminal: the address is on screen first, and Ctrl-C ends it cleanly", async () => {
  const home = await createTempHome();
  const socket = join(home.path, "tmux.sock");
  const run = async (...args: readonly string[]) =>
    (
      await runProcess(tmux, ["-S", socket, ...args], {
        env: { ...home.env, PATH: process.env["PATH"], TERM: "xterm-256color", LANG: "C.UTF-8" },
        timeoutMs: 10_000,
      })
    ).stdout;
  const screen = () => run("capture-pane", "-p", "-J", "-t", "gateway");
  try {
    const command = `${process.execPath} ${BIN} --dev gateway --allow-unconfigured --port 0; echo ended with $?; cat`;
    await run("new-session", "-d", "-s", "gateway", "-x", "200", "-y", "50", command);
    const shown = await vi.waitUntil(async () => (await screen()).includes("Ctrl-C stops the gateway") && (await screen()), {
      timeout: 20_000,
      interval: 100,
    });
    expect(shown).toMatch(/^Gateway: http:\/\/127\.0\.0\.1:\d+\n/u);
    await run("send-keys", "-t", "gateway", "C-c");
    await vi.waitUntil(async () => (await screen()).includes("ended with 0"), { timeout: 20_000, interval: 100 });
  } finally {
    await run("kill-server");
    await home.remove();
  }
});

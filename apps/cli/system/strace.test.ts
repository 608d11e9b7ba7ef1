import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, runProcess, findProgram } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const strace = findProgram("strace") ?? "";

/** System calls of one run of the command line, one per line. */
async function trace(
  calls: string,
  args: readonly string[],
  files: Record<string, object> = {},
): Promise<{ readonly calls: string; readonly home: string }> {
  const home = await createTempHome(files);
  const log = join(home.path, "trace.log");
  const { code, stderr } = await runProcess(strace, ["-f", "-o", log, "-e", `trace=${calls}`, process.execPath, BIN, ...args], {
    env: { ...home.env, NODE_DISABLE_COMPILE_CACHE: "1" },
    timeoutMs: 40_000,
  });
  expect([code, stderr]).toEqual([0, ""]);
  const text = await readFile(log, "utf8");
  await home.remove();
  return { calls: text, home: home.path };
}

test.skipIf(!strace)("models status opens no network connection and starts no program", async () => {
  const keyRef = { source: "exec", provider: "vault", id: "key" };
  const { calls } = await trace("socket,connect,execve", ["models", "status", "--json"], {
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "openai:a": { type: "api_key", provider: "openai", keyRef } },
    },
    ".openclaw/openclaw.json": { secrets: { providers: { vault: { source: "exec", command: "/bin/true" } } } },
  });
  expect(calls).not.toMatch(/AF_INET|AF_UNIX/u);
  expect(calls.match(/execve\(/gu)).toHaveLength(1);
});

test.skipIf(!strace)("--help opens no file of the home", async () => {
  const { calls, home } = await trace("openat,open,stat,statx", ["--help"], { ".openclaw/openclaw.json": {} });
  expect(calls).not.toContain(`${home}/.openclaw`);
});

test.skipIf(!strace)("models status writes nothing", async () => {
  const { calls, home } = await trace("openat,rename,unlink,mkdir,chmod", ["models", "status"], { ".openclaw/openclaw.json": {} });
  const ours = calls.split("\n").filter((line) => line.includes(`${home}/.openclaw`));
  expect(ours.length).toBeGreaterThan(0);
  expect(ours.filter((line) => !line.includes("O_RDONLY"))).toEqual([]);
});

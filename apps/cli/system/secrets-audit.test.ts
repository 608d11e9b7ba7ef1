import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, runProcess } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const strace = findProgram("strace") ?? "";

test.skipIf(!strace)("X20: an audit starts no program, opens no connection and no lock file, and writes nothing", async () => {
  const keyRef = { source: "exec", provider: "vault", id: "key" };
  const home = await createTempHome({
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "openai:a": { type: "api_key", provider: "openai", keyRef } },
    },
    ".openclaw/openclaw.json": { secrets: { providers: { vault: { source: "exec", command: "/bin/true" } } } },
    ".openclaw/locks/store.lock": "held",
    ".openclaw/logs/a.log": "nothing",
  });
  try {
    const log = join(home.path, "trace.log");
    const calls = "trace=socket,connect,execve,open,openat,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,chmod,fchmodat";
    const { code, stderr } = await runProcess(strace, ["-f", "-o", log, "-e", calls, process.execPath, BIN, "secrets", "audit", "--json"], {
      env: { ...home.env, OPENAI_API_KEY: "test-key-one", NODE_DISABLE_COMPILE_CACHE: "1" },
      timeoutMs: 40_000,
    });
    expect([code, stderr]).toEqual([0, ""]);
    const trace = await readFile(log, "utf8");
    expect(trace).not.toMatch(/AF_INET|AF_UNIX/u);
    expect(trace.match(/execve\(/gu)).toHaveLength(1);
    const ours = trace.split("\n").filter((line) => line.includes(home.stateDir));
    expect(ours.some((line) => line.includes("logs/a.log"))).toBe(true);
    expect(ours.filter((line) => line.includes("/locks/"))).toEqual([]);
    expect(ours.filter((line) => !line.includes("O_RDONLY"))).toEqual([]);
  } finally {
    await home.remove();
  }
});

import { chmod, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, isProcessAlive, runProcess, startProcess, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { BIN, openclaw } from "../e2e/openclaw.ts";

const ENV = { PATH: "/usr/bin:/bin" };

/** A home whose one profile gets its key from a command. */
async function homeWith(resolver: string, provider: object = {}): Promise<TempHome> {
  const keyRef = { source: "exec", provider: "vault", id: "team/key" };
  const home = await createTempHome({
    "bin/resolver": resolver,
    ".openclaw/agents/main/agent/auth-profiles.json": { profiles: { "openai:a": { type: "api_key", provider: "openai", keyRef } } },
  });
  onTestFinished(() => home.remove());
  await chmod(join(home.path, "bin/resolver"), 0o700);
  const vault = { source: "exec", command: join(home.path, "bin/resolver"), passEnv: ["PATH"], allowInsecurePath: true, ...provider };
  await home.write(".openclaw/openclaw.json", { gateway: { mode: "local" }, secrets: { providers: { vault } } });
  return home;
}

const start = (home: TempHome) => startProcess(process.execPath, [BIN, "gateway", "--port", "0"], { env: { ...home.env, ...ENV } });
const counted = (rest: string) => `#!/bin/sh\necho run >> "$(dirname "$0")/runs"\ncat > /dev/null\n${rest}\n`;
const runsOf = async (home: TempHome) => (await home.read("bin/runs")).trim().split("\n").length;

test("a gateway that is stopped while a provider of secrets hangs ends at once, and takes it along", async () => {
  const home = await homeWith(`#!/bin/sh\ntrap '' TERM\necho $$ > "$(dirname "$0")/pid"\nwhile :; do sleep 1; done\n`, {
    timeoutMs: 60_000,
  });
  const gateway = await start(home);
  const pid = async () => Number(await readFile(join(home.path, "bin/pid"), "utf8").catch(() => "0"));
  await expect.poll(pid, { timeout: 10_000 }).toBeGreaterThan(0);
  gateway.signal("SIGTERM");
  expect(await gateway.exited).toEqual({ code: 130, signal: null });
  expect(isProcessAlive(await pid())).toBe(false);
  expect(gateway.stdout()).toBe("");
});

const strace = findProgram("strace") ?? "";

test.skipIf(!strace)("R1: where a reference leads nowhere nothing ever listens, and the message names place and repair", async () => {
  const home = await homeWith("#!/bin/sh\nexit 1\n", { source: "file", path: "/nonexistent", command: undefined, passEnv: undefined });
  const log = join(home.path, "trace.log");
  const result = await runProcess(strace, ["-f", "-o", log, "-e", "trace=listen", process.execPath, BIN, "gateway", "--port", "0"], {
    env: { ...home.env, ...ENV },
    timeoutMs: 40_000,
  });
  expect(result).toMatchObject({ code: 1, stdout: "" });
  expect(result.stderr).toContain("profiles.openai:a.key (exec:vault:team/key)");
  expect(await readFile(log, "utf8")).not.toContain("listen(");
});

test("need 16: a provider that is down is asked three times by one start, and not at all by the next", async () => {
  const home = await homeWith(counted("exit 1"));
  const first = await openclaw(home, ["gateway", "--port", "0"], { env: ENV });
  expect(first).toMatchObject({ code: 1, stderr: expect.stringContaining("profiles.openai:a.key") });
  expect(await runsOf(home)).toBe(3);
  const second = await openclaw(home, ["gateway", "--port", "0"], { env: ENV });
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("provider-backing-off") });
  expect(await runsOf(home)).toBe(3);
});

test("X21: the configured limit is the one that counts, at the start, on reload and for a command", async () => {
  const answer = `sleep 2.5\nprintf '{"protocolVersion":1,"values":{"team/key":"test-key-slow"}}'`;
  const home = await homeWith(counted(answer), { timeoutMs: 10_000 });
  const gateway = await start(home);
  onTestFinished(async () => void (await gateway.stop()));
  const [, url = ""] = await gateway.waitForOutput(/^Gateway: (http:\S+)$/mu, 20_000);
  expect(await openclaw(home, ["secrets", "reload", "--url", url], { env: ENV })).toMatchObject({ code: 0 });
  expect(await openclaw(home, ["secrets", "audit", "--allow-exec"], { env: ENV })).toMatchObject({ code: 0 });
  expect(await runsOf(home)).toBe(3);
});

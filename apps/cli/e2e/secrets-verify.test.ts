import { readdir } from "node:fs/promises";
import { createTempHome, runProcess, startProcess, type ProcessResult, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { BIN } from "./openclaw.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

interface Check {
  readonly id: string;
  readonly status: string;
  readonly findings: readonly object[];
}

/** The self-test of a program that is this installation, mostly. */
async function verify(bin: string, ...args: readonly string[]): Promise<ProcessResult> {
  return runProcess(process.execPath, [bin, "secrets", "verify", ...args], { env: { ...home.env, TMPDIR: home.path }, timeoutMs: 60_000 });
}

/** This installation, with something before it that does what a careless program would. */
async function careless(code: string): Promise<string> {
  await home.write("careless.mjs", `${code}\nawait import(${JSON.stringify(BIN)});\n`);
  return `${home.path}/careless.mjs`;
}

async function checksOf(bin: string): Promise<readonly Check[]> {
  const { code, stdout } = await verify(bin, "--canary", "--json");
  const report = JSON.parse(stdout);
  expect([code, report.status]).toEqual([1, "leak"]);
  expect(stdout).not.toMatch(/test-canary-/);
  return report.checks;
}

test("without --canary says what to type", async () => {
  const { code, stderr } = await verify(BIN);
  expect([code, stderr]).toEqual([1, expect.stringContaining("openclaw secrets verify --canary")]);
});

test("this installation lets no canary out, and leaves nothing behind", { timeout: 60_000 }, async () => {
  const before = await readdir(home.path);
  const { code, stdout } = await verify(BIN, "--canary", "--json");
  const report = JSON.parse(stdout);
  expect(report.checks.filter(({ status }: Check) => status !== "ok")).toEqual([]);
  expect([code, report.status]).toEqual([0, "clean"]);
  expect(report.bytesSearched).toBeGreaterThan(100_000);
  // Compiled code is kept from one run to the next.
  expect((await readdir(home.path)).filter((name) => name !== ".cache")).toEqual(before);
});

test("sees a program that prints its environment", { timeout: 60_000 }, async () => {
  const checks = await checksOf(
    await careless("process.stderr.write(Buffer.from(JSON.stringify(process.env)).toString('base64') + '\\n');"),
  );
  expect(checks.find(({ id }) => id === "models status --json")).toMatchObject({
    status: "leak",
    findings: expect.arrayContaining([{ place: "stderr", canary: "env-1", form: "base64", isPiece: false }]),
  });
});

test("L5, L6: sees a program that hands a key to a child, as an argument and in its environment", { timeout: 60_000 }, async () => {
  const checks = await checksOf(
    await careless(`
      import { spawn } from "node:child_process";
      const [key] = (process.env.OPENAI_API_KEYS ?? "").split(",");
      if (key && process.argv.includes("gateway")) spawn(process.execPath, ["-e", "setTimeout(() => undefined, 3000)", key], { stdio: "ignore" });
    `),
  );
  const found = (name: string) => checks.find(({ id }) => id === name);
  expect(found("process arguments")).toMatchObject({
    status: "leak",
    findings: expect.arrayContaining([expect.objectContaining({ canary: "env-1" })]),
  });
  expect(found("process environments")).toMatchObject({ status: "leak" });
});

test("sees a program that keeps a copy of a key in a file", { timeout: 60_000 }, async () => {
  const checks = await checksOf(
    await careless(`
      import { readFileSync, writeFileSync } from "node:fs";
      const path = process.env.OPENCLAW_HOME + "/.openclaw/openclaw.json";
      try { writeFileSync(path + ".bak", readFileSync(path, "utf16le") && Buffer.from(readFileSync(path, "utf8"), "utf16le")); } catch {}
    `),
  );
  expect(checks.find(({ id }) => id === "files")).toMatchObject({
    status: "leak",
    findings: expect.arrayContaining([
      { place: ".openclaw/openclaw.json.bak", canary: "config-plaintext", form: "utf16le", isPiece: false },
    ]),
  });
});

test("a gateway that does not start proves nothing: failed, and 1", { timeout: 60_000 }, async () => {
  const { code, stdout } = await verify(
    await careless('if (process.argv[2] === "gateway" && !process.argv[3]) process.exit(1);'),
    "--canary",
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/FAILED +gateway answers: the gateway did not start/);
  expect(stdout).toContain("not everything could be exercised");
});

test("D22: Ctrl-C ends it with 130, its programs with it, and the folder is gone", { timeout: 60_000 }, async () => {
  const env = { ...home.env, TMPDIR: home.path };
  const running = await startProcess(process.execPath, [BIN, "secrets", "verify", "--canary"], { env });
  const scratch = () => readdir(home.path).then((names) => names.filter((name) => name.startsWith("openclaw-verify-")));
  await vi.waitUntil(async () => (await scratch()).length > 0, { timeout: 20_000, interval: 20 });
  running.signal("SIGINT");
  expect(await running.exited).toEqual({ code: 130, signal: null });
  expect(await scratch()).toEqual([]);
});

import { createServer } from "node:http";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createCanary, createTempHome, findCanary, findProgram, runProcess, type ProcessResult, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { BIN } from "../e2e/openclaw.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SCRIPTS = join(ROOT, "scripts");
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const canary = createCanary("monitor");
const token = (hours: number) => ({ type: "token", provider: "anthropic", token: canary, expires: Date.now() + hours * 3_600_000 });
const scripts = (await readdir(SCRIPTS)).filter((name) => name.endsWith(".sh"));

interface Scene {
  readonly home: TempHome;
  /** Runs something as cron does: few variables, no terminal, nothing to read. */
  readonly run: (command: string, args?: readonly string[], env?: Readonly<Record<string, string>>) => Promise<ProcessResult>;
  /** A program that keeps its arguments and what it is told in `<name>.log`. */
  readonly standIn: (name: string, rest?: string) => Promise<void>;
}

async function sceneWith(profiles: object = { "anthropic:a": token(5) }): Promise<Scene> {
  const home = await createTempHome({ [STORE]: { version: 1, profiles } });
  onTestFinished(() => home.remove());
  await home.write("bin/openclaw", `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`, 0o755);
  const PATH = `${join(home.path, "bin")}:/usr/bin:/bin`;
  return {
    home,
    async run(command, args = [], env = {}) {
      const result = await runProcess(command, args, { env: { HOME: home.path, PATH, ...env }, cwd: ROOT, timeoutMs: 40_000 });
      expect(await findCanary(canary, { texts: { stdout: result.stdout, stderr: result.stderr } })).toEqual([]);
      return result;
    },
    standIn: (name, rest = "") => home.write(`bin/${name}`, `#!/bin/sh\nprintf '%s\\n' "$*" >> "$HOME/${name}.log"\n${rest}\n`, 0o755),
  };
}

const script = (name: string) => join(SCRIPTS, name);
const dash = findProgram("dash") ?? "";
const shellcheck = findProgram("shellcheck") ?? "";
const analyze = findProgram("systemd-analyze") ?? "";

test.skipIf(!dash).each(scripts)("%s is read by a shell that knows POSIX alone, and may be run", async (name) => {
  const { run } = await sceneWith();
  expect(await run(dash, ["-n", script(name)])).toMatchObject({ code: 0, stderr: "" });
  expect((await stat(script(name))).mode & 0o111).toBe(0o111);
});

test.skipIf(!shellcheck)("shellcheck has nothing to say", async () => {
  const { run } = await sceneWith();
  expect(await run(shellcheck, ["--enable=quote-safe-variables", ...scripts.map(script)])).toMatchObject({ code: 0, stdout: "" });
});

test.skipIf(!analyze)("systemd has nothing to say about the units, and no key stands in them", async () => {
  const { home, run } = await sceneWith();
  const folder = join(home.path, ".config/systemd/user");
  await mkdir(folder, { recursive: true });
  const units = await readdir(join(SCRIPTS, "systemd"));
  for (const unit of units) await copyFile(join(SCRIPTS, "systemd", unit), join(folder, unit));
  await home.write(".local/bin/openclaw-auth-monitor", "#!/bin/sh\n", 0o755);
  const paths = units.map((unit) => join(folder, unit));
  const result = await run(analyze, ["--user", "verify", ...paths], { XDG_RUNTIME_DIR: home.path });
  expect(result).toMatchObject({ code: 0, stdout: "", stderr: "" });
  await home.write(".config/systemd/user/broken.service", "[Service]\nType=oneshot\nExecStart=/nonexistent\nNoSuchKey=1\n");
  expect((await run(analyze, ["--user", "verify", join(folder, "broken.service")], { XDG_RUNTIME_DIR: home.path })).stderr).toContain(
    "NoSuchKey",
  );
});

test("the monitor prints a change once, passes the exit code on, and gives what its variables say", async () => {
  const { home, run } = await sceneWith();
  const first = await run(script("auth-monitor.sh"), [], { OPENCLAW_MONITOR_IN_USE: "1", OPENCLAW_MONITOR_JSON: "1" });
  expect(first).toMatchObject({ code: 2, stderr: "" });
  expect(JSON.parse(first.stdout)).toMatchObject({ profileId: "anthropic:a", to: "expiring" });
  expect(await run(script("auth-monitor.sh"))).toMatchObject({ code: 2, stdout: "", stderr: "" });
  const other = { OPENCLAW_MONITOR_STATE: join(home.path, "a state"), OPENCLAW_MONITOR_AGENT: "main" };
  expect(await run(script("auth-monitor.sh"), [], other)).toMatchObject({ code: 2, stdout: expect.stringContaining("expiring: ") });
  expect(await home.list()).toContain("a state");
  expect(await run(script("auth-monitor.sh"), [], { OPENCLAW_BIN: "no-such-openclaw" })).toMatchObject({
    code: 1,
    stderr: "auth-monitor: there is no program no-such-openclaw; set OPENCLAW_BIN or PATH\n",
  });
});

test("the example of a notifier reaches a desktop, and else says that it reached nobody", async () => {
  const { home, run, standIn } = await sceneWith();
  const env = { OPENCLAW_MONITOR_EXEC: script("notify.sh") };
  expect(await run(script("auth-monitor.sh"), [], env)).toMatchObject({ code: 1, stderr: expect.stringContaining("is told again") });
  await standIn("notify-send");
  expect(await run(script("auth-monitor.sh"), [], { ...env, DISPLAY: ":0" })).toMatchObject({ code: 2, stderr: "" });
  expect(await home.read("notify-send.log")).toMatch(/^-- OpenClaw accounts expiring: anthropic:a ends in 5h; openclaw [^"]*\n$/u);
});

test.skipIf(!findProgram("curl"))("the example of a notifier posts to a topic whose address no process list shows", async () => {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding("utf8").on("data", (text: string) => bodies.push(`${request.method} ${request.url} ${text}`));
    request.on("end", () => response.end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const { port } = z.object({ port: z.number() }).parse(server.address());
  const { home, run } = await sceneWith({ 'anthropic:it\'s a "b" \\': token(5) });
  await home.write("topic", `http://127.0.0.1:${port}/topic-of-mine\n`);
  const env = { OPENCLAW_MONITOR_EXEC: script("notify.sh"), OPENCLAW_NOTIFY_URL_FILE: join(home.path, "topic") };
  expect(await run(script("auth-monitor.sh"), [], env)).toMatchObject({ code: 2, stderr: "" });
  expect(bodies).toEqual([expect.stringMatching(/^POST \/topic-of-mine expiring: anthropic:it's a "b" \\ ends in 5h; openclaw /u)]);
});

test("in Termux changes become notifications; without its programs they are printed, and cron is named", async () => {
  const { home, run, standIn } = await sceneWith();
  const monitor = script("termux-auth-monitor.sh");
  const state = (name: string) => ({ OPENCLAW_MONITOR_STATE: join(home.path, name) });
  expect(await run(monitor, [], state("one"))).toMatchObject({ code: 2, stdout: expect.stringContaining("expiring: "), stderr: "" });
  expect(await run(monitor, ["schedule"])).toMatchObject({ code: 1, stderr: expect.stringContaining("use cron: ") });
  expect(await run(monitor, ["unschedule"])).toMatchObject({ code: 0, stderr: "" });
  expect(await run(monitor, ["dance"])).toMatchObject({ code: 1, stderr: expect.stringContaining("usage: ") });

  await standIn("termux-notification");
  await standIn("termux-job-scheduler");
  expect(await run(monitor, [], state("two"))).toMatchObject({ code: 2, stderr: "" });
  expect(await home.read("termux-notification.log")).toMatch(
    /^--id openclaw-anthropic:a --group openclaw --title OpenClaw accounts --content expiring: anthropic:a ends in 5h; openclaw [^"]*\n$/u,
  );
  await run(monitor, ["schedule"]);
  await run(monitor, ["unschedule"]);
  expect(await home.read("termux-job-scheduler.log")).toBe(
    `--job-id 7031 --script ${monitor} --period-ms 900000 --persisted true\n--cancel --job-id 7031\n`,
  );
});

test("every command on the page runs as it is printed", async () => {
  const { home, run, standIn } = await sceneWith();
  await standIn("systemctl");
  await standIn("termux-job-scheduler");
  await standIn("crontab", `case "$1" in -l) exit 1;; -) cat > "$HOME/crontab";; esac`);
  await standIn("notify-send");
  const page = await readFile(join(ROOT, "docs/auth-monitoring.md"), "utf8");
  const blocks = [...page.matchAll(/^```sh\n(.*?)^```$/gmsu)].map(([, code = ""]) => code);
  expect(blocks).toHaveLength(7);
  const results: ProcessResult[] = [];
  for (const block of blocks) results.push(await run("/bin/sh", ["-euc", block], { DISPLAY: ":0" }));
  expect(results.map(({ code, stderr }) => [code, stderr.replace(/^Watching [^\n]*\n/u, "")])).toEqual(blocks.map(() => [0, ""]));
  expect(results[0]?.stdout).toMatch(/^expiring: anthropic:a [^\n]*\nexit code 2\n$/u);
  expect(await home.read("systemctl.log")).toBe("--user daemon-reload\n--user enable --now openclaw-auth-monitor.timer\n");
  expect(await home.read("crontab")).toBe(await readFile(join(SCRIPTS, "cron/openclaw-auth-monitor.cron"), "utf8"));
  expect((await stat(join(home.path, ".openclaw/.env"))).mode & 0o777).toBe(0o600);

  // What was installed is what cron and systemd will run.
  const [, line = ""] = /^\*\/5 \* \* \* \* (.*)$/mu.exec(await home.read("crontab")) ?? [];
  expect(await run("/bin/sh", ["-c", line])).toMatchObject({ code: 2, stdout: "", stderr: "" });
  const event = z.looseObject({ to: z.string() }).parse(JSON.parse(/^```json\n(.*?)^```$/msu.exec(page)?.[1] ?? ""));
  const shown = await run("/bin/sh", ["-c", 'openclaw models auth watch --once --json --state "$HOME/here"'], {});
  expect(Object.keys(JSON.parse(shown.stdout)).toSorted()).toEqual(Object.keys(event).toSorted());
});

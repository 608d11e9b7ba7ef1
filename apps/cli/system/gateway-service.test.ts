import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { createCanary, createTempHome, findCanary, findProgram, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../e2e/free-port.ts";
import { BIN, openclaw } from "../e2e/openclaw.ts";
import { renderPlist } from "../src/service/launchd-plist.ts";
import type { ServiceDefinition } from "../src/service/service-definition.ts";
import { renderSystemUnit, renderUserUnit } from "../src/service/systemd-unit.ts";
import { canRunManager, startPrivateManager, type PrivateManager } from "./service-manager.ts";

const analyze = findProgram("systemd-analyze") ?? "";
const python = findProgram("python3") ?? "";
/** What may stand in a path. Node runs no module below a folder with a backslash in its name. */
const ODD = `a b %n $HOME "q" 'p' ;&<>#é`;
const traits = { version: 252, canNotify: true };

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({ ".openclaw/openclaw.json": { gateway: { mode: "local" } }, [`${ODD}/openclaw.mjs`]: "" });
});
afterEach(() => home.remove());

function definition(changes: Partial<ServiceDefinition> = {}): ServiceDefinition {
  return {
    nodePath: process.execPath,
    scriptPath: join(home.path, ODD, "openclaw.mjs"),
    settings: { port: 18_790, tokenFile: join(home.path, ODD, "to\\ken") },
    environment: { OPENCLAW_STATE_DIR: join(home.path, ODD) },
    stateDir: join(home.path, ODD),
    ...changes,
  };
}

async function analyzed(scope: "user" | "system", args: readonly string[], unit: string) {
  await home.write(`${scope}/openclaw-gateway.service`, unit);
  await mkdir(join(home.path, "run"), { recursive: true, mode: 0o700 });
  const flags = scope === "user" ? ["--user"] : [];
  return runProcess(analyze, [...args, ...flags, join(home.path, scope, "openclaw-gateway.service")], {
    env: { ...home.env, XDG_RUNTIME_DIR: join(home.path, "run"), SYSTEMD_COLORS: "0", PATH: "/usr/bin:/bin" },
    timeoutMs: 40_000,
  });
}

const units = {
  user: () => renderUserUnit(definition(), traits),
  system: () => renderSystemUnit(definition(), traits, "daemon"),
};

describe.skipIf(!analyze).each([
  // Of what a user's manager cannot do, most is counted against it: the rights of root, which a person has not got.
  ["user", 6.7],
  ["system", 1.8],
] as const)("the unit for a %s's systemd", (scope, mostExposed) => {
  test("has nothing that systemd does not understand", async () => {
    expect(await analyzed(scope, ["verify"], units[scope]())).toEqual({ code: 0, signal: null, stdout: "", stderr: "" });
  });

  test("is closed in as far as was measured", async () => {
    const { stdout } = await analyzed(scope, ["security", "--offline=true", "--no-pager"], units[scope]());
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/u.exec(stdout)?.[1]);
    expect(exposure).toBeGreaterThan(0);
    expect(exposure).toBeLessThanOrEqual(mostExposed);
  });
});

test.skipIf(!python)("the property list of launchd says what it should, odd paths included", async () => {
  await home.write("agent.plist", renderPlist(definition(), join(home.path, ODD, "gateway.log")));
  const read = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
  const { stdout } = await runProcess(python, ["-c", read, join(home.path, "agent.plist")], { env: process.env, timeoutMs: 20_000 });
  const { scriptPath, settings, environment } = definition();
  expect(JSON.parse(stdout)).toMatchObject({
    Label: "ai.openclaw.gateway",
    ProgramArguments: [process.execPath, scriptPath, "gateway", "run", "--port", "18790", "--token-file", settings.tokenFile],
    EnvironmentVariables: environment,
    KeepAlive: true,
    RunAtLoad: true,
    Umask: 0o077,
    HardResourceLimits: { Core: 0 },
    StandardErrorPath: join(home.path, ODD, "gateway.log"),
  });
});

/** A person's systemd, with this home as theirs. */
async function personsManager(): Promise<PrivateManager> {
  const manager = await startPrivateManager("user", [`export HOME='${home.path}'`]);
  onTestFinished(() => manager.stop());
  return manager;
}

const DROP_IN = ".config/systemd/user/openclaw-gateway.service.d/fast.conf";
const isPossible = canRunManager();

describe.skipIf(!isPossible)("under a real systemd", () => {
  test("is installed, told when it serves, reloaded, restarted after a crash, stopped and removed", async () => {
    const manager = await personsManager();
    const [port, canary] = [await freePort(), createCanary("key")];
    await home.write(DROP_IN, "[Service]\nRestartSec=100ms\n");
    await home.write(".openclaw/.env", `OPENAI_API_KEY=${canary}\n`);
    const cli = (...args: string[]) =>
      manager.run(process.execPath, [BIN, "gateway", ...args], { ...home.env, OPENAI_API_KEY: canary, TZ: "UTC" });
    const show = async (property: string) =>
      (await manager.run("systemctl", ["--user", "show", "openclaw-gateway", `--property=${property}`, "--value"])).stdout.trim();

    const installed = await cli("install", "--port", String(port));
    expect(installed).toMatchObject({ code: 0, stdout: expect.stringContaining("started, and it serves") });
    expect(await show("StatusText")).toBe(`Serving at http://127.0.0.1:${port}`);
    expect(await cli("install")).toMatchObject({ code: 0, stdout: expect.stringContaining("runs already") });
    const looked = await cli("status");
    expect(looked).toMatchObject({ code: 0, stdout: expect.stringContaining("as install would write it") });
    expect(looked.stdout).toContain("~/.config/systemd/user/openclaw-gateway.service.d/fast.conf".replace("~", "$OPENCLAW_HOME"));

    await manager.run("systemctl", ["--user", "reload", "openclaw-gateway"]);
    await expect.poll(() => show("StatusText"), { timeout: 10_000 }).toMatch(/^Reloaded at /u);

    const pid = await show("MainPID");
    const status = (await manager.run("cat", [`/proc/${pid}/status`])).stdout;
    expect(status).toMatch(/^NoNewPrivs:\t1$/mu);
    expect(status).toMatch(/^Seccomp:\t2$/mu);
    const environment = (await manager.run("cat", [`/proc/${pid}/environ`])).stdout;
    const commandLine = (await manager.run("cat", [`/proc/${pid}/cmdline`])).stdout;
    const unit = await home.read(".config/systemd/user/openclaw-gateway.service");
    expect(await findCanary(canary, { texts: { environment, commandLine, unit, stdout: installed.stdout } })).toEqual([]);

    await manager.run("systemctl", ["--user", "kill", "--kill-whom=main", "--signal=KILL", "openclaw-gateway"]);
    await expect.poll(async () => [await show("ActiveState"), await show("NRestarts")], { timeout: 20_000 }).toEqual(["active", "1"]);
    expect(await show("MainPID")).not.toBe(pid);

    expect(await cli("stop")).toMatchObject({ code: 0 });
    expect([await show("ActiveState"), await show("Result")]).toEqual(["inactive", "success"]);
    expect(await cli("status")).toMatchObject({ code: 1, stdout: expect.stringContaining("NOT RUNNING") });
    expect(await cli("start")).toMatchObject({ code: 0 });
    expect(await cli("uninstall")).toMatchObject({ code: 0 });
    expect([await show("LoadState"), (await cli("status")).code]).toEqual(["not-found", 1]);
  });

  test("one that stands still is noticed and started again", async () => {
    const manager = await personsManager();
    const port = await freePort();
    await home.write(DROP_IN, "[Service]\nWatchdogSec=2\nTimeoutAbortSec=1\nRestartSec=100ms\n");
    const show = async (property: string) =>
      (await manager.run("systemctl", ["--user", "show", "openclaw-gateway", `--property=${property}`, "--value"])).stdout.trim();
    await manager.run(process.execPath, [BIN, "gateway", "install", "--port", String(port)], home.env);
    const since = await show("ActiveEnterTimestampMonotonic");
    // Twice the limit: it gives signs of life by itself.
    await expect
      .poll(async () => Number((await manager.run("cat", ["/proc/uptime"])).stdout.split(" ")[0]) * 1e6 - Number(since), {
        timeout: 10_000,
        interval: 200,
      })
      .toBeGreaterThan(4_000_000);
    expect([await show("ActiveState"), await show("NRestarts")]).toEqual(["active", "0"]);
    await manager.run("systemctl", ["--user", "kill", "--kill-whom=main", "--signal=STOP", "openclaw-gateway"]);
    await expect.poll(async () => [await show("ActiveState"), await show("NRestarts")], { timeout: 20_000 }).toEqual(["active", "1"]);
  });

  test("one that cannot start is shown as failed, and comes back by itself once that is mended", async () => {
    const manager = await personsManager();
    const port = await freePort();
    await home.write(DROP_IN, "[Service]\nRestartSec=300ms\n");
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    const cli = (...args: string[]) => manager.run(process.execPath, [BIN, "gateway", ...args], home.env);
    const installed = await cli("install", "--port", String(port));
    expect(installed).toMatchObject({ code: 1, stderr: expect.stringContaining("NOT RUNNING") });
    expect(installed.stderr).toContain(`Port ${port} is taken by a program that is no gateway`);
    expect(await cli("status")).toMatchObject({ code: 1, stdout: expect.stringContaining("TAKEN by a program that is no gateway") });
    other.closeAllConnections();
    other.close();
    await expect.poll(async () => (await cli("status")).code, { timeout: 20_000, interval: 500 }).toBe(0);
  });

  test("odd characters in paths arrive as they are", async () => {
    const manager = await personsManager();
    await home.write(
      `${ODD}/openclaw.mjs`,
      `import { writeFileSync } from "node:fs";
       writeFileSync(process.env.OPENCLAW_STATE_DIR + "/seen.json", JSON.stringify([process.argv.slice(1), process.env.OPENCLAW_STATE_DIR]));`,
    );
    const made = definition();
    const unit = renderUserUnit(made, { version: 252, canNotify: false }).replace("Restart=always", "Restart=no");
    await home.write(".config/systemd/user/openclaw-gateway.service", unit);
    await manager.run("systemctl", ["--user", "start", "openclaw-gateway"]);
    await expect.poll(() => home.read(`${ODD}/seen.json`).catch(() => ""), { timeout: 10_000 }).not.toBe("");
    expect(JSON.parse(await home.read(`${ODD}/seen.json`))).toEqual([
      [made.scriptPath, "gateway", "run", "--port", "18790", "--token-file", made.settings.tokenFile],
      made.stateDir,
    ]);
  });

  test("the machine's own unit serves, and can write to its state folder alone", async () => {
    const port = await freePort();
    const repository = join(BIN, "../../../..");
    const manager = await startPrivateManager("system", [
      "mount -t tmpfs tmpfs /var/lib/systemd && mount -t tmpfs tmpfs /srv",
      "mkdir -p -m 700 /srv/home/.openclaw && mkdir /srv/repository && touch /srv/node",
      // What lies below /tmp, as this repository may, is hidden from the service.
      `mount --bind '${repository}' /srv/repository && mount --bind '${process.execPath}' /srv/node`,
      `echo '{ gateway: { mode: "local" } }' > /srv/home/.openclaw/openclaw.json`,
      String.raw`printf '[Unit]\nDefaultDependencies=no\n' > /run/systemd/system/test.target`,
    ]);
    onTestFinished(() => manager.stop());
    const program = ["/srv/node", "/srv/repository/apps/cli/bin/openclaw.mjs"];
    const install = [...program, "gateway", "install", "--port", String(port), "--system", "--print"].join(" ");
    const put = await manager.run("sh", ["-c", `${install} > /run/systemd/system/openclaw-gateway.service`], { HOME: "/srv/home" });
    expect(put).toMatchObject({ code: 0, stderr: expect.stringContaining("/etc/systemd/system") });
    await manager.run("systemctl", ["daemon-reload"]);
    const started = await manager.run("systemctl", ["start", "--job-mode=ignore-dependencies", "openclaw-gateway"]);
    expect(started).toMatchObject({ code: 0 });
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toMatchObject({ status: "ok" });

    const pid = (await manager.run("systemctl", ["show", "openclaw-gateway", "--property=MainPID", "--value"])).stdout.trim();
    expect((await manager.run("cat", [`/proc/${pid}/status`])).stdout).toMatch(/^CapBnd:\t0+$/mu);
    const writes = "for f in /usr/x /srv/home/x /etc/x /srv/home/.openclaw/x; do touch $f 2>/dev/null && echo $f; done; true";
    const seen = await manager.run("nsenter", ["--target", pid, "--mount", "sh", "-c", writes]);
    expect(seen.stdout).toBe("/srv/home/.openclaw/x\n");
    const listed = await manager.run("ls", ["/srv/home/.openclaw"]);
    expect(listed.stdout).toContain("gateway-token");
    expect((await manager.run("systemctl", ["stop", "openclaw-gateway"])).code).toBe(0);
  });
});

test("without a service manager the file is written, and the exit code says that nothing was started", async () => {
  const env = { XDG_RUNTIME_DIR: "/nonexistent" };
  const installed = await openclaw(home, ["gateway", "install"], { env });
  expect(installed).toMatchObject({ code: 1, stdout: "" });
  expect(installed.stderr).toMatch(/NOT RUNNING: .*systemd|NOT RUNNING: No service manager/u);
  expect(await home.list()).toContain(".config/systemd/user/openclaw-gateway.service");
  expect((await openclaw(home, ["gateway", "install", "--no-start"], { env })).code).toBe(0);
  expect((await openclaw(home, ["gateway", "start"], { env })).code).toBe(1);
  expect((await openclaw(home, ["gateway", "uninstall"], { env })).code).toBe(0);
});

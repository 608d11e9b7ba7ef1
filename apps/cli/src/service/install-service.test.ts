import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { openHome, resolvePaths } from "@openclaw/home";
import type { Env } from "@openclaw/secrets";
import { createCanary, createTempHome, findCanary, manualClock, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runGatewayInstall, type GatewayInstallFlags } from "../commands/gateway/install.ts";
import { runGatewayLogs } from "../commands/gateway/logs.ts";
import { runGatewayStatus } from "../commands/gateway/status.ts";
import { runGatewayUninstall } from "../commands/gateway/uninstall.ts";
import type { ServiceHost } from "./service-host.ts";
import type { ProgramResult } from "./service-programs.ts";

const UNIT = ".config/systemd/user/openclaw-gateway.service";
const PLIST = "Library/LaunchAgents/ai.openclaw.gateway.plist";

let home: TempHome;
let asked: string[];
/** What ends as soon as the agent is told to end. */
let untilBootout: string | undefined;
let answers: Record<string, string | number>;
let shown: string;

beforeEach(async () => {
  home = await createTempHome({ ".openclaw/openclaw.json": { gateway: { mode: "local", port: 18_999 } } });
  [asked, answers, shown, untilBootout] = [[], {}, "", undefined];
});
afterEach(() => home.remove());

/** A machine whose programs answer what the test says, else that all is well. */
function hostOf(platform: NodeJS.Platform, changes: Partial<ServiceHost> = {}): ServiceHost {
  const answer = (line: string): ProgramResult => {
    const known = Object.entries(answers).find(([part]) => line.includes(part))?.[1];
    return typeof known === "number" ? { status: "exited", code: known, stdout: "" } : { status: "exited", code: 0, stdout: known ?? "" };
  };
  return {
    platform,
    uid: process.getuid?.(),
    userName: "me",
    userHome: home.path,
    nodePath: "/usr/bin/node",
    scriptPath: "/usr/lib/node_modules/openclaw/bin/openclaw.mjs",
    programs: {
      find: (name) => `/usr/bin/${name}`,
      async run(name, args) {
        const line = [name, ...args].join(" ");
        asked.push(line);
        if (line.includes("bootout")) untilBootout = undefined;
        if (line.includes("print gui/") && line.includes("ai.openclaw") && untilBootout === undefined && platform === "darwin") {
          return { status: "exited", code: 113, stdout: "" };
        }
        return answer(line);
      },
      async follow(name, args, onLine) {
        asked.push([name, ...args].join(" "));
        onLine("the port is taken");
        return { status: "exited", code: 0, stdout: "" };
      },
    },
    clock: manualClock(),
    machineUnit: undefined,
    ...changes,
  };
}

function contextOf(env: Env = {}) {
  const ownEnv: Env = { HOME: home.path, OPENCLAW_STATE_DIR: home.stateDir, ...env };
  const paths = resolvePaths({ env: ownEnv, osHome: home.path, cwd: home.path });
  const print = (text: string) => void (shown += `${text}\n`);
  return {
    io: { out: print, err: print, secret: () => undefined },
    env: ownEnv,
    isDev: false,
    clock: manualClock(),
    paths: async () => paths,
    home: () => openHome({ paths, env: ownEnv, use: "inspect" }),
    interrupted: () => new Promise<NodeJS.Signals>(() => undefined),
  };
}

const install = (platform: NodeJS.Platform, flags: GatewayInstallFlags = {}, env: Env = {}, changes: Partial<ServiceHost> = {}) =>
  runGatewayInstall(contextOf(env), flags, hostOf(platform, changes));

describe.each([
  ["linux", UNIT],
  ["darwin", PLIST],
] as const)("on %s", (platform, file) => {
  test("installing twice changes nothing the second time", async () => {
    expect(await install(platform)).toBe(0);
    const text = await home.read(file);
    expect(await install(platform)).toBe(0);
    expect(await home.read(file)).toBe(text);
    expect(shown).toContain("as it was");
  });

  test("neither a key nor a token is in the file, whatever the environment and the home hold", async () => {
    const canary = createCanary("key");
    await home.write(".openclaw/.env", `OPENAI_API_KEY=${canary}\n`);
    await home.write(".openclaw/gateway-token", `${canary}\n`);
    await home.write(".openclaw/openclaw.json", {
      gateway: { mode: "local", auth: { token: canary } },
      env: { ANTHROPIC_API_KEY: canary },
    });
    const env = { OPENAI_API_KEY: canary, ANTHROPIC_API_KEY: canary, OPENCLAW_LIVE_OPENAI_KEY: canary, OPENCLAW_GATEWAY_TOKEN: canary };
    await install(platform, { port: 9001, bind: "lan", tokenFile: "token" }, env);
    expect(await findCanary(canary, { texts: { file: await home.read(file), shown } })).toEqual([]);
    expect(shown).toContain("OPENCLAW_LIVE_OPENAI_KEY");
  });

  test("keys that only this shell has are named, and where they belong", async () => {
    await home.write(".openclaw/.env", "OPENAI_API_KEY=test-key-one\nGEMINI_API_KEY=test-key-two\n");
    await install(platform, {}, { OPENAI_API_KEY: "test-key-one", GEMINI_API_KEY: "test-key-other", MISTRAL_API_KEY: "test-key-three" });
    expect(shown).not.toContain("OPENAI_API_KEY");
    expect(shown).toContain("  MISTRAL_API_KEY\n");
    expect(shown).toContain("GEMINI_API_KEY, of which it has another value (.env)");
    expect(shown).toContain("~/.openclaw/.env");
  });

  test("a file that was changed by hand is kept, until --force", async () => {
    await install(platform);
    await appendFile(join(home.path, file), "\n<!-- mine -->\n");
    await expect(install(platform)).rejects.toMatchObject({
      message: expect.stringContaining("changed by hand"),
      hint: expect.stringContaining("--force"),
    });
    await expect(runGatewayUninstall(contextOf(), {}, hostOf(platform))).rejects.toMatchObject({
      hint: expect.stringContaining("--force"),
    });
    expect(await home.read(file)).toContain("mine");
    expect(await install(platform, { force: true })).toBe(0);
    expect(await home.read(file)).not.toContain("mine");
  });

  test("what it was installed with stays when it is installed again", async () => {
    await install(platform, { port: 9001, drainSeconds: 60 });
    await install(platform, { bind: "lan" });
    expect(await runGatewayInstall(contextOf(), { print: true }, hostOf(platform))).toBe(0);
    expect(shown).toContain("9001");
    for (const word of ["9001", "--drain-seconds", "lan"]) expect(await home.read(file)).toContain(word);
  });

  test("another home is not put in place of the one it serves", async () => {
    await install(platform);
    await home.write("other/openclaw.json", { gateway: { mode: "local" } });
    const env = { OPENCLAW_STATE_DIR: join(home.path, "other") };
    await expect(install(platform, {}, env)).rejects.toMatchObject({
      hint: expect.stringContaining(`OPENCLAW_STATE_DIR=${home.stateDir}`),
    });
    expect(await install(platform, { force: true }, env)).toBe(0);
  });

  test("nothing is installed where gateway.mode is not local", async () => {
    await home.write(".openclaw/openclaw.json", { gateway: { mode: "remote" } });
    await expect(install(platform)).rejects.toMatchObject({ message: expect.stringContaining('gateway.mode is "remote"') });
    expect((await home.list()).join()).not.toContain(file);
  });

  test("--print and --no-start start nothing", async () => {
    await install(platform, { print: true });
    await install(platform, { start: false });
    expect(asked.filter((line) => /enable|start|bootstrap|daemon-reload/u.test(line))).toEqual([]);
  });

  test("uninstalling removes the file and nothing of the home", async () => {
    await install(platform);
    const others = (await home.list()).filter((name) => name !== file);
    expect(await runGatewayUninstall(contextOf(), {}, hostOf(platform))).toBe(0);
    expect((await home.list()).filter((name) => !name.endsWith("/"))).toEqual(others.filter((name) => !name.endsWith("/")));
    expect(await runGatewayUninstall(contextOf(), {}, hostOf(platform))).toBe(0);
    expect(shown).toContain("nothing to do");
  });
});

test("a unit that changed while the service runs is taken over by a restart", async () => {
  await install("linux");
  answers = { "show openclaw-gateway.service": "ActiveState=active\nSubState=running\nMainPID=7\nUnitFileState=enabled" };
  asked = [];
  expect(await install("linux", { port: 9001 })).toBe(0);
  expect(asked.filter((line) => /daemon-reload|enable|restart/u.test(line))).toEqual([
    "systemctl --user --no-ask-password daemon-reload",
    "systemctl --user --no-ask-password enable openclaw-gateway.service",
    "systemctl --user --no-ask-password restart openclaw-gateway.service",
  ]);
});

test("one that does not start is shown with what it said last, and the exit code says so", async () => {
  answers = { " start openclaw": 1 };
  expect(await install("linux")).toBe(1);
  expect(shown).toContain("NOT RUNNING: systemctl --user start openclaw-gateway.service ended with 1");
  expect(shown).toContain("    the port is taken");
});

test("where no manager can be reached the file is written, and what is missing is said", async () => {
  answers = { "--property=Version": 1 };
  expect(await install("linux")).toBe(1);
  expect(await home.read(UNIT)).toContain("ExecStart=");
  expect(shown).toMatch(/was not started by systemd|No service manager runs for me/u);
});

test("that it ends with the person's session is said, with the command against it", async () => {
  answers = { "--property=Linger": "no\n" };
  await install("linux");
  expect(shown).toContain("loginctl enable-linger me");
});

test("an agent that is loaded is started anew from the file, and its log has a folder", async () => {
  await install("darwin");
  const bootstrap = `launchctl bootstrap gui/${process.getuid?.()} ${join(home.path, PLIST)}`;
  expect(asked).toContain(bootstrap);
  untilBootout = "loaded";
  answers = { "print gui": "\tstate = running\n\tpid = 7\n" };
  asked = [];
  await install("darwin", { port: 9001 });
  expect(asked.filter((line) => /bootout|bootstrap/u.test(line))).toEqual([expect.stringContaining("bootout"), bootstrap]);
  expect(await home.list()).toContain(".openclaw/logs/");
});

test("a second gateway beside the machine's own is not installed by chance", async () => {
  const machineUnit = "/etc/systemd/system/openclaw-gateway.service";
  await expect(install("linux", {}, {}, { machineUnit })).rejects.toMatchObject({ message: expect.stringContaining(machineUnit) });
  expect(await install("linux", { force: true, port: 9001 }, {}, { machineUnit })).toBe(0);
});

test("a program in the cache of npx is not installed", async () => {
  const scriptPath = "/home/me/.npm/_npx/1a2b/node_modules/openclaw/bin/openclaw.mjs";
  await expect(install("linux", {}, {}, { scriptPath })).rejects.toMatchObject({
    hint: expect.stringContaining("npm install -g openclaw"),
  });
});

test("Node from a version manager is named, with what to do when it goes", async () => {
  await install("linux", {}, {}, { nodePath: "/home/me/.nvm/versions/node/v24.1.0/bin/node" });
  expect(shown).toContain("openclaw gateway install again");
});

test("a path that would end a line of the file is refused", async () => {
  await expect(install("linux", {}, {}, { scriptPath: "/x\nExecStartPre=/bin/evil" })).rejects.toThrow("control character");
});

test("systems without a known service manager are told what to run", async () => {
  await expect(install("win32")).rejects.toMatchObject({ hint: expect.stringContaining("openclaw gateway run") });
});

test("a HOME that is not the person's own reaches the service as a path", async () => {
  await install("linux", {}, { OPENCLAW_CONFIG_PATH: join(home.stateDir, "openclaw.json") }, { userHome: "/home/me" });
  const unit = await home.read(UNIT);
  expect(unit.match(/^Environment=.*$/gmu)).toEqual([
    `Environment="OPENCLAW_HOME=${home.path}"`,
    `Environment="OPENCLAW_STATE_DIR=${home.stateDir}"`,
  ]);
});

test("status says that a service fails over and over, how it ended, and that nobody answers", async () => {
  await install("linux");
  const properties = {
    ActiveState: "activating",
    SubState: "auto-restart",
    MainPID: 0,
    ExecMainCode: 1,
    ExecMainStatus: 1,
    NRestarts: 4,
    Result: "exit-code",
  };
  answers = {
    "show openclaw": Object.entries(properties)
      .map((entry) => entry.join("="))
      .join("\n"),
  };
  shown = "";
  expect(await runGatewayStatus(contextOf(), {}, hostOf("linux"))).toBe(1);
  expect(shown).toContain("NOT RUNNING, it fails and is tried again and again");
  expect(shown).toContain("exit code 1, started again 4 times");
  expect(shown).toContain("http://127.0.0.1:18999, nobody answers");
  shown = "";
  await runGatewayStatus(contextOf(), { json: true }, hostOf("linux"));
  expect(JSON.parse(shown)).toMatchObject({ version: 1, isInstalled: true, file: "current", health: "silent", ok: false });
});

test("logs of a gateway that is no service are where it was started", async () => {
  await expect(runGatewayLogs(contextOf(), {}, hostOf("linux"))).rejects.toMatchObject({ hint: expect.stringContaining("terminal") });
  await install("linux");
  expect(await runGatewayLogs(contextOf(), { lines: 5, plain: true }, hostOf("linux"))).toBe(0);
  expect(asked.at(-1)).toBe("journalctl --user --unit openclaw-gateway.service --no-pager --quiet --lines=5 --output=cat");
});

test("logs that nobody keeps end with what is wrong, also those to be followed", async () => {
  await install("linux");
  answers = { "--property=Version": 1 };
  const silent = hostOf("linux");
  const host = { ...silent, programs: { ...silent.programs, follow: async () => ({ status: "exited", code: 0, stdout: "" }) as const } };
  await expect(runGatewayLogs(contextOf(), { follow: true }, host)).rejects.toMatchObject({
    hint: expect.stringContaining("openclaw gateway"),
  });
  // Who reaches the journal alone reads it.
  expect(await runGatewayLogs(contextOf(), {}, hostOf("linux"))).toBe(0);
});

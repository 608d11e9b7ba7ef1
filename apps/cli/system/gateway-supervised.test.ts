import { join } from "node:path";
import { createTempHome, findProgram, startProcess, type RunningProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const python = findProgram("python3") ?? "";
const hasNotify = findProgram("systemd-notify") !== undefined;

/** Prints each message as it comes, on one line. Node has no sockets of that kind. */
const LISTEN = `
import socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    print(listener.recv(4096).decode().replace("\\n", " "), flush=True)
`;

/** Runs a program on a terminal of its own, which is closed when a line comes in on stdin; then tells how it ended. */
const ON_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
output = b""
while b"Gateway: " not in output:
    output += os.read(terminal, 4096)
print("serving", pid, flush=True)
os.close(terminal)
print("ended", os.waitpid(pid, 0)[1], flush=True)
`;

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({ ".openclaw/openclaw.json": { gateway: { mode: "local" } } });
});
afterEach(() => home.remove());

const socket = () => join(home.path, "notify");

async function listen(): Promise<RunningProcess> {
  const listener = await startProcess(python, ["-c", LISTEN, socket()], { env: process.env });
  onTestFinished(async () => void (await listener.stop()));
  await listener.waitForOutput(/^listening$/mu, 10_000);
  return listener;
}

async function serve(env: Readonly<Record<string, string>> = {}): Promise<RunningProcess> {
  const gateway = await startProcess(process.execPath, [BIN, "gateway", "--port", "0"], { env: { ...home.env, ...env } });
  onTestFinished(async () => void (await gateway.stop()));
  await gateway.waitForOutput(/^Gateway: /mu, 20_000);
  return gateway;
}

const urlOf = async (gateway: RunningProcess) => (await gateway.waitForOutput(/^Gateway: (http:\S+)$/mu, 1_000))[1];
/** Without what systemd-notify itself adds, to learn when its message was read. */
const saidBy = (listener: RunningProcess) =>
  listener
    .stdout()
    .trim()
    .split("\n")
    .filter((line) => line !== "listening" && line !== "BARRIER=1");

describe.skipIf(!python || !hasNotify)("a service manager", () => {
  test("is told when the gateway serves, reloads and ends, each in its turn", async () => {
    const listener = await listen();
    const gateway = await serve({ NOTIFY_SOCKET: socket() });
    await listener.waitForOutput(/^READY=1$/mu, 10_000);
    gateway.signal("SIGHUP");
    await listener.waitForOutput(/^RELOADING=1\n[^]*^READY=1$/mu, 10_000);
    gateway.signal("SIGTERM");
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
    const words = saidBy(listener).map((line) => line.replace(/ (?:at|within) .*$/u, ""));
    expect(words).toEqual(["STATUS=Serving", "READY=1", "RELOADING=1", "STATUS=Reloaded", "READY=1", "STATUS=Stopping,", "STOPPING=1"]);
    expect(gateway.stderr()).not.toContain("service manager");
  });

  test("gets signs of life all the while", async () => {
    const listener = await listen();
    const gateway = await serve({ NOTIFY_SOCKET: socket(), WATCHDOG_USEC: "400000" });
    await listener.waitForOutput(/(?:^WATCHDOG=1\n[^]*){4}/mu, 10_000);
    expect((await fetch(`${await urlOf(gateway)}/healthz`)).status).toBe(200);
  });

  test("that another process is watched for gets none", async () => {
    const listener = await listen();
    const gateway = await serve({ NOTIFY_SOCKET: socket(), WATCHDOG_USEC: "100000", WATCHDOG_PID: "1" });
    await listener.waitForOutput(/^READY=1$/mu, 10_000);
    gateway.signal("SIGTERM");
    await gateway.exited;
    expect(saidBy(listener)).not.toContain("WATCHDOG=1");
  });

  test("that cannot be reached is told of once, and serving goes on", async () => {
    const gateway = await serve({ NOTIFY_SOCKET: join(home.path, "nobody"), WATCHDOG_USEC: "100000" });
    await gateway.waitForOutput(/could not be told/u, 10_000);
    const url = await urlOf(gateway);
    for (let count = 0; count < 5; count += 1) expect((await fetch(`${url}/healthz`)).status).toBe(200);
    gateway.signal("SIGTERM");
    expect(await gateway.exited).toEqual({ code: 0, signal: null });
    expect(gateway.stderr().match(/could not be told/gu)).toHaveLength(1);
  });

  test("is not spoken for by what the gateway starts", async () => {
    const listener = await listen();
    const command = join(home.path, "bin/resolver");
    await home.write(
      "bin/resolver",
      '#!/bin/sh\nenv > "$(dirname "$0")/env"\necho \'{"protocolVersion":1,"values":{"a":"test-key-one"}}\'\n',
      0o700,
    );
    const passEnv = ["PATH", "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];
    await home.write(".openclaw/openclaw.json", {
      gateway: { mode: "local" },
      secrets: { providers: { vault: { source: "exec", command, passEnv, allowInsecurePath: true } } },
      models: { providers: { openai: { apiKey: { source: "exec", provider: "vault", id: "a" } } } },
    });
    await serve({ NOTIFY_SOCKET: socket(), WATCHDOG_USEC: "60000000", PATH: "/usr/bin:/bin" });
    await listener.waitForOutput(/^READY=1$/mu, 10_000);
    expect(await home.read("bin/env")).not.toMatch(/NOTIFY_SOCKET|WATCHDOG/u);
  });
});

test("SIGHUP takes over what is new, and keeps everything where that is broken", async () => {
  const gateway = await serve();
  await home.write(".openclaw/openclaw.json", "{ gateway: ");
  gateway.signal("SIGHUP");
  await gateway.waitForOutput(/^SIGHUP: not reloaded, everything stays as it was\.\nError: /mu, 10_000);
  await home.write(".openclaw/openclaw.json", { gateway: { mode: "local" } });
  gateway.signal("SIGHUP");
  await gateway.waitForOutput(/home read again/u, 10_000);
  gateway.signal("SIGTERM");
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});

test.skipIf(!python)("a gateway in a terminal ends with the terminal", async () => {
  const args = ["-c", ON_TERMINAL, process.execPath, BIN, "gateway", "--port", "0"];
  const terminal = await startProcess(python, args, { env: { ...home.env, TERM: "dumb", PATH: process.env["PATH"] } });
  onTestFinished(async () => void (await terminal.stop()));
  expect((await terminal.waitForOutput(/^ended (\d+)$/mu, 20_000))[1]).toBe("0");
});

test("--drain-seconds is how long requests under way may take", async () => {
  const gateway = await startProcess(process.execPath, [BIN, "gateway", "--port", "0", "--drain-seconds", "3"], { env: home.env });
  onTestFinished(async () => void (await gateway.stop()));
  await gateway.waitForOutput(/^Gateway: /mu, 20_000);
  gateway.signal("SIGTERM");
  await gateway.waitForOutput(/in 3 s at the latest/u, 10_000);
  expect(await gateway.exited).toEqual({ code: 0, signal: null });
});

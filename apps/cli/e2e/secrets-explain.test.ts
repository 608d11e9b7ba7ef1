import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { createCanary, createTempHome, findCanary, isProcessAlive, runProcess, startProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { freePort } from "./free-port.ts";
import { BIN, openclaw, startOpenclawGateway } from "./openclaw.ts";

let home: TempHome;
let port: number;

beforeEach(async () => {
  home = await createTempHome();
  port = await freePort();
});
afterEach(() => home.remove());

const place = "models.providers.openai.apiKey";

/** A home whose `openai` has a reference for a key. */
async function configure(apiKey: unknown, config: object = {}): Promise<void> {
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", port },
    models: { providers: { openai: { apiKey } } },
    ...config,
  });
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { running } = await startOpenclawGateway(home, ["gateway"], env);
  onTestFinished(async () => {
    await running.stop();
  });
}

async function explainJson(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const { code, stdout, stderr } = await openclaw(home, ["secrets", "explain", ...args, "--json"], { env });
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout);
}

test("the running gateway's view stands beside our own", async () => {
  await configure("${SOME_KEY}");
  const env = { SOME_KEY: createCanary("key") };
  await start(env);
  expect(await explainJson([place], env)).toMatchObject({
    version: 1,
    kind: "surface",
    name: place,
    surfaces: [{ path: place, state: "live", gateway: { status: "live", resolvedAt: expect.any(Number), ageMs: expect.any(Number) } }],
    gateway: { status: "running", url: `http://127.0.0.1:${port}`, generation: expect.any(Number) },
  });
  const text = await openclaw(home, ["secrets", "explain", place], { env });
  expect(text.stdout).toMatch(/gateway {3}live, resolved .* ago$/mu);
  expect(await findCanary(env.SOME_KEY, { texts: { stdout: text.stdout, stderr: text.stderr } })).toEqual([]);
});

test("need 17: what resolves here and not in the running gateway is said to, and what it does not know yet", async () => {
  await configure("${SOME_KEY}", { secrets: { onFailure: "isolate" } });
  await start();
  const there = await openclaw(home, ["secrets", "explain", place], { env: { SOME_KEY: "test-key-one" } });
  expect([there.code, there.stdout]).toEqual([0, expect.stringContaining("resolves here, but not in the running gateway")]);

  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local", port },
    models: { providers: { openai: { apiKey: "${OTHER_KEY}" } } },
  });
  const changed = await openclaw(home, ["secrets", "explain", place], { env: { OTHER_KEY: "test-key-one" } });
  expect(changed.stdout).toContain("the running gateway still uses env:default:SOME_KEY: openclaw secrets reload");
});

test("need 17: what resolves in the running gateway and not here", async () => {
  await configure("${SOME_KEY}");
  await start({ SOME_KEY: "test-key-one" });
  const { code, stdout } = await openclaw(home, ["secrets", "explain", place]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("resolves in the running gateway, but not here")]);
});

test("without a gateway one line says so, and the exit code is 0", async () => {
  await configure("${NO_SUCH_KEY}");
  await home.write(".openclaw/gateway-token", "test-token-0123456789abcdef0123456789\n");
  const { code, stdout, stderr } = await openclaw(home, ["secrets", "explain"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").filter((line) => line.startsWith("Gateway"))).toEqual([
    `Gateway: not running: The gateway is not running at http://127.0.0.1:${port} (ECONNREFUSED)`,
  ]);
});

test("a gateway that hangs is not waited for", async () => {
  const server = createServer(() => undefined);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await configure("test-key-one");
  await home.write(".openclaw/gateway-token", "test-token-0123456789abcdef0123456789\n");
  expect(await explainJson([place])).toMatchObject({
    surfaces: [{ state: "live" }],
    gateway: { status: "unknown", reason: expect.stringContaining("did not answer within 500 ms") },
  });
});

test("X20: no command is run without --allow-exec, neither for a key nor for the gateway's token", async () => {
  const ran = join(home.path, "ran");
  await home.write("vault", `#!/bin/sh\necho run >> ${ran}\necho test-key-from-vault\n`, 0o700);
  const vault = { source: "exec", command: join(home.path, "vault"), jsonOnly: false, allowInsecurePath: true };
  await configure(
    { source: "exec", provider: "vault", id: "openai" },
    {
      secrets: { providers: { vault } },
      gateway: { mode: "local", port, auth: { token: { source: "exec", provider: "vault", id: "token" } } },
    },
  );
  for (const args of [[], [place], ["openai"], ["gateway.auth.token"]]) await explainJson(args);
  expect(await home.list()).not.toContain("ran");
  expect(await explainJson([place, "--allow-exec"])).toMatchObject({ surfaces: [{ state: "live", durationMs: expect.any(Number) }] });
  expect(await home.list()).toContain("ran");
});

test("Ctrl-C ends the command that is run, and the exit code is 130", async () => {
  const fifo = join(home.path, "started");
  expect((await runProcess("/usr/bin/mkfifo", [fifo], { env: {}, timeoutMs: 10_000 })).code).toBe(0);
  await home.write("vault", `#!/bin/sh\necho $$ > ${fifo}\nexec /bin/sleep 60\n`, 0o700);
  const vault = { source: "exec", command: join(home.path, "vault"), jsonOnly: false, allowInsecurePath: true, timeoutMs: 60_000 };
  await configure({ source: "exec", provider: "vault", id: "openai" }, { secrets: { providers: { vault } } });

  const running = await startProcess(process.execPath, [BIN, "secrets", "explain", place, "--allow-exec"], { env: home.env });
  const pid = Number(await readFile(fifo, "utf8"));
  running.signal("SIGINT");
  expect(await running.exited).toEqual({ code: 130, signal: null });
  expect(isProcessAlive(pid)).toBe(false);
});

test("a name nobody knows is exit 1, with the nearest", async () => {
  const { code, stdout, stderr } = await openclaw(home, ["secrets", "explain", "models.providers.opnai.apiKey"]);
  expect([code, stdout, stderr]).toEqual([1, "", expect.stringContaining(`did you mean ${place}`)]);
});

test("an agent nobody knows is exit 1", async () => {
  const { code, stderr } = await openclaw(home, ["secrets", "explain", "openai", "--agent", "nobody"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining('Unknown agent id "nobody"')]);
});

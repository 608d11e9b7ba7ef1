import { chmod, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  createCanary,
  createTempHome,
  findCanary,
  openaiCompletion,
  startFakeProvider,
  startProcess,
  type FakeProvider,
  type RunningProcess,
  type TempHome,
} from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { BIN, openclaw } from "../e2e/openclaw.ts";

/** One canary per source. All of them are loaded by the gateway under test; the first is the one it sends. */
const canaries = {
  exec: createCanary("exec"),
  file: createCanary("file"),
  env: createCanary("env"),
  dotenv: createCanary("dotenv"),
  store: createCanary("store"),
  config: createCanary("config"),
  configEnv: createCanary("config-env"),
} as const;

/** Writes down what it was given, before it answers. */
const RESOLVER = `#!/bin/sh
folder=$(dirname "$0")
cat /proc/self/environ > "$folder/seen-environ"
cat /proc/$$/cmdline > "$folder/seen-cmdline"
cat > "$folder/seen-stdin"
cat "$folder/answer.json"
`;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

interface Running {
  readonly home: TempHome;
  readonly provider: FakeProvider;
  readonly gateway: RunningProcess;
  ask(): Promise<number>;
}

async function startGateway(env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const provider = await startFakeProvider({ default: { body: openaiCompletion("hello") } });
  cleanUps.push(() => provider.close());
  const profile = (rest: object) => ({ type: "api_key", provider: "test", ...rest });
  const home = await createTempHome({
    "bin/resolver": RESOLVER,
    "bin/answer.json": JSON.stringify({ protocolVersion: 1, values: { "team/key": canaries.exec } }),
    "secrets.json": JSON.stringify({ key: canaries.file }),
    ".openclaw/.env": `XAI_API_KEY=${canaries.dotenv}\n`,
    ".openclaw/agents/main/agent/auth-profiles.json": {
      profiles: {
        "test:exec": profile({ keyRef: { source: "exec", provider: "vault", id: "team/key" } }),
        "test:file": profile({ keyRef: { source: "file", provider: "file", id: "/key" } }),
        "test:store": profile({ key: canaries.store }),
      },
    },
  });
  cleanUps.push(() => home.remove());
  await chmod(join(home.path, "bin/resolver"), 0o700);
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local" },
    agents: { defaults: { model: "test/m" } },
    secrets: {
      providers: {
        vault: {
          source: "exec",
          command: join(home.path, "bin/resolver"),
          passEnv: ["PATH", "VAULT_ADDR", "UNSET_NAME"],
          env: { MODE: "quiet" },
          allowInsecurePath: true,
        },
        file: { source: "file", path: join(home.path, "secrets.json"), allowInsecurePath: true },
      },
    },
    env: { GROQ_API_KEY: canaries.configEnv },
    models: {
      providers: { test: { baseUrl: `${provider.url}/v1`, api: "openai-completions" }, mistral: { apiKey: canaries.config } },
    },
  });
  const gateway = await startProcess(process.execPath, [BIN, "gateway", "--port", "0"], {
    env: { ...home.env, PATH: "/usr/bin:/bin", VAULT_ADDR: "http://127.0.0.1:1", OPENAI_API_KEY: canaries.env, ...env },
    cwd: home.path,
  });
  cleanUps.push(() => gateway.stop());
  const [, url = ""] = await gateway.waitForOutput(/^Gateway: (http:\S+)$/mu, 20_000);
  const { stdout: token } = await openclaw(home, ["gateway", "token"]);
  return {
    home,
    provider,
    gateway,
    async ask() {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${token.trim()}`, "content-type": "application/json" },
        body: JSON.stringify({ model: "test/m", messages: [{ role: "user", content: "hi" }] }),
      });
      await response.arrayBuffer();
      return response.status;
    },
  };
}

/** Where any of the canaries got to. */
async function leaks(texts: Readonly<Record<string, string | Uint8Array>>): Promise<readonly string[]> {
  const found = await Promise.all(
    Object.entries(canaries).map(async ([name, canary]) =>
      (await findCanary(canary, { texts })).map(({ where, form }) => `${name} in ${where} as ${form}`),
    ),
  );
  return found.flat();
}

async function fileIn(folder: string, ending: RegExp): Promise<Buffer> {
  const find = async () => (await readdir(folder)).find((name) => ending.test(name));
  await expect.poll(find, { timeout: 20_000 }).toBeDefined();
  return readFile(join(folder, (await find()) ?? ""));
}

const isLinux = process.platform === "linux";

describe.skipIf(!isLinux)("a gateway with a secret from every source", () => {
  test("T14: L5: L6: gives a provider of secrets the declared environment and no other, and no secret in arguments or environment", async () => {
    const { home, ask } = await startGateway();
    expect(await ask()).toBe(200);
    const [environ, cmdline, stdin] = await Promise.all(["environ", "cmdline", "stdin"].map((name) => home.read(`bin/seen-${name}`)));
    // PWD and _ are the shell's own.
    const names = (environ ?? "").split("\0").map((line) => line.split("=")[0]);
    expect(names.filter((name) => name !== "" && name !== "PWD" && name !== "_").toSorted()).toEqual(["MODE", "PATH", "VAULT_ADDR"]);
    expect(await leaks({ environ: environ ?? "", cmdline: cmdline ?? "", stdin: stdin ?? "" })).toEqual([]);
  });

  test("T14: L5: shows no secret in its own arguments, nor does any process it started", async () => {
    const { gateway, ask } = await startGateway();
    expect(await ask()).toBe(200);
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/u.test(name));
    const own = await Promise.all(
      pids.map(async (pid) => [`/proc/${pid}/cmdline`, await readFile(`/proc/${pid}/cmdline`).catch(() => "")] as const),
    );
    expect(own.map(([path]) => path)).toContain(`/proc/${gateway.pid}/cmdline`);
    expect(await leaks(Object.fromEntries(own))).toEqual([]);
  });

  test("L7: opens no debugger on SIGUSR1", async () => {
    const { gateway, ask } = await startGateway();
    gateway.signal("SIGUSR1");
    expect(await ask()).toBe(200);
    expect(gateway.stderr()).not.toContain("Debugger");
  });

  test("L7: leaves the environment out of a diagnostic report", async () => {
    const folder = await createTempHome();
    cleanUps.push(() => folder.remove());
    const { gateway, ask } = await startGateway({
      NODE_OPTIONS: `--report-on-signal --report-signal=SIGUSR2 --report-directory=${folder.path}`,
    });
    expect(await ask()).toBe(200);
    gateway.signal("SIGUSR2");
    await gateway.waitForOutput(/Node\.js report completed/u, 20_000);
    const report = await fileIn(folder.path, /^report\..*\.json$/u);
    expect(report.toString("utf8")).toContain("javascriptStack");
    expect(await leaks({ report })).toEqual([]);
  });

  test("L7: holds no secret as a string for long: a heap snapshot lists none", async () => {
    const folder = await createTempHome();
    cleanUps.push(() => folder.remove());
    const { gateway, ask } = await startGateway({ NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${folder.path}` });
    expect(await ask()).toBe(200);
    gateway.signal("SIGUSR2");
    const find = async () => (await fileIn(folder.path, /\.heapsnapshot$/u)).toString("utf8");
    await expect.poll(async () => (await find()).trimEnd().endsWith("}"), { timeout: 40_000, interval: 500 }).toBe(true);
    const snapshot = await find();
    expect(snapshot).toContain("/v1/chat/completions");
    expect(await leaks({ snapshot })).toEqual([]);
  });

  test("L9: does not start where NODE_DEBUG would print what it sends", async () => {
    const home = await createTempHome();
    cleanUps.push(() => home.remove());
    const result = await openclaw(home, ["gateway", "--allow-unconfigured"], { env: { NODE_DEBUG: "http,net,stream" } });
    expect(result).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("unset NODE_DEBUG") });
  });
});

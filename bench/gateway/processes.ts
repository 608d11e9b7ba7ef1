import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import type { LoadJob, LoadResult } from "./load-job.ts";
import type { ProbeReading } from "./probe.ts";

/** The proxy that is measured has a processor core for itself; everything else shares another one. */
const PROXY_CORE = "0";
const OTHER_CORE = "1";

export const TOKEN = "test-gateway-token-0123456789abcdef0123456789";

const conditions = "--conditions=@openclaw/source";

/** A proxy that is measured. */
export interface Proxy {
  readonly name: "floor" | "gateway";
  readonly pid: number;
  readonly port: number;
  /** Where it takes requests for the answers that the mock provider has below `/<kind>`. */
  path(kind: string): string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill();
});

interface StartedChild {
  readonly child: ChildProcess;
  readonly pid: number;
}

function start(
  core: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly out?: string } = {},
): StartedChild {
  const out = options.out === undefined ? "ignore" : openSync(options.out, "a");
  const child = spawn("taskset", ["-c", core, process.execPath, ...args], {
    // What the gateway says goes to a file, as to a log; errors of all of them are shown.
    stdio: ["ignore", out, "inherit", "ipc"],
    env: { PATH: process.env["PATH"], ...options.env },
  });
  if (child.pid === undefined) throw new Error("taskset does not start");
  running.add(child);
  child.once("exit", () => running.delete(child));
  return { child, pid: child.pid };
}

function program(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

async function portFrom({ child }: StartedChild): Promise<number> {
  const [message] = await once(child, "message");
  return Number(message.port);
}

async function stop({ child }: StartedChild): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

export interface MockProvider {
  readonly port: number;
  /** Refuses the key `test-key-limited` for so long each time; 0 ends that. Tells what was counted since the last call. */
  limit(limitMs: number): Promise<{ readonly answers: number; readonly refusals: number; readonly late: number }>;
  stop(): Promise<void>;
}

export async function startMockProvider(): Promise<MockProvider> {
  const started = start(OTHER_CORE, [conditions, program("mock-provider.ts")]);
  return {
    port: await portFrom(started),
    async limit(limitMs) {
      started.child.send({ limitMs });
      const [message] = await once(started.child, "message");
      return message.counts;
    },
    stop: () => stop(started),
  };
}

export interface LoadGenerator {
  run(job: LoadJob): Promise<LoadResult>;
  stop(): Promise<void>;
}

export async function startLoadGenerator(): Promise<LoadGenerator> {
  const started = start(OTHER_CORE, [conditions, program("load-generator.ts")]);
  await once(started.child, "message");
  return {
    async run(job) {
      started.child.send(job);
      const [result] = await once(started.child, "message");
      return result;
    },
    stop: () => stop(started),
  };
}

export interface ProxyOptions {
  readonly provider: MockProvider;
  /** Where it answers what it is asked about itself (`probe.ts`). */
  readonly probe?: string;
  /** Where a profile of its processor time is written as it ends. */
  readonly profiles?: string | undefined;
  readonly env?: Readonly<Record<string, string>>;
}

function nodeOptionsOf({ probe, profiles }: ProxyOptions): readonly string[] {
  return [
    ...(probe === undefined ? [] : ["--expose-gc", `--import=${program("probe.ts")}`]),
    ...(profiles === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profiles}`]),
  ];
}

/** Asks a program that was started with a probe how it stands since it was asked last. */
export async function askProbe(probe: string): Promise<ProbeReading> {
  let text = "";
  for await (const chunk of connect(probe).setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}

export async function startFloor(options: ProxyOptions): Promise<Proxy> {
  const { provider, env = {}, probe } = options;
  const args = [conditions, ...nodeOptionsOf(options), program("lean-floor.ts"), `http://127.0.0.1:${provider.port}`];
  const started = start(PROXY_CORE, args, { env: { ...env, ...(probe !== undefined && { BENCH_PROBE: probe }) } });
  const port = await portFrom(started);
  return { name: "floor", pid: started.pid, port, path: (kind) => `/${kind}/v1/chat/completions`, stop: () => stop(started) };
}

export interface GatewayProcessOptions extends ProxyOptions {
  /** The program that is started: the built one, or the sources as they are. */
  readonly program: "built" | "source";
  /** Files of its home beside `openclaw.json`. */
  readonly prepare?: (home: TempHome) => Promise<void>;
  /** More of `openclaw.json`. */
  readonly config?: object;
}

/** Starts the gateway as an operator would, with a provider for each kind of answer of the mock provider. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<Proxy> {
  const { provider, prepare, config = {}, env = {}, probe } = options;
  const kinds = ["json", "large", "stream", "first", "limited"];
  const home = await createTempHome();
  await home.write(".openclaw/openclaw.json", {
    gateway: { mode: "local" },
    models: {
      providers: Object.fromEntries(
        kinds.map((kind) => [kind, { baseUrl: `http://127.0.0.1:${provider.port}/${kind}/v1`, api: "openai-completions" }]),
      ),
    },
    ...config,
  });
  await home.write("token", TOKEN);
  await prepare?.(home);
  const keys = Object.fromEntries(kinds.map((kind) => [`${kind.toUpperCase()}_API_KEYS`, "test-key-one"]));
  const log = `${home.path}/gateway.log`;
  const main = options.program === "built" ? ["../../apps/cli/bin/openclaw.mjs"] : [conditions, "gateway-program.ts"];
  const file = program(main.at(-1) ?? "");
  const args = [
    ...main.slice(0, -1),
    ...nodeOptionsOf(options),
    file,
    "gateway",
    "run",
    "--port",
    "0",
    "--token-file",
    `${home.path}/token`,
  ];
  const started = start(PROXY_CORE, args, {
    env: {
      ...home.env,
      ...keys,
      LIMITED_API_KEYS: "test-key-limited test-key-one",
      ...env,
      ...(probe !== undefined && { BENCH_PROBE: probe }),
    },
    out: log,
  });
  const port = await listeningPort(home, started.child);
  return {
    name: "gateway",
    pid: started.pid,
    port,
    path: () => "/v1/chat/completions",
    async stop() {
      await stop(started);
      await home.remove();
    },
  };
}

async function listeningPort(home: TempHome, child: ChildProcess): Promise<number> {
  while (child.exitCode === null) {
    const port = /http:\/\/127\.0\.0\.1:(\d+)/u.exec(await home.read("gateway.log"))?.[1];
    if (port !== undefined) return Number(port);
    await sleep(20);
  }
  throw new Error(`the gateway did not start:\n${await home.read("gateway.log")}`);
}

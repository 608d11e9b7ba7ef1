import { openHome, resolvePaths } from "@openclaw/home";
import { createCanary, createTempHome, findCanary, findProgram, runProcess, type ProcessResult, type TempHome } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { BIN } from "../e2e/openclaw.ts";

const strace = findProgram("strace") ?? "";

const CONFIG = ".openclaw/openclaw.json";
const ENV = ".openclaw/.env";
const MAIN = ".openclaw/agents/main/agent/auth-profiles.json";
const WORK = ".openclaw/agents/work/agent/auth-profiles.json";

/** Every call by which a file changes. An opened new file is the state before its `fchmod`. */
const CALLS = ["fchmod", "pwrite64", "fsync", "rename", "unlink"] as const;

/** How many of each there are at least, so that no test is content with none. */
const FEWEST: Readonly<Record<(typeof CALLS)[number], number>> = { fchmod: 6, pwrite64: 6, fsync: 15, rename: 10, unlink: 1 };

interface Scene {
  readonly home: TempHome;
  readonly key: string;
}

/** One key in four files and in a backup. The plan moves it to a variable. */
async function newScene(): Promise<Scene> {
  const key = createCanary("moved");
  const ref = { source: "env", provider: "default", id: "MOVED_KEY" };
  const profileOf = (agentId: string) => ({ type: "auth-profiles.api_key.key", path: "profiles.openai:default.key", agentId, ref });
  const store = {
    version: 1,
    profiles: {
      "openai:default": { type: "api_key", provider: "openai", key },
      "openai:me": { type: "oauth", provider: "openai", access: "test-access" },
    },
  };
  const config = {
    agents: { list: [{ id: "main" }, { id: "work" }] },
    models: { providers: { openai: { baseUrl: "https://api.openai.com/v1", apiKey: key } } },
  };
  const home = await createTempHome({
    [CONFIG]: config,
    [`${CONFIG}.bak`]: config,
    [MAIN]: store,
    [WORK]: store,
    [ENV]: `# mine\nOPENAI_API_KEY=${key}\n`,
    "plan.json": {
      version: 1,
      protocolVersion: 1,
      targets: [{ type: "models.providers.apiKey", path: "models.providers.openai.apiKey", ref }, profileOf("main"), profileOf("work")],
    },
  });
  return { home, key };
}

/** Runs the command line, under strace where it is to be killed: one thread for files, so that strace counts all of them. */
function apply({ home, key }: Scene, inject?: string): Promise<ProcessResult> {
  const program = [process.execPath, BIN, "secrets", "apply", "--from", `${home.path}/plan.json`, "--json"];
  const tracing = [strace, "-f", "-o", "/dev/null", "-e", `trace=${CALLS.join(",")}`, "-e", `inject=${inject}`];
  const [command = "", ...args] = inject === undefined ? program : [...tracing, ...program];
  const env = { ...home.env, MOVED_KEY: key, UV_THREADPOOL_SIZE: "1", NODE_DISABLE_COMPILE_CACHE: "1" };
  return runProcess(command, args, { env, timeoutMs: 60_000 });
}

/** What a reader sees: which places hold the key itself, and whether every reference resolves. */
async function look({ home, key }: Scene): Promise<{ readonly side: "old" | "new" | string; readonly isWhole: boolean }> {
  const env = { ...home.env, MOVED_KEY: key };
  const opened = await openHome({ paths: resolvePaths({ env, osHome: home.path, cwd: home.path }), env, use: "inspect" });
  try {
    const { config, agents, env: layers, secrets } = opened.current;
    const accounts = ["main", "work"].map((id) => agents.find(id).profiles().store.profiles.get("openai:default"));
    const plain = [
      typeof config.models?.providers?.["openai"]?.apiKey === "string",
      ...accounts.map((account) => account?.type === "api_key" && account.secret !== undefined),
      layers.layerOf("OPENAI_API_KEY") === ".env",
    ];
    const side = plain.every(Boolean) ? "old" : plain.some(Boolean) ? `torn: ${plain.join(" ")}` : "new";
    return { side, isWhole: secrets.paths.every((path) => secrets.stateOf(path)?.status === "live") };
  } finally {
    opened.close();
  }
}

/** Kills it, looks at what a reader sees, and runs it again. */
async function killedAt(inject: string): Promise<{ readonly isKilled: boolean; readonly side: string }> {
  const scene = await newScene();
  const { home, key } = scene;
  try {
    const killed = await apply(scene, inject);
    const seen = await look(scene);
    expect(seen).toEqual({ side: expect.stringMatching(/^(?:old|new)$/u), isWhole: true });

    const again = await apply(scene);
    expect([again.code, JSON.parse(again.stdout)]).toEqual([0, expect.objectContaining({ mode: "write", warnings: [] })]);
    expect(again.stderr).toMatch(again.stdout.includes('"recovered"') ? /^An earlier run was stopped .*\n$/u : /^$/u);
    expect(await look(scene)).toEqual({ side: "new", isWhole: true });
    expect(await findCanary(key, { folders: [home.path] })).toEqual([]);
    expect(await home.read(MAIN)).toContain('"test-access"');
    const left = (await home.list()).filter((file) => file.startsWith(".openclaw") && !file.includes("/locks/"));
    expect(left).toEqual([ENV, MAIN, WORK, CONFIG, `${CONFIG}.bak`]);
    return { isKilled: killed.code !== 0, side: seen.side };
  } finally {
    await home.remove();
  }
}

describe.skipIf(!strace)("W7: a killed secrets apply", () => {
  test.each(CALLS)(
    "leaves all old or all new at every %s, and the next run completes it",
    async (call) => {
      const sides: string[] = [];
      for (let isThrough = false, when = 1; !isThrough; when += 2) {
        // Two at a time: as many as the smallest machine has processors.
        const pair = await Promise.all([when, when + 1].map((at) => killedAt(`${call}:signal=KILL:when=${at}`)));
        isThrough = pair.some(({ isKilled }) => !isKilled);
        sides.push(...pair.flatMap(({ isKilled, side }) => (isKilled ? [side] : [])));
      }
      expect(sides.length).toBeGreaterThanOrEqual(FEWEST[call]);
      // Once it is new it stays new.
      expect(new Set(sides)).toEqual(new Set(call === "rename" ? ["old", "new"] : sides));
      expect(sides.toSorted((left, right) => right.localeCompare(left))).toEqual(sides);
    },
    240_000,
  );
});

test.skipIf(!strace)("X20: a dry run starts no program, and opens nothing to write", async () => {
  const scene = await newScene();
  const { home } = scene;
  try {
    const ref = { source: "exec", provider: "vault", id: "a" };
    const target = { type: "models.providers.apiKey", path: "models.providers.openai.apiKey", ref };
    const providerUpserts = { vault: { source: "exec", command: "/bin/true" } };
    await home.write("plan.json", { version: 1, protocolVersion: 1, targets: [target], providerUpserts });
    const log = `${home.path}/trace.log`;
    const program = [process.execPath, BIN, "secrets", "apply", "--from", `${home.path}/plan.json`, "--dry-run", "--json"];
    const args = ["-f", "-o", log, "-e", "trace=execve,openat,mkdir,rename,unlink", ...program];
    const { code, stdout } = await runProcess(strace, args, { env: { ...home.env, NODE_DISABLE_COMPILE_CACHE: "1" }, timeoutMs: 40_000 });
    expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ skippedExecRefs: 1, changed: true })]);
    const calls = await home.read("trace.log");
    expect(calls.match(/execve\(/gu)).toHaveLength(1);
    const ours = calls.split("\n").filter((line) => line.includes(home.stateDir));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter((line) => !line.includes("O_RDONLY"))).toEqual([]);
  } finally {
    await home.remove();
  }
});

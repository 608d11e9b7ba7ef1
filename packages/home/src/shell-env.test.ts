import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { inspect } from "node:util";
import { createCanary, createTempHome, findCanary, findProgram, isProcessAlive, manualClock, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { isCredentialVariable } from "./credential-variable.ts";
import { readShellEnv, type ReadShellEnvOptions } from "./shell-env.ts";

let home: TempHome;
let over: AbortController;
beforeEach(async () => {
  home = await createTempHome();
  over = new AbortController();
});
afterEach(async () => {
  over.abort(new Error("the test is over"));
  await home.remove();
});

const bash = findProgram("bash");
const at = (file: string) => join(home.path, file);

/** Asks bash, for it is there on most machines, with a profile of the given text. */
async function ask(profile: string, options: Partial<ReadShellEnvOptions> = {}) {
  await home.write(".bash_profile", `${profile}\n`);
  const env = { HOME: home.path, PATH: "/usr/bin:/bin" };
  const signal = options.signal ? AbortSignal.any([options.signal, over.signal]) : over.signal;
  const asking = readShellEnv({ shell: bash, env, timeoutMs: 30_000, isWanted: (name) => isCredentialVariable(name), ...options, signal });
  asking.catch(() => undefined); // A test that failed meanwhile waits for it no more.
  return asking;
}

/** Waits until the profile has written a line of process ids, and returns them. None outlives the test, if it fails too. */
async function pidsIn(file: string): Promise<readonly number[]> {
  const pids = await vi.waitFor(async () => {
    const text = await home.read(file);
    if (!text.endsWith("\n")) throw new Error("not yet");
    return text.trim().split(/\s+/u).map(Number);
  }, 10_000);
  onTestFinished(() => {
    for (const pid of pids.filter((pid) => isProcessAlive(pid))) spawnSync("/bin/kill", ["-9", "--", `-${pid}`, String(pid)]);
  });
  return pids;
}

const isGone = (pids: readonly number[]) => vi.waitFor(() => expect(pids.filter((pid) => isProcessAlive(pid))).toEqual([]), 5_000);

const key = "export OPENAI_API_KEY=test-key-one";

describe.skipIf(!bash)("E5: what a profile does besides does not disturb", () => {
  test.each<[string, string]>([
    ["nothing", key],
    ["text on stdout, without a line break at its end", `${key}; echo "message of the day"; printf 'OPENAI_API_KEY=test-key-no'`],
    ["a NUL among it", `${key}; printf 'x\\0GROQ_API_KEY=test-key-no\\0'`],
    ["text on stderr", `${key}; echo oops >&2`],
    ["a trace", `set -x; ${key}`],
    ["a trace to stdout", `exec 2>&1; set -x; ${key}`],
    ["a trace to stdout that every shell inherits", `exec 2>&1; set -x; export SHELLOPTS; ${key}`],
    ["a broken PATH", `${key}; export PATH=/nowhere`],
    ["no PATH", `${key}; unset PATH`],
    ["a prompt, and a question that nobody answers", `${key}; PS1='test> '; PROMPT_COMMAND='echo prompt'; read -p 'name? ' answer`],
    ["strict settings", `set -eu; ${key}`],
    [
      "functions and aliases with the names of what we run",
      `${key}; env() { echo no; }; printf() { echo no; }; alias sh=echo env=echo; export -f env printf`,
    ],
    ["a trap at its end", `${key}; trap 'echo bye' EXIT`],
    ["an error in it", `${key}\nif then`],
    ["much output", `${key}; /usr/bin/head -c 900000 /dev/zero | tr '\\0' x`],
  ])("%s", async (_name, profile) => {
    const result = await ask(profile);
    expect(result.problem).toBeUndefined();
    expect({ ...result.env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
  });

  test("a value comes as it is: several lines, equals signs, nothing, no ASCII", async () => {
    const profile = `export GROQ_API_KEY=$'a\\nOPENAI_API_KEY=no' XAI_API_KEY='a=b=' ZAI_API_KEY= EXA_API_KEY='ké y'`;
    expect({ ...(await ask(profile)).env }).toEqual({
      GROQ_API_KEY: "a\nOPENAI_API_KEY=no",
      XAI_API_KEY: "a=b=",
      ZAI_API_KEY: "",
      EXA_API_KEY: "ké y",
    });
  });

  test("bytes that are no text are not taken for a key", async () => {
    expect({ ...(await ask(`export GROQ_API_KEY=$'a\\xff'; ${key}`)).env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
  });
});

describe.skipIf(!bash)("E5: only what is wanted is taken", () => {
  test("and not what is set but not exported, or merely set", async () => {
    const result = await ask(`${key}; export DATABASE_PASSWORD=test-canary OPENAI_API_KEY_FILE=/a; GROQ_API_KEY=test-canary`);
    expect({ ...result.env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
  });

  test("what steers requests or programs never is, whatever is wanted", async () => {
    const steering = [
      "OPENCLAW_STATE_DIR",
      "OPENCLAW_HOME",
      "OPENCLAW_CONFIG_PATH",
      "OPENAI_BASE_URL",
      "NODE_OPTIONS",
      "npm_execpath",
      "HTTPS_PROXY",
      "https_proxy",
      "SSL_CERT_FILE",
      "NODE_TLS_REJECT_UNAUTHORIZED",
      "PI_CODING_AGENT_DIR",
    ];
    const exports = steering.map((name) => `export ${name}=test-canary`).join("; ");
    const { env, problem } = await ask(`${exports}; ${key}; export OPENCLAW_LIVE_GROQ_KEY=test-key-two`, { isWanted: () => true });
    expect(problem).toBeUndefined();
    expect(Object.keys(env).filter((name) => [...steering, "PATH", "HOME", "SHELL", "OPENCLAW_SHELL_ENV_RUNNING"].includes(name))).toEqual(
      [],
    );
    expect(env).toMatchObject({ OPENAI_API_KEY: "test-key-one", OPENCLAW_LIVE_GROQ_KEY: "test-key-two" });
  });

  test("nothing of it prints", async () => {
    const canary = createCanary("shell");
    const result = await ask(`export OPENAI_API_KEY=${canary}`);
    expect(result.env["OPENAI_API_KEY"]).toBe(canary);
    const texts = { inspect: inspect(result, { depth: 9, showHidden: true }), json: JSON.stringify(result) };
    expect(await findCanary(canary, { texts })).toEqual([]);
  });
});

describe.skipIf(!bash)("what the shell is given", () => {
  test("is what a login needs, none of our keys, and a sign that we ask", async () => {
    const env = {
      HOME: home.path,
      PATH: "/usr/bin:/bin",
      USER: "me",
      LANG: "C",
      XDG_CONFIG_HOME: undefined,
      OPENAI_API_KEY: "test-canary",
      NODE_OPTIONS: "--inspect",
    };
    await ask(`/usr/bin/env > ~/given; { ps -o sid= -p $$; echo $$; [ -t 0 ] && echo tty; } > ~/session`, { env });
    const given = Object.fromEntries(
      (await home.read("given"))
        .trim()
        .split("\n")
        .map((line) => line.split("=", 2)),
    );
    expect(given).toMatchObject({ HOME: home.path, USER: "me", LANG: "C", TERM: "dumb", OPENCLAW_SHELL_ENV_RUNNING: "1" });
    expect(Object.keys(given).filter((name) => ["OPENAI_API_KEY", "NODE_OPTIONS", "XDG_CONFIG_HOME"].includes(name))).toEqual([]);
    const [session, ...rest] = (await home.read("session")).trim().split(/\s+/u);
    expect(rest).toEqual([session]);
  });
});

describe.skipIf(!bash)("E5: a profile that does not come to an end", () => {
  test.each<[string, string]>([
    ["sleeps", "echo $$ > ~/pids; /bin/sleep 600"],
    ["sleeps, and ignores being told to end", "trap '' TERM; echo $$ > ~/pids; while :; do /bin/sleep 600; done"],
    ["waits for its children", "/bin/sleep 600 & a=$!; (trap '' TERM; /bin/sleep 600; /bin/sleep 600) & echo $$ $a $! > ~/pids; wait"],
    ["has stopped", "echo $$ > ~/pids; kill -STOP $$"],
    ["prints and prints", "echo $$ > ~/pids; while :; do printf .; /bin/sleep 600; done"],
  ])("is ended in time with all it started, and the setting is named: %s", async (_name, profile) => {
    const clock = manualClock();
    const asking = ask(`${key}; ${profile}`, { clock, timeoutMs: 15_000 });
    const pids = await pidsIn("pids");
    clock.advance(14_999);
    expect(pids.every((pid) => isProcessAlive(pid))).toBe(true);
    clock.advance(1);
    // The grace between being told to end and being made to.
    void clock.waitForSleepers().then(() => clock.advance(500));
    const { env, problem } = await asking;
    expect({ ...env }).toEqual({});
    expect(problem).toBe(
      `The login shell ${bash} did not finish within 15 s, so no key was taken from it (env.shellEnv or OPENCLAW_LOAD_SHELL_ENV asks for it).`,
    );
    await isGone(pids);
    expect(clock.sleeping()).toEqual([]);
  });

  test("is ended in real time too", async () => {
    const { problem } = await ask("echo $$ > ~/pids; /bin/sleep 600", { timeoutMs: 1_500 });
    expect(problem).toContain("did not finish within 1500 ms");
    await isGone(await pidsIn("pids"));
  });

  test("a slow one is waited for", async () => {
    execFileSync("mkfifo", [at("fifo")]);
    const clock = manualClock();
    const asking = ask(`${key}; echo $$ > ~/pids; read -r line < ~/fifo`, { clock, timeoutMs: 15_000 });
    await pidsIn("pids");
    clock.advance(14_999);
    execFileSync("/bin/sh", ["-c", `echo go > '${at("fifo")}'`]);
    expect({ ...(await asking).env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
  });

  test("one that prints without end is ended at 1 MiB", async () => {
    const { problem } = await ask("echo $$ > ~/pids; exec /usr/bin/yes test-canary");
    expect(problem).toMatch(/printed more than 1 MiB, so no key was taken/u);
    expect(problem).not.toContain("canary");
    await isGone(await pidsIn("pids"));
  });

  test("an abort ends it, and is rethrown as it came", async () => {
    const reason = new Error("enough");
    await expect(ask(key, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const asking = ask("/bin/sleep 600 & echo $$ $! > ~/pids; wait", { signal: abort.signal });
    const pids = await pidsIn("pids");
    abort.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await isGone(pids);
  });
});

describe.skipIf(!bash)("E5: what a profile leaves running", () => {
  test("in its own group it is gone with it", async () => {
    const { env } = await ask(`${key}; /bin/sleep 600 & echo $! > ~/pids`);
    expect({ ...env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
    await isGone(await pidsIn("pids"));
  });

  test("a daemon that has left the group and holds the pipe is not waited for", async () => {
    const clock = manualClock();
    const starting = "/usr/bin/setsid /bin/sh -c 'echo $$ > ~/pids; exec /bin/sleep 600' & while [ ! -s ~/pids ]; do :; done";
    const asking = ask(`${key}; ${starting}`, { clock });
    const daemon = await pidsIn("pids");
    // The deadline, then the grace for a pipe that somebody still holds.
    await clock.waitForSleepers(2);
    clock.advance(500);
    expect({ ...(await asking).env }).toEqual({ OPENAI_API_KEY: "test-key-one" });
    expect(daemon.every((pid) => isProcessAlive(pid))).toBe(true);
  });
});

describe.skipIf(!bash)("E5: a shell that gives no variables says why, in one sentence without a value", () => {
  test.each<[string, string, string]>([
    ["exit 3", `${key}; exit 3`, "exited with code 3"],
    ["exit 0", `${key}; exit 0`, "ended without printing its variables"],
    ["a closed stdout", `${key}; exec 1>&-`, "exited with code 125"],
    ["stdout led elsewhere", `${key}; exec 1>/dev/null`, "ended without printing its variables"],
    ["a signal", `${key}; kill -9 $$`, "was ended by SIGKILL"],
    ["another program in its place", `${key}; exec /bin/cat`, "ended without printing its variables"],
  ])("%s", async (_name, profile, what) => {
    const { env, problem } = await ask(profile);
    expect({ ...env }).toEqual({});
    expect(problem).toBe(
      `The login shell ${bash} ${what}, so no key was taken from it (env.shellEnv or OPENCLAW_LOAD_SHELL_ENV asks for it).`,
    );
  });
});

describe("which shell is asked", () => {
  const asked = async (shell: string | undefined) => {
    await home.write(".profile", `export OPENAI_API_KEY=test-key-one\n`);
    const result = await readShellEnv({
      shell,
      env: { HOME: home.path },
      timeoutMs: 30_000,
      isWanted: (name) => isCredentialVariable(name),
    });
    return result.problem ?? { ...result.env };
  };

  test.each<[string, string | undefined]>([
    ["no SHELL", undefined],
    ["an empty one", ""],
    ["a bare name", "bash"],
    ["a relative path", "bin/bash"],
    ["a command line", "/bin/sh -x"],
    ["a file that is not there", "/nowhere/bash"],
    ["a folder", "/bin"],
    ["a device", "/dev/null"],
    ["a file that is not executable", "/etc/passwd"],
  ])("/bin/sh for %s", async (_name, shell) => {
    expect(await asked(shell)).toEqual({ OPENAI_API_KEY: "test-key-one" });
  });

  test("a program that is no shell is run, and what came of it is told", async () => {
    await home.write("shell", "#!/bin/sh\nexit 9\n", 0o700);
    expect(await asked(at("shell"))).toBe(
      `The login shell ${at("shell")} exited with code 9, so no key was taken from it (env.shellEnv or OPENCLAW_LOAD_SHELL_ENV asks for it).`,
    );
    await home.write("shell", "#!/nowhere/interpreter\n", 0o700);
    expect(await asked(at("shell"))).toContain("could not be started (ENOENT)");
  });

  test("it is asked as a login shell with a terminal would be", async () => {
    await home.write("shell", `#!/bin/sh\nprintf '%s\\n' "$0" "$#" "$1" > "$HOME/arguments"\n`, 0o700);
    await asked(at("shell"));
    expect((await home.read("arguments")).trim().split("\n")).toEqual([at("shell"), "2", "-ilc"]);
  });
});

import { createServer } from "node:http";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findCanary, createCanary, startProcess, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { BIN, openclaw, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STATE = ".openclaw/auth-watch.json";
const storeOf = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const STORE = storeOf("main");
const HOUR = 3_600_000;
const canary = createCanary("watch");
const token = (hours: number, provider = "anthropic") => ({ type: "token", provider, token: canary, expires: Date.now() + hours * HOUR });
const key = { type: "api_key", provider: "anthropic", key: `test-key-${canary}` };
const store = (profiles: object) => ({ version: 1, profiles });
const SYSTEM = { PATH: "/usr/bin:/bin" };
const FIX = "openclaw models auth paste-token --provider anthropic --profile-id anthropic:a";

async function sceneWith(profiles: object, files: Readonly<Record<string, string | object>> = {}) {
  const home = await createTempHome({ [STORE]: store(profiles), ...files });
  onTestFinished(() => home.remove());
  const watch = async (args: readonly string[] = [], options: RunOptions = {}) => {
    const result = await openclaw(home, ["models", "auth", "watch", "--once", ...args], { ...options, env: { ...SYSTEM, ...options.env } });
    expect(await findCanary(canary, { texts: { stdout: result.stdout, stderr: result.stderr } })).toEqual([]);
    return result;
  };
  return { home, watch };
}

/** A program that keeps what it was told, and then does something. */
async function hookIn(home: TempHome, rest = ""): Promise<string> {
  await home.write("hook", `#!/bin/sh\ncat >> "$HOME/told"\nenv > "$HOME/variables"\n${rest}\n`, 0o700);
  return join(home.path, "hook");
}

const notice = z.looseObject({ profileId: z.string(), from: z.string(), to: z.string() });

async function toldIn(home: TempHome): Promise<readonly string[]> {
  const lines = (await home.read("told").catch(() => "")).split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const { profileId, from, to } = notice.parse(JSON.parse(line));
    return `${profileId} ${from}->${to}`;
  });
}

test("31: tells each change once, with the command that repairs it, and goes on from what was told", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5), "anthropic:b": key });
  expect(await watch()).toMatchObject({ code: 2, stderr: "", stdout: `expiring: anthropic:a ends in 5h; ${FIX}\n` });
  expect(await watch()).toMatchObject({ code: 2, stderr: "", stdout: "" });
  await home.write(STORE, store({ "anthropic:a": token(-1), "anthropic:b": { ...key, key: " " } }));
  expect(await watch()).toMatchObject({
    code: 1,
    stdout: `dead: anthropic:a does not work and needs you (expired); ${FIX}\ndead: anthropic:b does not work and needs you (missing_credential); openclaw models auth add --type api_key --provider anthropic --profile-id anthropic:b\n`,
  });
  await home.write(STORE, store({ "anthropic:a": token(90 * 24) }));
  expect(await watch()).toMatchObject({ code: 0, stdout: "recovered: anthropic:a works again\n" });
  expect(await watch()).toMatchObject({ code: 0, stdout: "" });
});

test("D21: writes its own file, private, and nothing else but locks", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  const before = await home.read(STORE);
  await watch();
  const files = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.includes("/locks/"));
  expect(files).toEqual([STORE, STATE]);
  expect(await home.read(STORE)).toBe(before);
  expect((await stat(join(home.path, STATE))).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await home.read(STATE))).toEqual({
    version: 1,
    agents: { [join(home.stateDir, "agents/main/agent")]: { "anthropic:a": "expiring" } },
  });
  const { mtimeMs } = await stat(join(home.path, STATE));
  await watch();
  expect((await stat(join(home.path, STATE))).mtimeMs).toBe(mtimeMs);
});

test.each<[string, object, Readonly<Record<string, string>>]>([
  ["a key", { "anthropic:a": key }, {}],
  ["nothing at all", {}, {}],
  ["a key in the environment", {}, { ANTHROPIC_API_KEY: "test-key-one" }],
  ["a token about to end", { "anthropic:a": token(1) }, {}],
  ["a token that ended", { "anthropic:a": token(-1) }, {}],
  ["a reference that leads nowhere", { "anthropic:a": { ...key, key: "${NO_SUCH}" } }, {}],
  ["D12: a login that ended and can be refreshed", { "anthropic:a": { ...token(-1), type: "oauth", access: "a1", refresh: "r1" } }, {}],
  ["a login that ended and cannot", { "anthropic:a": { ...token(-1), type: "oauth", access: "a1" } }, {}],
])("D20: ends with the code of models status --check: %s", async (_name, profiles, env) => {
  const oauth = { tokenUrl: "https://id.anthropic.test/token", clientId: "client" };
  const { home, watch } = await sceneWith(profiles, { [CONFIG]: { models: { providers: { anthropic: { oauth } } } } });
  const { code } = await openclaw(home, ["models", "status", "--check"], { env });
  expect(await watch([], { env })).toMatchObject({ code, ...(code !== 1 && { stderr: "" }) });
  expect(await watch([], { env })).toMatchObject({ code, stdout: "" });
});

test("12: says why it ends with 1 where there is no account that an event could be of", async () => {
  const { watch } = await sceneWith({});
  expect(await watch()).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("In use, but cannot work: anthropic: no credential; "),
  });
});

test("D20: --in-use leaves out what no request is for, and an order leaves out what it does not name", async () => {
  const { watch } = await sceneWith(
    { "anthropic:a": token(-1), "anthropic:b": key, "anthropic:old": token(-1), "xai:a": token(-1, "xai") },
    { [CONFIG]: { auth: { order: { anthropic: ["anthropic:b", "anthropic:a"] } } } },
  );
  const { code, stdout } = await watch(["--in-use"]);
  expect(stdout).toMatch(/^dead: anthropic:a [^\n]*\n$/u);
  // The next credential takes over, so that requests work.
  expect(code).toBe(0);
  expect((await watch()).code).toBe(1);
});

test("28: agents share the file and are told apart; a command for another one names it", async () => {
  const { watch } = await sceneWith(
    { "anthropic:a": token(-1) },
    { [CONFIG]: { agents: { list: [{ id: "main" }, { id: "work" }] } }, [storeOf("work")]: store({ "anthropic:w": token(-1) }) },
  );
  expect((await watch()).stdout).toContain("anthropic:a");
  expect((await watch(["--agent", "work"])).stdout).toMatch(/anthropic:a [^\n]*--agent work\ndead: anthropic:w [^\n]*--agent work\n$/u);
  expect((await watch()).stdout).toBe("");
  expect((await watch(["--agent", "work"])).stdout).toBe("");
});

test("prints events as lines of JSON, which hooks are given too", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  const { stdout } = await watch(["--json", "--exec", await hookIn(home)]);
  expect(JSON.parse(stdout)).toEqual({
    version: 1,
    profileId: "anthropic:a",
    provider: "anthropic",
    from: "unknown",
    to: "expiring",
    at: expect.any(Number),
    expiresAt: expect.any(Number),
    fix: FIX,
    agentId: "main",
    text: `expiring: anthropic:a ends in 5h; ${FIX}`,
  });
  expect(await home.read("told")).toBe(stdout);
});

test("L6: a hook is run without a shell and gets no variable that may hold a key", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  await home.write("hook", `#!/bin/sh\nprintf '%s\\n' "$@" > "$HOME/arguments"\nenv > "$HOME/variables"\n`, 0o700);
  const env = { ANTHROPIC_API_KEY: "test-key-two", OPENCLAW_NOTIFY_TOPIC: "mine", TMPDIR: "/tmp" };
  await watch(["--exec", join(home.path, "hook"), "$(id)", "a b"], { env });
  expect(await home.read("arguments")).toBe("$(id)\na b\n");
  const names = (await home.read("variables")).split("\n").map((line) => line.split("=")[0]);
  expect(names.filter((name) => name !== "" && name !== "_" && name !== "PWD").toSorted()).toEqual([
    "HOME",
    "OPENCLAW_NOTIFY_TOPIC",
    "PATH",
    "TMPDIR",
    "TZ",
  ]);
});

test("a hook that fails is told of, and so is the event, at the next look", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5), "anthropic:b": key });
  const hook = await hookIn(home, '[ -e "$HOME/up" ]');
  const failed = await watch(["--exec", hook]);
  expect(failed).toMatchObject({
    code: 1,
    stderr: `anthropic:a could not be told of, and is told again: ${hook} ended with exit code 1\n`,
  });
  await home.write("up", "");
  expect(await watch(["--exec", hook])).toMatchObject({ code: 2, stderr: "", stdout: failed.stdout });
  expect(await watch(["--exec", hook])).toMatchObject({ code: 2, stdout: "" });
  expect(await toldIn(home)).toEqual(["anthropic:a unknown->expiring", "anthropic:a unknown->expiring"]);
});

test("W1: killed between the hook and the writing, it tells that event again, and those before it not", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5), "anthropic:b": token(-1), "anthropic:c": token(-1) });
  const hook = await hookIn(home, 'case "$(tail -n 1 "$HOME/told")" in *anthropic:b*) [ -e "$HOME/up" ] || kill -9 "$PPID";; esac');
  expect(await watch(["--exec", hook])).toMatchObject({ code: null, signal: "SIGKILL" });
  await home.write("up", "");
  expect(await watch(["--exec", hook])).toMatchObject({ code: 1, stderr: "" });
  expect(await toldIn(home)).toEqual([
    "anthropic:a unknown->expiring",
    "anthropic:b unknown->dead",
    "anthropic:b unknown->dead",
    "anthropic:c unknown->dead",
  ]);
});

test("watchers that look at the same time tell it once", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  const hook = await hookIn(home);
  const results = await Promise.all(Array.from({ length: 4 }, () => watch(["--exec", hook])));
  expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 4 }, () => [2, ""]));
  expect(await toldIn(home)).toEqual(["anthropic:a unknown->expiring"]);
});

test.each(["", "{", "[]", '{"version":2}', '{"version":1,"agents":7}', "\u0000"])(
  "a state that is garbage is said and told anew: %j",
  async (text) => {
    const { watch } = await sceneWith({ "anthropic:a": token(5) }, { [STATE]: text });
    expect(await watch()).toMatchObject({
      code: 2,
      stdout: expect.stringContaining("expiring: "),
      stderr: expect.stringContaining("cannot be understood"),
    });
    expect(await watch()).toMatchObject({ code: 2, stdout: "", stderr: "" });
  },
);

interface Webhook {
  readonly url: string;
  readonly bodies: readonly string[];
}

/** Answers with each of the codes in turn. */
async function startWebhook(...codes: readonly number[]): Promise<Webhook> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(`${request.method} ${request.headers["content-type"]} ${Buffer.concat(chunks).toString("utf8")}`);
      response.writeHead(codes[bodies.length - 1] ?? 204, { location: "/elsewhere" }).end();
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  const address = z.object({ port: z.number() }).parse(server.address());
  return { url: `http://127.0.0.1:${address.port}/${canary}`, bodies };
}

test("posts to a webhook whose address stands in .env, and in a file, and is never shown", async () => {
  const webhook = await startWebhook(500, 302);
  const { home, watch } = await sceneWith(
    { "anthropic:a": token(5) },
    { ".openclaw/.env": `AUTH_WEBHOOK=${webhook.url}\n`, "webhook.url": `${webhook.url}\n` },
  );
  const inEnv = ["--webhook-from-env", "AUTH_WEBHOOK"];
  expect(await watch(inEnv)).toMatchObject({ code: 1, stderr: expect.stringContaining("told again: the webhook answered 500\n") });
  expect(await watch(inEnv)).toMatchObject({ code: 1, stderr: expect.stringContaining("302, a redirect, which is not followed\n") });
  const { stdout, code } = await watch(["--json", "--webhook-file", join(home.path, "webhook.url")]);
  expect(code).toBe(2);
  expect(webhook.bodies).toHaveLength(3);
  expect(webhook.bodies[2]).toBe(`POST application/json ${stdout.trim()}`);
  expect(await findCanary(canary, { texts: { body: webhook.bodies.join("\n"), state: await home.read(STATE) } })).toEqual([]);
  await watch(inEnv);
  expect(webhook.bodies).toHaveLength(3);
});

test.each<[string, readonly string[], string]>([
  [
    "a webhook that is not https",
    ["--webhook", "http://hooks.example/x"],
    "Error: --webhook must be an https address, or http to this machine",
  ],
  ["one on a private address", ["--webhook", "http://10.0.0.5/x"], "Error: --webhook must be an https address"],
  ["one that is no address", ["--webhook", "secret-thing"], "Error: --webhook must be an https address"],
  ["one with a password", ["--webhook", "https://a:b@hooks.example/x"], "Error: --webhook must hold no user name"],
  ["two of them", ["--webhook", "http://127.0.0.1/x", "--webhook-file", "x"], "Error: Choose one of --webhook"],
  ["a variable that is not there", ["--webhook-from-env", "NO_SUCH"], 'Error: Environment variable "NO_SUCH" is missing or empty.'],
  ["a file that is not there", ["--webhook-file", "no-such"], "Error: There is no file "],
  ["a program that is not there", ["--exec", "no-such-program"], 'Error: --exec: there is no program "no-such-program" in PATH'],
  ["a file that is no program", ["--exec", "/etc/passwd"], "Error: --exec: /etc/passwd is not executable"],
  ["an interval that is none", ["--interval", "often"], "Error: invalid duration: often"],
  ["one that is too short", ["--interval", "10ms"], "Error: --interval is too short"],
  ["an agent that is not there", ["--agent", "nobody"], 'Error: Unknown agent id "nobody".'],
])("refuses %s with 1, before anything is told", async (_name, args, message) => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  const { code, stdout, stderr } = await watch(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/secret-thing|hooks\.example|10\.0\.0\.5/u);
  expect(await home.list()).not.toContain(STATE);
});

test("a webhook that is away is told by its code alone", async () => {
  const { watch } = await sceneWith({ "anthropic:a": token(5) });
  const { code, stderr } = await watch(["--webhook", "http://127.0.0.1:1/hook-of-mine"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/told again: the webhook cannot be reached: [\w ]+\n$/u);
});

test("goes on looking, survives a store that is being edited, and ends with 0 when asked to stop", async () => {
  const { home } = await sceneWith({ "anthropic:a": token(5) });
  const args = [BIN, "models", "auth", "watch", "--interval", "1s", "--exec", await hookIn(home)];
  const watcher = await startProcess(process.execPath, args, { env: { ...home.env, ...SYSTEM } });
  onTestFinished(async () => void (await watcher.stop()));
  await watcher.waitForOutput(/^expiring: anthropic:a/mu, 20_000);
  await home.write(STORE, `{ "profiles": { "anthropic:a": "${canary}`);
  await watcher.waitForOutput(/^The accounts cannot be read, and are looked at again later/mu, 20_000);
  await home.write(STORE, store({ "anthropic:a": token(90 * 24) }));
  await watcher.waitForOutput(/^recovered: anthropic:a/mu, 20_000);
  await expect.poll(() => toldIn(home), { timeout: 20_000 }).toHaveLength(2);
  watcher.signal("SIGTERM");
  expect(await watcher.exited).toEqual({ code: 0, signal: null });
  expect(await toldIn(home)).toEqual(["anthropic:a unknown->expiring", "anthropic:a expiring->recovered"]);
  expect(watcher.stderr().match(/cannot be read/gu)).toHaveLength(1);
  expect(await findCanary(canary, { texts: { stdout: watcher.stdout(), stderr: watcher.stderr() } })).toEqual([]);
});

test("a hook that hangs is ended with the watcher, and its event is not lost", async () => {
  const { home, watch } = await sceneWith({ "anthropic:a": token(5) });
  const hook = await hookIn(home, '[ -e "$HOME/up" ] || { echo $$ > "$HOME/hanging"; exec sleep 600; }');
  const args = [BIN, "models", "auth", "watch", "--once", "--exec", hook];
  const watcher = await startProcess(process.execPath, args, { env: { ...home.env, ...SYSTEM } });
  onTestFinished(async () => void (await watcher.stop()));
  await expect.poll(() => home.read("hanging").catch(() => ""), { timeout: 20_000 }).toMatch(/\d\n/u);
  watcher.signal("SIGINT");
  expect(await watcher.exited).toEqual({ code: 130, signal: null });
  await home.write("up", "");
  expect(await watch(["--exec", hook])).toMatchObject({ code: 2, stdout: expect.stringContaining("expiring: ") });
});

import { createServer } from "node:http";
import { readdir, rename, symlink } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { inspect } from "node:util";
import { createTempHome, isProcessAlive, manualClock, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { SecretsError } from "../errors.ts";
import type { ExecProviderConfig, SecretProviderConfig } from "../provider-config.ts";
import { createSecretResolver, type SecretResolverOptions } from "../resolver.ts";
import { formatSecretRef, type SecretRef } from "../secret-ref.ts";

const CANARY = "test-canary-of-a-command";
const ref = (id: string, provider = "vault"): SecretRef => ({ source: "exec", provider, id });

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());
const at = (name: string) => join(home.path, name);

/** Writes a script. Each run of it leaves a file in `runs`. */
async function script(text: string, name = "tool"): Promise<string> {
  await home.write("runs/.keep", "");
  await home.write(name, `#!/bin/sh\n: > runs/$$\n${text}\n`, 0o700);
  return at(name);
}

const runs = async () => (await readdir(at("runs"))).filter((name) => name !== ".keep");
const answerWith = (values: object, more: object = {}) => `printf '%s' '${JSON.stringify({ protocolVersion: 1, values, ...more })}'`;

function resolverOf(config: Partial<ExecProviderConfig> & { command: string }, options: Partial<SecretResolverOptions> = {}) {
  return createSecretResolver({ env: {}, providers: { vault: { source: "exec", timeoutMs: 20_000, ...config } }, ...options });
}

/** The value, or the error, which shows no canary however closely one looks. */
async function ask(config: Partial<ExecProviderConfig> & { command: string }, id = "a", options: Partial<SecretResolverOptions> = {}) {
  const outcome = (await resolverOf(config, options).resolveAll([ref(id)])).get(formatSecretRef(ref(id)));
  if (outcome?.status === "resolved") return outcome.secret.reveal();
  if (outcome?.status !== "failed") throw new Error("nothing was resolved");
  expect(inspect(outcome.error, { showHidden: true, depth: 9 })).not.toMatch(/canary/u);
  expect(outcome.error.message.startsWith(`exec:vault:${id}: `)).toBe(true);
  return outcome.error;
}

test("asks once for many, and answers each on its own", async () => {
  const command = await script(
    `/bin/cat > request; ${answerWith({ a: "test-key-one", b: "test-key-two", c: "" }, { errors: { d: { message: CANARY } } })}`,
  );
  const outcomes = await resolverOf({ command }).resolveAll(["a", "b", "c", "d", "e", "a"].map((id) => ref(id)));
  expect(await home.read("request")).toBe('{"protocolVersion":1,"provider":"vault","ids":["a","b","c","d","e"]}');
  const seen = [...outcomes].map(([name, outcome]) => [
    name,
    outcome.status === "resolved" ? outcome.secret.reveal() : outcome.status === "failed" ? outcome.error.message : outcome.status,
  ]);
  expect(Object.fromEntries(seen)).toEqual({
    "exec:vault:a": "test-key-one",
    "exec:vault:b": "test-key-two",
    "exec:vault:c": "exec:vault:c: the value is empty",
    "exec:vault:d": "exec:vault:d: the command reports an error for this id",
    "exec:vault:e": "exec:vault:e: the command's answer does not hold this id",
  });
  expect(await runs()).toHaveLength(1);
});

test("tells until when a value holds", async () => {
  const clock = manualClock();
  const expiresAt = clock.now() + 60_000;
  const command = await script(answerWith({ a: "test-key-one" }, { expiresAt: { a: expiresAt } }));
  const outcome = (await resolverOf({ command }, { clock }).resolveAll([ref("a")])).get("exec:vault:a");
  expect(outcome).toMatchObject({ status: "resolved", expiresAt });
});

describe("a command that may not be run is not run [X1] [X2] [X3] [T15]", () => {
  test("a link, where that is not allowed", async () => {
    await script(answerWith({ a: CANARY }));
    await symlink("tool", at("link"));
    expect(await ask({ command: at("link") })).toMatchObject({ code: "command-refused", message: `exec:vault:a: ${at("link")} is a link` });
    expect(await ask({ command: at("link"), allowSymlinkCommand: true, trustedDirs: ["/opt"] })).toMatchObject({ code: "command-refused" });
    expect(await runs()).toEqual([]);
  });
  test("a file others can write to", async () => {
    await script(answerWith({ a: CANARY }));
    await home.write("open", "#!/bin/sh\n", 0o777);
    expect(await ask({ command: at("open") })).toMatchObject({ code: "command-refused", hint: `chmod go-w ${at("open")}` });
  });
  test("an interpreter that is not there is named with the command", async () => {
    await home.write("bad", "#!/nowhere/sh\n", 0o700);
    expect(await ask({ command: at("bad") })).toMatchObject({
      code: "command-failed",
      message: `exec:vault:a: ${at("bad")} could not be started (ENOENT)`,
    });
  });
});

test("what took the command's place meanwhile is not believed [X4] [T15]", async () => {
  const command = await script(answerWith({ a: "test-key-one" }));
  await home.write("theirs", `#!/bin/sh\n${answerWith({ a: CANARY })}\n`, 0o700);
  const resolver = resolverOf({ command });
  const asked = await resolver.resolve(ref("a"));
  await rename(at("theirs"), command);
  // Ours by owner and mode, and checked anew: the window that is left is between check and start.
  expect([asked.reveal(), (await resolver.resolve(ref("a"))).reveal()]).toEqual(["test-key-one", CANARY]);
});

describe("the environment of the command [X5]", () => {
  const print = `/usr/bin/tr '\\0' ' ' < /proc/$$/environ`;
  const env = { HOME: "/home/a", PATH: "/usr/bin", LD_PRELOAD: "/x.so", NODE_OPTIONS: "--inspect", BASH_ENV: "/x", EMPTY: "" };

  test("is passEnv, then env, and nothing else", async () => {
    const command = await script(print);
    const config = { command, jsonOnly: false, passEnv: ["HOME", "UNSET", "EMPTY", "constructor"], env: { MODE: "test", HOME: "/ours" } };
    expect(await ask(config, "a", { env })).toBe("HOME=/ours EMPTY= MODE=test ");
  });
  test("is empty unless told, and the hint of a failure says what was withheld", async () => {
    expect(await ask({ command: await script(print), jsonOnly: false }, "a", { env })).toMatchObject({ code: "value-refused" });
    const command = await script("exit 3", "fails");
    expect(await ask({ command, passEnv: ["HOME"] }, "a", { env })).toMatchObject({
      message: `exec:vault:a: ${command} ended with exit code 3`,
      hint: "run it by hand with an empty environment to see why; it gets only env and passEnv, so not PATH",
    });
  });
  test("the hint names the tool's own variables too, and nobody else's", async () => {
    const command = await script("exit 3", "bws-cli");
    const own = {
      BWS_CLI_TOKEN: CANARY,
      BWS_CLI_SERVER_URL: "https://vault.example",
      "BWS_CLI_\nX": "x",
      BWS: "x",
      OPENAI_API_KEY: CANARY,
    };
    expect(await ask({ command, env: { BWS_CLI_SERVER_URL: "https://other.example" } }, "a", { env: own })).toMatchObject({
      hint: "run it by hand with an empty environment to see why; it gets only env and passEnv, so not BWS_CLI_TOKEN",
    });
  });
});

test("arguments arrive as they are [X6] [T15]", async () => {
  const args = ["a b", `"'`, "$(id)", ";", "", "-x"];
  const command = await script(`IFS='|'; printf '%s' "$*"`);
  expect(await ask({ command, args, jsonOnly: false })).toBe(args.join("|"));
});

test("a flood is refused at the limit [X8] [T15]", async () => {
  const command = await script("exec /usr/bin/yes canary");
  expect(await ask({ command })).toMatchObject({
    code: "command-bad-output",
    message: `exec:vault:a: ${command} wrote more than 1048576 bytes`,
  });
  expect(await ask({ command, maxOutputBytes: 10 })).toMatchObject({ message: `exec:vault:a: ${command} wrote more than 10 bytes` });
});

test.each([["exec <&-"], [":"]])("an answer holds though 256 KiB of request were not read: %s [X9]", async (first) => {
  const ids = Array.from({ length: 990 }, (_, index) => `${index}`.padStart(4, "0") + "x".repeat(252));
  const values = Object.fromEntries(ids.map((id) => [id, `v${id.slice(0, 4)}`]));
  await home.write("answer", { protocolVersion: 1, values });
  const command = await script(`${first}; exec /bin/cat answer`);
  const outcomes = await resolverOf({ command }, { limits: { maxRefsPerProvider: 2_000 } }).resolveAll(ids.map((id) => ref(id)));
  expect([...outcomes.values()].filter((outcome) => outcome.status === "resolved")).toHaveLength(990);
  expect(await runs()).toHaveLength(1);
});

describe("a valid answer counts only with exit 0 [X10]", () => {
  test("exit 0", async () => {
    expect(await ask({ command: await script(`${answerWith({ a: "test-key-one" })}; exit 0`) })).toBe("test-key-one");
  });
  test.each([
    ["exit 1", "exit 1", "ended with exit code 1"],
    ["a signal", "kill -KILL $$", "was ended by SIGKILL"],
  ])("%s", async (_, end, message) => {
    const command = await script(`${answerWith({ a: CANARY })}; ${end}`);
    expect(await ask({ command })).toMatchObject({ code: "command-failed", message: `exec:vault:a: ${command} ${message}` });
  });
});

test("what is no answer is refused without a word of it [X11]", async () => {
  const command = await script(`printf '%s' '${CANARY}'`);
  expect(await ask({ command })).toMatchObject({
    code: "command-bad-output",
    message: `exec:vault:a: the output (${CANARY.length} bytes, the first a letter) is not one JSON object, from ${command}`,
    hint: expect.stringContaining("jsonOnly: false"),
  });
});

test("what the command says of itself enters no error [X14] [X15]", async () => {
  const command = await script(`echo ${CANARY} >&2; ${answerWith({}, { errors: { a: { message: CANARY } } })}`);
  expect(await ask({ command })).toMatchObject({ code: "reference-unresolved" });
  const failing = await script(`echo ${CANARY} >&2; echo ${CANARY}; exit 1`, "failing");
  expect(await ask({ command: failing })).toMatchObject({ code: "command-failed" });
  // Its arguments are configuration, and still no error quotes them.
  expect(await ask({ command: failing, args: [CANARY] })).toMatchObject({ code: "command-failed" });
  expect(await ask({ command: at("absent"), args: [CANARY] })).toMatchObject({ code: "command-refused" });
});

describe("plain text [X16]", () => {
  test.each([
    ["v\\n", "v"],
    ["v\\r\\n", "v"],
    [" v w ", " v w "],
    ['{"a":1}', '{"a":1}'],
  ])("%j is %j", async (output, expected) => {
    expect(await ask({ command: await script(`printf '${output}'`), jsonOnly: false })).toBe(expected);
  });

  test.each(["v\\n\\n", "dir\\n|-- canary\\n", ""])("%j is no key", async (output) => {
    expect(await ask({ command: await script(`printf '${output}'`), jsonOnly: false })).toMatchObject({ code: "value-refused" });
  });

  test("two ids get no plain text, and one does", async () => {
    const resolver = resolverOf({ command: await script("printf v"), jsonOnly: false });
    const outcomes = await resolver.resolveAll([ref("a"), ref("b")]);
    expect([...outcomes.values()].map((outcome) => outcome.status === "failed" && outcome.error.code)).toEqual([
      "command-bad-output",
      "command-bad-output",
    ]);
    expect((await resolver.resolve(ref("c"))).reveal()).toBe("v");
  });
});

test("a command that would ask on a terminal finds none, and the hint says so [X17]", async () => {
  const clock = manualClock();
  const command = await script("read -r pin 2>/dev/null < /dev/tty || { : > no-terminal; exec /bin/sleep 600; }");
  const asking = ask({ command, timeoutMs: 5_000 }, "a", { clock });
  await vi.waitFor(() => home.read("no-terminal"), 5_000);
  clock.advance(5_000);
  expect(await asking).toMatchObject({ code: "timed-out", hint: expect.stringContaining("it has no terminal to ask on") });
});

test("a command that asks us back for the same is answered by the timeout, not never [X19]", async () => {
  const clock = manualClock();
  const isAskedBack = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    void resolver.resolve(ref("a")).catch(() => response.end());
    isAskedBack.resolve();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await home.write("tool", `#!${process.execPath}\nfetch("http://127.0.0.1:${port}/").then(() => console.log("${CANARY}"));\n`, 0o700);
  const resolver = resolverOf({ command: at("tool"), timeoutMs: 5_000 }, { clock });
  const asked = resolver.resolve(ref("a"));
  await isAskedBack.promise;
  clock.advance(5_000);
  await expect(asked).rejects.toMatchObject({ code: "timed-out" });
  server.closeAllConnections();
  server.close();
});

test("without leave to run commands nothing is run, and the rest is resolved [X20]", async () => {
  const command = await script(answerWith({ a: "x" }));
  const resolver = createSecretResolver({ env: { KEY: "test-key-one" }, providers: { vault: { source: "exec", command } } });
  const outcomes = await resolver.resolveAll([ref("a"), { source: "env", provider: "default", id: "KEY" }, ref("b")], { allowExec: false });
  expect([...outcomes].map(([name, { status }]) => [name, status]).toSorted()).toEqual([
    ["env:default:KEY", "resolved"],
    ["exec:vault:a", "skipped"],
    ["exec:vault:b", "skipped"],
  ]);
  expect(await runs()).toEqual([]);
});

test.each([
  [4_900, "test-key-one"],
  [5_000, "timed-out"],
])("an answer after %i ms of 5 000: %s, however it was asked [X21]", async (elapsedMs, expected) => {
  for (const how of ["resolve", "resolveAll"] as const) {
    const clock = manualClock();
    const command = await script(`: > started; while [ ! -e go ]; do /bin/sleep 0.01; done; ${answerWith({ a: "test-key-one" })}`);
    // Without a timeoutMs of its own: the documented five seconds.
    const resolver = createSecretResolver({ env: {}, clock, providers: { vault: { source: "exec", command } } });
    const asking =
      how === "resolve"
        ? resolver.resolve(ref("a")).then(
            (secret) => secret.reveal(),
            (error: SecretsError) => error.code,
          )
        : resolver.resolveAll([ref("a")]).then((all) => {
            const outcome = all.get("exec:vault:a");
            return outcome?.status === "resolved" ? outcome.secret.reveal() : outcome?.status === "failed" && outcome.error.code;
          });
    await vi.waitFor(() => home.read("started"), 5_000);
    clock.advance(elapsedMs);
    await home.write("go", "");
    expect(await asking).toBe(expected);
    await home.remove();
    home = await createTempHome();
  }
});

describe("a storm of callers is no storm of processes", () => {
  test("an id that is being asked is not asked again", async () => {
    const command = await script(`while [ ! -e go ]; do /bin/sleep 0.01; done; ${answerWith({ a: "test-key-one", b: "test-key-two" })}`);
    const resolver = resolverOf({ command });
    const first = resolver.resolveAll([ref("a"), ref("b")]);
    const rest = Promise.all(Array.from({ length: 50 }, (_, index) => resolver.resolve(ref(index % 2 === 0 ? "a" : "b"))));
    await home.write("go", "");
    await first;
    expect((await rest).slice(0, 2).map((secret) => secret.reveal())).toEqual(["test-key-one", "test-key-two"]);
    expect(await runs()).toHaveLength(1);
    await resolver.resolve(ref("a"));
    expect(await runs()).toHaveLength(2);
  });

  test("a failure stands for three seconds, and no longer", async () => {
    const clock = manualClock();
    const command = await script("exit 1");
    const resolver = resolverOf({ command }, { clock });
    for (let restart = 0; restart < 50; restart += 1) {
      await expect(resolver.resolve(ref("a"))).rejects.toMatchObject({ code: "command-failed" });
      clock.advance(59);
    }
    expect(await runs()).toHaveLength(1);
    clock.advance(50);
    await script(answerWith({ a: "test-key-one" }));
    expect((await resolver.resolve(ref("a"))).reveal()).toBe("test-key-one");
  });

  test("a clock that was set back keeps no failure alive", async () => {
    let now = Date.UTC(2026, 0, 1);
    const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) };
    const resolver = resolverOf({ command: await script("exit 1") }, { clock });
    await expect(resolver.resolve(ref("a"))).rejects.toMatchObject({ code: "command-failed" });
    now -= 3_600_000;
    await script(answerWith({ a: "test-key-one" }));
    expect((await resolver.resolve(ref("a"))).reveal()).toBe("test-key-one");
  });

  test("who leaves does not take the answer from those who stay, and the last ends the command", async () => {
    const command = await script("echo $$ > pid; while [ ! -e go ]; do /bin/sleep 0.01; done; printf v");
    const resolver = resolverOf({ command, jsonOnly: false });
    const [leaves, stays] = [new AbortController(), new AbortController()];
    const reason = new Error("enough");
    const left = resolver.resolve(ref("a"), { signal: leaves.signal });
    const stayed = resolver.resolve(ref("a"), { signal: stays.signal });
    const pid = await vi.waitFor(async () => Number(await home.read("pid")) || Promise.reject(new Error("not yet")), 5_000);
    leaves.abort(reason);
    await expect(left).rejects.toBe(reason);
    expect(isProcessAlive(pid)).toBe(true);
    stays.abort(reason);
    await expect(stayed).rejects.toBe(reason);
    expect(isProcessAlive(pid)).toBe(false);
    // An abort is no failure: the next is asked anew.
    await home.write("go", "");
    expect((await resolver.resolve(ref("a"))).reveal()).toBe("v");
  });

  test("never more than four run at once, and many ids are split into few requests [S15]", async () => {
    const text = `n=$(ls running 2>/dev/null | wc -l); echo $n >> most; : > running/$$; /bin/sleep 0.05; /bin/rm running/$$
ids=$(/usr/bin/tr ',' '\\n' | /usr/bin/wc -l); echo $ids >> asked; printf '{"protocolVersion":1,"values":{}}'`;
    await home.write("running/.keep", "");
    const command = await script(text);
    const env = { PATH: "/usr/bin:/bin" };
    const providers = Object.fromEntries(
      Array.from({ length: 12 }, (_, index): [string, SecretProviderConfig] => [
        `p${index}`,
        { source: "exec", command, env, timeoutMs: 20_000 },
      ]),
    );
    const resolver = createSecretResolver({ env: {}, providers });
    const refs = Array.from({ length: 10_000 }, (_, index) => ref(`id-${index}`, `p${index % 12}`));
    const outcomes = await resolver.resolveAll([...refs, ...refs]);
    expect(outcomes.size).toBe(10_000);
    const most = (await home.read("most")).trim().split("\n").map(Number);
    expect(Math.max(...most)).toBeLessThanOrEqual(3);
    // 834 or 833 ids each: 512 and the rest.
    expect(await runs()).toHaveLength(24);
  });

  test("an id that fits no request is refused, and the others are not", async () => {
    const command = await script(answerWith({ a: "test-key-one" }));
    const resolver = resolverOf({ command }, { limits: { maxBatchBytes: 64 } });
    const outcomes = await resolver.resolveAll([ref("a"), ref("x".repeat(60))]);
    expect(outcomes.get("exec:vault:a")).toMatchObject({ status: "resolved" });
    expect(outcomes.get(formatSecretRef(ref("x".repeat(60))))).toMatchObject({ error: { code: "reference-unresolved" } });
    expect(await runs()).toHaveLength(1);
  });
});

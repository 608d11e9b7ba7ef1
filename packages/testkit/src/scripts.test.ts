import { getegid, geteuid } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { NOBODY_UID } from "./as-nobody.ts";
import { said, scriptsWith } from "./scripts.ts";

const { runScript, startScript } = scriptsWith(`const doubled = (text) => text + text;`);

test("a script has the prelude, its arguments and environment, and says values", async () => {
  const result = await runScript(`say(args.map(doubled)); say([process.env.ONE, process.env.HOME ?? null]);`, {
    args: ["a", "b"],
    env: { ONE: "1" },
  });
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect(said(result.stdout)).toEqual([
    ["aa", "bb"],
    ["1", null],
  ]);
});

test("says what became of a promise, with the code at the root of an error", async () => {
  const { stdout } = await runScript(`
    await report(Promise.resolve());
    await report(Promise.resolve(2));
    const root = Object.assign(new Error("root"), { code: "EIO" });
    await report(Promise.reject(Object.assign(new Error("outer", { cause: root }), { code: "one" })));
    await report(Promise.reject(new Error("outer", { cause: new Error("inner", { cause: root }) })));`);
  expect(said(stdout)).toEqual([
    { value: null },
    { value: 2 },
    { code: "one", message: "outer", cause: "EIO" },
    { message: "outer", cause: "EIO" },
  ]);
});

test("a script that is ready goes on when it is told, and not before", async () => {
  const running = await startScript(`await go(); say("gone");`);
  expect(said(running.stdout())).toEqual(["ready"]);
  running.signal("SIGUSR2");
  expect(await running.exited).toEqual({ code: 0, signal: null });
  expect(said(running.stdout())).toEqual(["ready", "gone"]);
});

test("another program can start it, and it can give up its rights", async () => {
  const under = ["/bin/sh", "-c", 'umask 027; exec "$0" "$@"'];
  const { stdout } = await runScript(`dropRights(); say([process.umask(), process.geteuid(), process.getegid()]);`, { under });
  const [uid, gid] = geteuid?.() === 0 ? [NOBODY_UID, NOBODY_UID] : [geteuid?.(), getegid?.()];
  expect(said(stdout)).toEqual([[0o027, uid, gid]]);
});

test("takes workspace packages from their sources", async () => {
  const script = `const { createRequire } = await import("node:module"); say(createRequire(args[0]).resolve("@openclaw/testkit"));`;
  const { stdout } = await runScript(script, { args: [import.meta.url] });
  expect(said(stdout)).toEqual([fileURLToPath(new URL("index.ts", import.meta.url))]);
});

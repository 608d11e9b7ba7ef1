import { execFileSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { callAsNobody, createCanary, createTempHome, findCanary, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ignoredWorkingDirectoryEnv } from "./working-directory-env.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome({ "repository/README.md": "", ".openclaw/.env": "OPENAI_API_KEY=test-key-one\n" });
});
afterEach(() => home.remove());

const at = (file: string) => join(home.path, file);
const ignored = (providers: readonly string[] = []) =>
  ignoredWorkingDirectoryEnv({ cwd: at("repository"), envFile: join(home.stateDir, ".env"), providers });

describe("E2, T2: what a cloned repository's .env would choose is named, and nothing of it is read out", () => {
  test("keys, endpoints, OPENCLAW_* and what runs; not a project's own variables", async () => {
    const canary = createCanary("repository");
    await home.write(
      "repository/.env",
      [
        `OPENAI_API_KEY=${canary}`,
        `export GEMINI_API_KEY_2='${canary}'`,
        `MINE_API_KEYS=${canary}`,
        `OPENAI_BASE_URL=https://${canary}/`,
        "OLLAMA_BASE_URL=",
        `OPENCLAW_STATE_DIR=/${canary}`,
        `OPENCLAW_LIVE_UNHEARD_OF_KEY=${canary}`,
        `NODE_OPTIONS=--require=/${canary}`,
        `npm_execpath=/${canary}`,
        `PATH=/${canary}`,
        "NODE_ENV=development",
        `DATABASE_URL=${canary}`,
        `# ANTHROPIC_API_KEY=${canary}`,
        `TEXT="`,
        "GROQ_API_KEY=inside a text of several lines",
        `"`,
        "OPENAI_API_KEY=again",
      ].join("\n"),
    );
    const found = await ignored(["mine"]);
    expect(found).toEqual([
      "GEMINI_API_KEY_2",
      "MINE_API_KEYS",
      "NODE_OPTIONS",
      "OLLAMA_BASE_URL",
      "OPENAI_API_KEY",
      "OPENAI_BASE_URL",
      "OPENCLAW_LIVE_UNHEARD_OF_KEY",
      "OPENCLAW_STATE_DIR",
      "PATH",
      "npm_execpath",
    ]);
    expect(await findCanary(canary, { texts: { found: JSON.stringify(found) } })).toEqual([]);
  });

  test("a name that would be a command to the terminal is left out", async () => {
    await home.write("repository/.env", `\u001B[2J_BASE_URL=x\nOPENCLAW_\u0007=x\nOPENCLAW_${"X".repeat(200)}=x\nOPENAI_BASE_URL=x\n`);
    expect(await ignored()).toEqual(["OPENAI_BASE_URL"]);
  });

  test("bytes that are no text do not hide the rest", async () => {
    execFileSync("/bin/sh", ["-c", `printf 'A=\\377\\nOPENAI_API_KEY=\\376\\n' > '${at("repository/.env")}'`]);
    expect(await ignored()).toEqual(["OPENAI_API_KEY"]);
  });
});

describe("the state folder's own .env is no stranger's", () => {
  const inStateFolder = (cwd: string) => ignoredWorkingDirectoryEnv({ cwd, envFile: join(home.stateDir, ".env") });
  test("in the state folder", async () => {
    expect(await inStateFolder(home.stateDir)).toEqual([]);
  });
  test("named through a link", async () => {
    await symlink(home.stateDir, at("alias"));
    expect(await inStateFolder(at("alias"))).toEqual([]);
  });
});

describe("nothing is named, and nothing hangs or fails, where there is", () => {
  test.each<[string, () => Promise<unknown>]>([
    ["no file", async () => undefined],
    ["an empty one", () => home.write("repository/.env", "")],
    ["a folder", () => mkdir(at("repository/.env"))],
    ["a FIFO that nobody writes to", async () => execFileSync("mkfifo", [at("repository/.env")])],
    ["a device without end", () => symlink("/dev/zero", at("repository/.env"))],
    ["a link to itself", () => symlink(at("repository/.env"), at("repository/.env"))],
    ["more than 1 MiB", () => home.write("repository/.env", `OPENAI_API_KEY=${"x".repeat(1_048_576)}\n`)],
  ])("%s", async (_name, make) => {
    await make();
    expect(await ignored()).toEqual([]);
  });

  test("a file this user may not read", async () => {
    await home.write("repository/.env", "OPENAI_API_KEY=test-key-one\n", 0o000);
    const options = { cwd: at("repository"), envFile: "/nowhere/.env" };
    expect(await callAsNobody(new URL("working-directory-env.ts", import.meta.url), "ignoredWorkingDirectoryEnv", [options])).toEqual({
      value: [],
    });
  });
});

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, findProgram, runProcess, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { BIN, openclaw } from "../e2e/openclaw.ts";

const tmux = findProgram("tmux") ?? "";
const stty = findProgram("stty") ?? "";

let home: TempHome;
let socket: string;
beforeEach(async () => {
  home = await createTempHome({
    ".openclaw/openclaw.json": {
      models: { providers: { acme: { baseUrl: "http://127.0.0.1:1/v1", api: "openai-completions", apiKey: "test-key-acme", models: [] } } },
    },
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "openai:default": { type: "api_key", provider: "openai", key: "test-key-one" } },
    },
  });
  socket = join(home.path, "tmux.sock");
});
afterEach(() => home.remove());

async function run(...args: readonly string[]): Promise<string> {
  const env = { ...home.env, PATH: process.env["PATH"], TERM: "xterm-256color", LANG: "C.UTF-8", OPENAI_API_KEY: "test-key-one" };
  return (await runProcess(tmux, ["-S", socket, ...args], { env, timeoutMs: 10_000 })).stdout;
}

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Runs the command in a real terminal; `what` is its flags, and what is set before it. */
async function inTerminal(
  { columns, rows }: Size,
  what: { readonly flags: string; readonly before?: string },
  talk: (terminal: Talk) => Promise<void>,
) {
  // What the terminal is left as is asked of it afterwards: the shell echoes and reads by line.
  const command = `${what.before ?? ""} ${process.execPath} ${BIN} secrets configure ${what.flags}; echo ended with $?; ${stty} -a | grep -oE -- ' -?(echo|icanon)( |$)'; cat`;
  await run("new-session", "-d", "-s", "ask", "-x", String(columns), "-y", String(rows), command);
  const screen = () => run("capture-pane", "-p", "-J", "-S", "-", "-t", "ask");
  const sees = async (text: string) => {
    try {
      return await vi.waitUntil(async () => (await screen()).includes(text) && (await screen()), { timeout: 20_000, interval: 50 });
    } catch {
      throw new Error(`not on screen: ${text}\n${await screen()}`);
    }
  };
  try {
    await talk({
      sees,
      keys: (...keys) => run("send-keys", "-t", "ask", ...keys),
      isCursorShown: async () => (await run("display-message", "-p", "-t", "ask", "#{cursor_flag}")).trim() === "1",
    });
  } finally {
    await run("kill-server");
  }
}

interface Talk {
  /** Resolves with the whole screen once the text is on it. */
  sees(text: string): Promise<string>;
  keys(...keys: readonly string[]): Promise<string>;
  isCursorShown(): Promise<boolean>;
}

const SKIP = "--skip-provider-setup --plan-out ~/plan.json";

test("without a terminal it says so and ends with 1", async () => {
  const { code, stderr } = await openclaw(home, ["secrets", "configure"]);
  expect([code, stderr]).toEqual([1, expect.stringContaining("secrets configure requires an interactive TTY.")]);
});

describe.skipIf(!tmux || !stty)("in a real terminal", () => {
  test.each([
    { columns: 80, rows: 24 },
    { columns: 40, rows: 12 },
  ])("makes a plan by question and answer, $columns columns wide", { timeout: 60_000 }, async (size) => {
    await inTerminal(size, { flags: SKIP }, async ({ sees, keys, isCursorShown }) => {
      await sees("Which places");
      await keys("Down", "Space", "Enter");
      await sees("default: environment");
      await keys("Enter");
      await sees("Which variable");
      await keys("Enter");
      const shown = await sees("ended with 0");
      expect(shown).toContain("the value in use now");
      expect(shown).toContain("Plan written to");
      expect(shown).not.toContain("test-key");
      expect(await sees("icanon")).not.toMatch(/-echo|-icanon/);
      expect(await isCursorShown()).toBe(true);
    });
    expect((await stat(join(home.path, "plan.json"))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await home.read("plan.json")).targets).toMatchObject([
      { path: "profiles.openai:default.key", ref: { id: "OPENAI_API_KEY" } },
    ]);
  });

  test.each(["C-c", "C-d", "Escape"])(
    "D22: %s gives up: 130, nothing written, the terminal as it was",
    { timeout: 60_000 },
    async (key) => {
      await inTerminal({ columns: 80, rows: 24 }, { flags: SKIP }, async ({ sees, keys, isCursorShown }) => {
        await sees("Which places");
        await keys("Down", "Space", "Enter");
        await sees("where is its");
        await keys(key);
        await sees("ended with 130");
        expect(await sees("icanon")).not.toMatch(/-echo|-icanon/);
        expect(await isCursorShown()).toBe(true);
      });
      expect(await home.list()).not.toContain("plan.json");
    },
  );

  test("asks in plain lines where the terminal cannot move its cursor", { timeout: 60_000 }, async () => {
    await inTerminal({ columns: 40, rows: 12 }, { before: "TERM=dumb", flags: SKIP }, async ({ sees, keys }) => {
      await sees("Numbers,");
      await keys("2", "Enter");
      await sees("Number:");
      await keys("9", "Enter");
      await sees("a number from 1 to 1");
      await keys("1", "Enter");
      await sees("Which variable");
      await keys("1", "Enter");
      await sees("ended with 0");
    });
    expect(JSON.parse(await home.read("plan.json")).targets).toHaveLength(1);
  });

  test("D22: Ctrl-C ends plain lines with 130 as well", { timeout: 60_000 }, async () => {
    await inTerminal({ columns: 80, rows: 24 }, { before: "TERM=dumb", flags: SKIP }, async ({ sees, keys }) => {
      await sees("Numbers,");
      await keys("C-c");
      await sees("ended with 130");
    });
    expect(await home.list()).not.toContain("plan.json");
  });

  test("with --json the questions go to the terminal and the plan to the file", { timeout: 60_000 }, async () => {
    await inTerminal(
      { columns: 80, rows: 24 },
      { before: "NO_COLOR=1", flags: "--skip-provider-setup --json > ~/out.json" },
      async ({ sees, keys }) => {
        await sees("Which places");
        await keys("Space", "Enter");
        await sees("where is its");
        await keys("Enter");
        await sees("Which variable");
        await keys("Enter");
        await sees("Apply this plan now");
        await keys("Enter");
        await sees("ended with 0");
      },
    );
    const report = JSON.parse(await home.read("out.json"));
    expect(report.preflight).toEqual([
      { path: "models.providers.acme.apiKey", reference: "env:default:OPENAI_API_KEY", outcome: "different" },
    ]);
    expect(await home.read(".openclaw/openclaw.json")).toContain("test-key-acme");
  });
});

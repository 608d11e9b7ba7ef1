import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createTempHome, type ProcessResult } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw } from "./openclaw.ts";

const page = await readFile(fileURLToPath(new URL("../../../docs/key-rotation.md", import.meta.url)), "utf8");
const blocksOf = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gmsu"))].map(([, code = ""]) => code);
/** As a shell would split it: single quotes are all the page uses. */
const wordsOf = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/gu)].map(([, quoted, plain = ""]) => quoted ?? plain);

test("every command on the page runs as it is printed", async () => {
  const window = { until: Date.now() + 600_000, reason: "rate_limit", count: 1 };
  const token = (name: string) => ({ type: "token", provider: "anthropic", token: `test-token-${name}` });
  const home = await createTempHome({
    ".openclaw/agents/main/agent/auth-profiles.json": {
      version: 1,
      profiles: { "anthropic:work": token("work"), "anthropic:home": token("home") },
    },
    ".openclaw/agents/main/agent/auth-state.json": { version: 1, credentials: { "anthropic:work": { windows: { "*": window } } } },
    ".openclaw/.env": blocksOf("ini")
      .join("\n")
      .replaceAll(/(first|second|third)-key/gu, "test-key-$1"),
  });
  onTestFinished(() => home.remove());
  const lines = blocksOf("sh").flatMap((block) => block.trim().split("\n"));
  expect(lines.length).toBeGreaterThan(15);
  const results: ProcessResult[] = [];
  for (const line of lines) results.push(await openclaw(home, wordsOf(line).slice(1)));
  expect(results.map(({ code, stderr }, index) => [lines[index], code, stderr])).toEqual(lines.map((line) => [line, 0, ""]));
  expect(lines.every((line) => line.startsWith("openclaw "))).toBe(true);
  expect(results.map(({ stdout }) => stdout).join("\n")).toMatch(/Cleared 1 cooldown of anthropic:work/u);
});

test("every configuration on the page is accepted, and does what it says", async () => {
  const configs = blocksOf("json5");
  expect(configs.length).toBe(2);
  for (const config of configs) {
    const home = await createTempHome({ ".openclaw/openclaw.json": config });
    onTestFinished(() => home.remove());
    const { code, stdout } = await openclaw(home, ["models", "auth", "explain", "google/gemini", "--json"], {
      env: { GEMINI_API_KEYS: "test-key-1 test-key-2" },
    });
    expect([code, JSON.parse(stdout).models[0].candidates.length]).toEqual([0, 2]);
  }
});

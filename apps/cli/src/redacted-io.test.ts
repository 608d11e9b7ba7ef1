import { openHome, resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { redactedIo } from "./redacted-io.ts";

async function learned(files: Readonly<Record<string, string | object>>, env: Readonly<Record<string, string>> = {}) {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const home = await openHome({ paths: resolvePaths({ env: all, osHome: folder.path, cwd: folder.path }), env: all, use: "inspect" });
  const lines: string[] = [];
  const io = redactedIo({
    out: (text) => void lines.push(text),
    err: (text) => void lines.push(text),
    secret: (secret) => void lines.push(secret.reveal()),
  });
  await io.learn(home.current);
  return { io, lines };
}

test("L2: nothing that the home knows is written, wherever it came from and however it is encoded", async () => {
  const profile = (rest: object) => ({ provider: "openai", ...rest });
  const { io, lines } = await learned(
    {
      ".openclaw/.env": "XAI_API_KEYS=test-key-first,test-key-second",
      ".openclaw/openclaw.json": { models: { providers: { mine: { apiKey: "test-key-config" } } } },
      ".openclaw/agents/main/agent/auth-profiles.json": {
        profiles: {
          "openai:key": profile({ type: "api_key", key: "test-key-store" }),
          "openai:login": profile({ type: "oauth", access: "test-access-one", refresh: "test-refresh-one" }),
          "openai:ref": profile({ type: "token", tokenRef: { source: "env", provider: "default", id: "WORK" } }),
        },
      },
    },
    { WORK: "test-key-reference", GROQ_API_KEY: "test-key-process" },
  );
  const values = ["first", "second", "config", "store", "reference", "process"].map((name) => `test-key-${name}`);
  for (const value of [...values, "test-access-one", "test-refresh-one"]) {
    lines.length = 0;
    io.out(`${value} ${Buffer.from(value).toString("base64")}`);
    io.err(`Error: ${JSON.stringify({ value })}`);
    // Of the last character of base64 only some bits are the value's.
    expect(lines).toEqual([expect.stringMatching(/^\[redacted\] \[redacted\]\w?=*$/u), 'Error: {"value":"[redacted]"}']);
  }
});

test("a secret that was asked for is written", async () => {
  const { io, lines } = await learned({ ".openclaw/.env": "XAI_API_KEY=test-key-asked" });
  io.secret(Secret.of("test-key-asked"));
  expect(lines).toEqual(["test-key-asked"]);
});

test("a value that any text may hold is left alone", async () => {
  const { io, lines } = await learned({ ".openclaw/.env": "XAI_API_KEY=openai" });
  io.out("openai:default");
  expect(lines).toEqual(["openai:default"]);
});

test("placeholders and the names of variables are no secrets: people have to read them", async () => {
  const { io, lines } = await learned({
    ".openclaw/openclaw.json": { models: { providers: { ollama: { apiKey: "ollama-local" }, mine: { apiKey: "MINE_API_KEY" } } } },
  });
  io.out('marker(ollama-local), "MINE_API_KEY" is missing');
  expect(lines).toEqual(['marker(ollama-local), "MINE_API_KEY" is missing']);
});

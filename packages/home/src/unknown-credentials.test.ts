import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openHome } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const store = (agent: string) => `.openclaw/agents/${agent}/agent/auth-profiles.json`;
const key = (provider: string) => ({ type: "api_key", provider, key: "test-key-one" });

async function warningsFor(names: readonly string[], files: Readonly<Record<string, string | object>> = {}): Promise<readonly string[]> {
  const folder = await createTempHome({
    ".openclaw/openclaw.json": {
      auth: { credentials: Object.fromEntries(names.map((name) => [name, { maxConcurrent: 1 }])) },
      agents: { list: [{ id: "work" }] },
      models: { providers: { "Z.AI": { apiKey: "test-key-two" }, openai: {} } },
    },
    ".openclaw/.env":
      "OPENAI_API_KEYS='a, b'\nGEMINI_API_KEY_WORK=c\nOPENCLAW_LIVE_OPENAI_KEY=d\nBLANK_API_KEY=\nOPENAI_API_KEY_FILE=/e\nHOSTNAME=f",
    [store("main")]: { profiles: { "openai:main": key("openai") } },
    [store("work")]: { profiles: { "openai:work": key("openai") } },
    ...files,
  });
  onTestFinished(() => folder.remove());
  const paths = resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path });
  const home = await openHome({ paths, env: folder.env });
  return home.current.warnings.filter((warning) => warning.startsWith("auth.credentials"));
}

test("every name that a credential of the home has is taken", async () => {
  const names = [
    "openai:main",
    "openai:work",
    "OPENAI_API_KEYS",
    "OPENAI_API_KEYS[1]",
    "OPENAI_API_KEYS[2]",
    "GEMINI_API_KEY_WORK",
    "OPENCLAW_LIVE_OPENAI_KEY",
    "models.providers.zai.apiKey",
    "models.providers.Z.AI.apiKey",
  ];
  expect(await warningsFor(names)).toEqual([]);
});

test.each([
  "openai:gone",
  "OPENAI_API_KEY",
  "OPENAI_API_KEYS[0]",
  "OPENAI_API_KEYS[3]",
  "GEMINI_API_KEY_WORK[1]",
  "BLANK_API_KEY",
  "OPENAI_API_KEY_FILE",
  "HOSTNAME",
  "constructor",
  "",
  "models.providers.openai.apiKey",
  "models.providers.gone.apiKey",
])("a warning says that nothing is called %j", async (name) => {
  expect(await warningsFor([name])).toEqual([
    `auth.credentials: nothing is called ${JSON.stringify(name)}, neither a profile nor a variable with a key nor a configured key`,
  ]);
});

test("of the profiles in a broken store nothing is said", async () => {
  expect(await warningsFor(["openai:gone", "OPENAI_API_KEY"], { [store("work")]: "{torn" })).toHaveLength(1);
});

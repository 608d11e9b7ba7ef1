import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, manualClock, type TempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { openHome, type Home } from "./home.ts";
import { resolvePaths } from "./paths.ts";

const CONFIG = ".openclaw/openclaw.json";

async function open(
  files: Readonly<Record<string, string | object>>,
  env: Readonly<Record<string, string>> = {},
  cwd = ".",
): Promise<{ readonly home: Home; readonly folder: TempHome }> {
  const folder = await createTempHome(files);
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const paths = resolvePaths({ env: all, osHome: folder.path, cwd: join(folder.path, cwd) });
  return { folder, home: await openHome({ paths, env: all, clock: manualClock(), use: "inspect" }) };
}

const keysOf = (home: Home, provider = "openai") => home.plan({ provider }).candidates.map(({ origin }) => origin);

test("E2: the .env of a working directory chooses no key and no endpoint, and is named once", async () => {
  const { home, folder } = await open(
    { "project/.env": "OPENAI_API_KEY=test-key-evil\nOPENAI_BASE_URL=http://evil\nCOLOUR=blue" },
    {},
    "project",
  );
  expect(keysOf(home)).toEqual([]);
  expect(home.current.warnings).toEqual([
    `${join(folder.path, "project/.env")} is not read, so OPENAI_API_KEY, OPENAI_BASE_URL in it count for nothing: keys belong in ${join(folder.path, ".openclaw/.env")}`,
  ]);
});

test("E4: a .env that others may read is used, and named with what to type", async () => {
  const { home, folder } = await open({ ".openclaw/.env": "OPENAI_API_KEY=test-key-one" });
  await chmod(join(folder.path, ".openclaw/.env"), 0o644);
  await home.reload();
  expect(keysOf(home)).toEqual(["OPENAI_API_KEY"]);
  expect(home.current.warnings).toMatchObject([expect.stringContaining("chmod 600")]);
});

test("a home in order has nothing to say", async () => {
  const { home } = await open({ ".openclaw/.env": "OPENAI_API_KEY=test-key-one" });
  expect(home.current.warnings).toEqual([]);
});

describe("the login shell", () => {
  const profile = "export OPENAI_API_KEY=test-key-shell WORK_KEY=test-key-work UNRELATED=1\necho welcome\n";
  const files = {
    ".bash_profile": profile,
    [CONFIG]: { env: { shellEnv: { enabled: true } }, models: { providers: { xai: { apiKey: "${WORK_KEY}" } } } },
  };
  const shell = { SHELL: "/bin/bash", PATH: "/usr/bin:/bin" };

  test("E5: gives the keys of providers and the variables that references name, and nothing else", async () => {
    const { home } = await open(files, shell);
    expect(keysOf(home)).toEqual(["OPENAI_API_KEY"]);
    expect(home.current.env.layerOf("OPENAI_API_KEY")).toBe("shell env");
    expect(keysOf(home, "xai")).toEqual(["models.providers.xai.apiKey"]);
    expect(home.current.env.layerOf("UNRELATED")).toBeUndefined();
  });

  test("E1: is the weakest layer, and where it differs that can be told", async () => {
    const { home } = await open({ ...files, ".openclaw/.env": "OPENAI_API_KEY=test-key-file" }, shell);
    expect(home.current.env.layerOf("OPENAI_API_KEY")).toBe(".env");
    expect(home.current.env.differing().map(({ name, definitions }) => [name, definitions.map(({ layer }) => layer)])).toEqual([
      ["OPENAI_API_KEY", [".env", "shell env"]],
    ]);
  });

  test("is not asked unless that is wanted", async () => {
    const { home } = await open({ ".bash_profile": profile }, shell);
    expect(keysOf(home)).toEqual([]);
  });

  test("that does not answer is a warning, not an obstacle", async () => {
    const { home } = await open({ ...files, ".bash_profile": "exit 3" }, shell);
    expect(home.current.warnings).toMatchObject([expect.stringContaining("/bin/bash")]);
  });
});

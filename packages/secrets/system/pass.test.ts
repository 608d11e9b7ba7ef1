import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findProgram } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { createSecretResolver, type ExecProviderConfig, type SecretProviders, type SecretRef } from "../src/index.ts";
import { readRecipe, type Recipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome, PATH, processesOf, type ToolHome } from "./tool-home.ts";

const secret = awkwardSecret();

/** A store as the page says to make it, with one entry. Its agent ends with the test. */
async function setUp(): Promise<{ home: ToolHome; env: Readonly<Record<string, string>>; recipe: Recipe }> {
  const home = await createToolHome(stopAgent);
  const env = { ...home.env, ...variables(home) };
  await mkdir(env.GNUPGHOME, { mode: 0o700 });
  const recipe = await readRecipe("pass");
  await home.type(recipe.code("sh"), secret, env);
  return { home, env, recipe };
}

const variables = ({ path }: ToolHome) => ({ GNUPGHOME: join(path, "gpg"), PASSWORD_STORE_DIR: join(path, "store") });
const stopAgent = (home: ToolHome) => home.run("/usr/bin/gpgconf", ["--kill", "gpg-agent"], { env: variables(home) });

/** The same with a key that has a passphrase, which nobody remembers. */
async function setUpLocked(agentOption = ""): ReturnType<typeof setUp> {
  const { home, env, recipe } = await setUp();
  await writeFile(join(env["GNUPGHOME"] ?? "", "gpg-agent.conf"), `s2k-count 65536\n${agentOption.replace("PATH", home.path)}\n`);
  await stopAgent(home);
  const generate = "gpg --batch --pinentry-mode loopback --passphrase-fd 0 --quick-generate-key locked future-default default never";
  await home.type(generate, "test-passphrase", env);
  await home.type("pass init -p locked locked; pass insert -e locked/openai", secret, env);
  await stopAgent(home);
  return { home, env, recipe: recipeFor(recipe, "locked/openai") };
}

const processesBesideAgent = async ({ path }: ToolHome) => (await processesOf(path)).filter((command) => !command.startsWith("gpg-agent "));

/** The recipe for another entry. */
function recipeFor(recipe: Recipe, entry: string): Recipe {
  return { ...recipe, providers: mapConfig(recipe, (config) => ({ ...config, args: ["show", entry] })) };
}

function mapConfig({ providers }: Recipe, change: (config: ExecProviderConfig) => ExecProviderConfig): SecretProviders {
  const changed = Object.entries(providers).map(([alias, config]) => [alias, config.source === "exec" ? change(config) : config]);
  return Object.fromEntries(changed);
}

describe.skipIf(findProgram("pass") === undefined || findProgram("gpg") === undefined)("pass", () => {
  test("X5: the recipe leads to the secret, with the variables it passes and no others", async () => {
    const { env, recipe } = await setUp();
    expect(await ask(recipe, env, secret)).toBe(secret);
    // These would make it fail.
    expect(await ask(recipe, { ...env, PATH: "/nowhere", PASSWORD_STORE_GPG_OPTS: "--no-such-option" }, secret)).toBe(secret);
    const { GNUPGHOME: _, ...without } = env;
    expect(await ask(recipe, without, secret)).toMatchObject({ code: "command-failed" });
  });

  test("X16: an entry that is not there, a folder, and an entry of many lines are errors that say what to do", async () => {
    const { home, env, recipe } = await setUp();
    expect(await ask(recipeFor(recipe, "openclaw/missing"), env, secret)).toMatchObject({
      code: "command-failed",
      message: "exec:pass:openai: /usr/bin/pass ended with exit code 1",
    });
    const refused = {
      code: "value-refused",
      message: "exec:pass:openai: the value holds a line break or another control character",
      hint: "store the key alone, on one line",
    };
    const listed = await home.run("/usr/bin/pass", ["show", "openclaw"], { env });
    expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining("openai") });
    expect(await ask(recipeFor(recipe, "openclaw"), env, secret)).toMatchObject(refused);
    await home.type("pass insert -m openclaw/long", `${secret}\nuser: someone\n`, env);
    expect(await ask(recipeFor(recipe, "openclaw/long"), env, secret)).toMatchObject(refused);
  });

  test("X17: a key that is locked fails in time where there is no terminal, and leaves nobody waiting", async () => {
    const { home, env, recipe } = await setUpLocked();
    const started = performance.now();
    expect(await ask(recipe, env, secret)).toMatchObject({ code: "command-failed" });
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await processesBesideAgent(home)).toEqual([]);
  });

  test("X17: where the passphrase is asked for elsewhere and nobody answers, the command ends at its timeout", async () => {
    const { home, env, recipe } = await setUpLocked(`pinentry-program PATH/dialog`);
    // Says that it is there, and then nothing until the agent ends.
    await writeFile(join(home.path, "dialog"), "#!/bin/sh\necho OK; while read -r line; do :; done\n", { mode: 0o700 });
    const providers = mapConfig(recipe, (config) => ({ ...config, timeoutMs: 1_000 }));
    expect(await ask({ ...recipe, providers }, env, secret)).toMatchObject({
      code: "timed-out",
      message: "exec:pass:openai: /usr/bin/pass did not end within 1000 ms",
      hint: "it has no terminal to ask on: unlock its store beforehand, or raise the timeout",
    });
    // The dialog is the agent's, which outlives commands by design. Once it is answered, the next run finds the key unlocked.
    expect(await processesBesideAgent(home)).toEqual([`/bin/sh ${join(home.path, "dialog")}`]);
  });

  test("the script of the page answers for many entries at once, and for each on its own", async () => {
    const { home, env } = await setUp();
    await home.type("pass insert -m openclaw/long", `${secret} 2\nuser: someone\n`, env);
    const path = `${dirname(process.execPath)}:${PATH}`;
    const recipe = await readRecipe("Many entries of pass", { "/home/me": home.path, "/usr/local/bin:/usr/bin:/bin": path });
    await mkdir(join(home.path, ".local/bin"), { recursive: true, mode: 0o700 });
    await writeFile(join(home.path, ".local/bin/openclaw-pass"), recipe.code("js"), { mode: 0o700 });
    expect(await ask(recipe, env, secret)).toBe(secret);

    const resolver = createSecretResolver({ env, providers: recipe.providers });
    const ids = ["openclaw/openai", "openclaw/long", "openclaw", "openclaw/missing"];
    const outcomes = await resolver.resolveAll(ids.map((id): SecretRef => ({ ...recipe.ref, id })));
    const seen = [...outcomes.values()].map((outcome) =>
      outcome.status === "resolved" ? outcome.secret.reveal() : outcome.status === "failed" && outcome.error.message,
    );
    expect(seen).toEqual([
      secret,
      `${secret} 2`,
      "exec:passes:openclaw: the command reports an error for this id",
      "exec:passes:openclaw/missing: the command reports an error for this id",
    ]);
  });
});

import { join } from "node:path";
import { createCanary, createTempHome, findCanary, type ProcessResult, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const ref = { source: "env", provider: "default", id: "MOVED_KEY" };
const target = { type: "models.providers.apiKey", path: "models.providers.openai.apiKey", ref };
const planOf = (...targets: readonly object[]) => ({ version: 1, protocolVersion: 1, targets });

interface Scene {
  readonly home: TempHome;
  readonly key: string;
  apply(...flags: readonly string[]): Promise<ProcessResult>;
}

/** A home whose configuration, profile and `.env` hold one key, and a plan for it. */
async function sceneWith(plan: object, env?: Readonly<Record<string, string>>): Promise<Scene> {
  const key = createCanary("moved");
  const home = await createTempHome({
    [CONFIG]: { models: { providers: { openai: { baseUrl: "https://api.openai.com/v1", apiKey: key } } } },
    [STORE]: { version: 1, profiles: { "openai:default": { type: "api_key", provider: "openai", key } } },
    ".openclaw/.env": `OPENAI_API_KEY=${key}\n`,
    "plan.json": plan,
  });
  onTestFinished(() => home.remove());
  const apply = async (...flags: readonly string[]) => {
    const args = ["secrets", "apply", "--from", "plan.json", ...flags];
    const result = await openclaw(home, args, { cwd: home.path, env: env ?? { MOVED_KEY: key } });
    expect(await findCanary(key, { texts: { stdout: result.stdout, stderr: result.stderr } })).toEqual([]);
    return result;
  };
  return { home, key, apply };
}

/** Everything in a home but the compile cache, byte for byte. */
async function tree({ home }: Scene): Promise<Readonly<Record<string, string>>> {
  const files = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.endsWith("/"));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await home.read(file)] as const)));
}

test("moves a key out of every file, and has nothing to do the second time", async () => {
  const profile = { type: "auth-profiles.api_key.key", path: "profiles.openai:default.key", agentId: "main", ref };
  const scene = await sceneWith(planOf(target, profile));
  expect(await scene.apply("--dry-run")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Secrets apply dry run: 3 file\(s\) would change\.$/mu),
  });
  const applied = await scene.apply();
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  expect(applied.stdout.split("\n")[0]).toBe("Secrets applied. Updated 3 file(s).");
  expect(applied.stdout).toContain(`$OPENCLAW_HOME/${CONFIG}`);
  expect(await findCanary(scene.key, { folders: [scene.home.path] })).toEqual([]);
  expect(await scene.apply()).toMatchObject({ code: 0, stdout: "Secrets apply: no changes.\n", stderr: "" });

  const status = await openclaw(scene.home, ["models", "status", "--json"], { env: { MOVED_KEY: scene.key } });
  expect(status.stdout).toContain("openai:default=ref(env:MOVED_KEY)");
});

test("prints nothing but JSON with --json", async () => {
  const scene = await sceneWith(planOf(target));
  const { code, stdout, stderr } = await scene.apply("--json");
  expect([code, stderr]).toEqual([0, ""]);
  expect(JSON.parse(stdout)).toEqual({
    mode: "write",
    changed: true,
    changedFiles: [".openclaw/.env", STORE, CONFIG].map((file) => join(scene.home.path, file)),
    checks: { resolvability: true, resolvabilityComplete: true },
    refsChecked: 1,
    skippedExecRefs: 0,
    warningCount: 1,
    warnings: [expect.objectContaining({ code: "profile-emptied" })],
  });
});

test.each([
  [
    "a reference that leads nowhere",
    planOf(target),
    {},
    /^Error: SecretRefResolutionError: env:default:MOVED_KEY: Environment variable "MOVED_KEY" is missing or empty\.$/mu,
  ],
  [
    "a command without --allow-exec",
    planOf({ ...target, ref: { source: "exec", provider: "vault", id: "a" } }),
    undefined,
    /^Error: Plan contains exec SecretRefs\/providers\. Re-run with --allow-exec\.$/mu,
  ],
  [
    "a path that is no place for a secret",
    planOf({ ...target, path: "models.providers.openai.baseUrl" }),
    undefined,
    /^Error: Invalid secrets plan file: \/.*\/plan\.json\n {2}models\.providers\.openai\.baseUrl is no place/mu,
  ],
])("R5: %s ends with 1, and nothing is written, not even a folder", async (_what, plan, env, message) => {
  const scene = await sceneWith(plan, env);
  const before = await tree(scene);
  const { code, stdout, stderr } = await scene.apply("--json");
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(message);
  expect(await tree(scene)).toEqual(before);
});

test("ends with 130 on Ctrl-C while a command is asked, and nothing is written", async () => {
  const scene = await sceneWith(planOf({ ...target, ref: { source: "exec", provider: "vault", id: "a" } }));
  const vault = { source: "exec", command: join(scene.home.path, "vault"), timeoutMs: 60_000 };
  await scene.home.write("vault", "#!/bin/sh\nkill -INT $PPID\nexec sleep 60\n", 0o700);
  await scene.home.write("plan.json", {
    ...planOf({ ...target, ref: { source: "exec", provider: "vault", id: "a" } }),
    providerUpserts: { vault },
  });
  const before = await tree(scene);
  expect(await scene.apply("--allow-exec")).toMatchObject({ code: 130, stdout: "" });
  expect(await tree(scene)).toEqual(before);
});

test("says that --from is missing", async () => {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  expect(await openclaw(home, ["secrets", "apply"])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: "error: required option '--from <path>' not specified\n",
  });
});

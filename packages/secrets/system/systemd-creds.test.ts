import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findProgram } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ExecProviderConfig, SecretProviderConfig } from "../src/index.ts";
import { isRoot, startUnprivileged, type Unprivileged } from "../test/unprivileged.ts";
import { readRecipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome } from "./tool-home.ts";

const secret = awkwardSecret();

describe.skipIf(findProgram("systemd-creds") === undefined)("systemd-creds", () => {
  /** The secret as the page says to encrypt it, with a machine key of the test's own: this machine's is root's. */
  async function setUp() {
    const home = await createToolHome();
    const env = { ...home.env, SYSTEMD_CREDENTIAL_SECRET: join(home.path, "credential.secret") };
    const typed = await readRecipe("systemd credentials", { "/etc/openclaw": join(home.path, "etc") });
    await home.type(typed.code("sh"), secret, env);
    const recipe = await readRecipe("systemd-creds without a service", { "/etc/openclaw": join(home.path, "etc") });
    const askWith = (change: (config: ExecProviderConfig) => ExecProviderConfig = (config) => config) => {
      const withKey = Object.entries(recipe.providers).map(([alias, config]): [string, SecretProviderConfig] => [
        alias,
        config.source === "exec" ? change({ ...config, passEnv: ["SYSTEMD_CREDENTIAL_SECRET"] }) : config,
      ]);
      return ask({ ...recipe, providers: Object.fromEntries(withKey) }, env, secret);
    };
    return { home, askWith };
  }

  test("the recipe leads to the secret, though the program warns on stderr", async () => {
    expect(await (await setUp()).askWith()).toBe(secret);
  });

  test("another name, another machine's key and no file are errors", async () => {
    const { home, askWith } = await setUp();
    const failed = { code: "command-failed", message: "exec:creds:openai: /usr/bin/systemd-creds ended with exit code 1" };
    const withArgs = (args: readonly string[]) => askWith((config) => ({ ...config, args }));
    expect(await withArgs(["--name=anthropic", "decrypt", join(home.path, "etc/openai.cred"), "-"])).toMatchObject(failed);
    expect(await withArgs(["--name=openai", "decrypt", join(home.path, "etc/missing.cred"), "-"])).toMatchObject(failed);
    const other = { SYSTEMD_CREDENTIAL_SECRET: join(home.path, "other.secret") };
    await home.type("systemd-creds --with-key=host encrypt - other.cred", "test-key-two", other); // It makes its key.
    expect(await askWith((config) => ({ ...config, passEnv: [], env: other }))).toMatchObject(failed);
  });
});

describe("below $CREDENTIALS_DIRECTORY, as a service without rights", () => {
  let service: Unprivileged;
  beforeEach(async () => {
    service = await startUnprivileged();
  });
  afterEach(async () => {
    await chmod(join(service.folder, "openclaw.service"), 0o700); // So that it can be removed.
    await service.stop();
  });

  /** The folder as systemd makes it: on a file system without access control lists the service owns what is in it. */
  async function credentials(owner: number, mode: number) {
    const folder = join(service.folder, "openclaw.service");
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, "openai"), `${secret}\n`);
    await chmod(join(folder, "openai"), mode);
    await chmod(folder, owner === 0 ? 0o555 : 0o500);
    if (isRoot) for (const path of [join(folder, "openai"), folder]) await chown(path, owner, owner);
    const { providers, ref } = await readRecipe("systemd credentials", { "/run/credentials/openclaw.service": folder });
    const provider = providers[ref.provider];
    if (!provider) throw new Error("the recipe has no provider");
    return (env: Readonly<Record<string, string>>) => service.resolve({ provider, ref, env, expected: secret });
  }

  test("F2: what systemd gave the service is read", async () => {
    const resolve = await credentials(service.uid, 0o400);
    expect(await resolve({ CREDENTIALS_DIRECTORY: join(service.folder, "openclaw.service") })).toMatchObject({
      uid: service.uid,
      isExpected: true,
    });
  });

  test.skipIf(!isRoot)("F2: what is root's and open to all, or not in that folder, is not", async () => {
    const resolve = await credentials(0, 0o444);
    expect(await resolve({ CREDENTIALS_DIRECTORY: join(service.folder, "openclaw.service") })).toMatchObject({
      code: "file-refused",
      hint: expect.stringContaining("chmod 600 "),
    });
    expect(await resolve({})).toMatchObject({ code: "file-refused", message: expect.stringContaining("belongs to root, not to you") });
  });

  test.skipIf(!isRoot)("F2: what the service may not open is an error that names the file", async () => {
    const resolve = await credentials(0, 0o400);
    expect(await resolve({ CREDENTIALS_DIRECTORY: join(service.folder, "openclaw.service") })).toMatchObject({
      code: "file-unreadable",
      message: `file:openai:value: ${join(service.folder, "openclaw.service/openai")} cannot be opened`,
    });
  });
});

import { chmod, link, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { parseSecretRef, secretProvidersSchema, type SecretProviderConfig, type SecretProviders } from "../src/index.ts";
import { blocks, readJson5, readPage, readRecipe } from "./recipe.ts";
import { ask, awkwardSecret, createToolHome, type ToolHome } from "./tool-home.ts";

const secret = awkwardSecret();

interface Program {
  /** What the tool's own documentation says to type. Anything else is a usage error. */
  readonly args: readonly string[];
  /** All the variables it is given. */
  readonly env: Readonly<Record<string, string>>;
  readonly prints: string;
}

/** Stands in for a tool that cannot be had here. */
async function standIn(file: string, { args, env, prints }: Program): Promise<void> {
  const script = `#!${process.execPath}
const { isDeepStrictEqual } = require("node:util");
if (!isDeepStrictEqual(process.argv.slice(2), ${JSON.stringify(args)})) process.exit(64);
if (!isDeepStrictEqual({ ...process.env }, ${JSON.stringify(env)})) process.exit(65);
process.stdout.write(${JSON.stringify(prints)});
`;
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(file, script, { mode: 0o700 });
}

describe("tools that a stand-in takes the place of", () => {
  test("X2: 1Password, behind the link that Homebrew makes", async () => {
    const home = await createToolHome();
    const brew = join(home.path, "homebrew");
    const env = { HOME: home.path, OP_SERVICE_ACCOUNT_TOKEN: "test-token-one" };
    await standIn(join(brew, "Caskroom/1password-cli/2.32.0/op"), {
      args: ["read", "op://Private/OpenAI/credential"],
      env,
      prints: `${secret}\n`,
    });
    await mkdir(join(brew, "bin"), { mode: 0o700 });
    await symlink("../Caskroom/1password-cli/2.32.0/op", join(brew, "bin/op"));
    const recipe = await readRecipe("1Password", { "/opt/homebrew": brew });
    expect(await ask(recipe, { ...env, PATH: "/usr/bin", OPENAI_API_KEY: "test-key-two" }, secret)).toBe(secret);

    const without = (change: object) => ({ ...recipe, providers: mapConfigs(recipe.providers, change) });
    expect(await ask(without({ allowSymlinkCommand: false }), env, secret)).toMatchObject({ code: "command-refused" });
    expect(await ask(without({ trustedDirs: [brew.slice(0, -4)] }), env, secret)).toMatchObject({ code: "command-refused" });
    expect(await ask(without({ passEnv: ["HOME"] }), env, secret)).toMatchObject({
      code: "command-failed",
      message: `exec:onepassword:openai: ${join(brew, "bin/op")} ended with exit code 65`,
      hint: "run it by hand with an empty environment to see why; it gets only env and passEnv, so not OP_SERVICE_ACCOUNT_TOKEN",
    });
    await chmod(brew, 0o775);
    expect(await ask(recipe, env, secret)).toMatchObject({ code: "command-refused", hint: `chmod go-w ${brew}` });
  });

  test.each([{ VAULT_TOKEN: "test-token-one" }, {}])("Vault, with %o", async (token) => {
    const home = await createToolHome();
    const env = { HOME: home.path, VAULT_ADDR: "https://vault.example:8200", ...token };
    const args = ["kv", "get", "-field=apiKey", "secret/openclaw/openai"];
    await standIn(join(home.path, "bin/vault"), { args, env, prints: secret });
    const recipe = await readRecipe("Vault", { "/usr/bin/vault": join(home.path, "bin/vault") });
    expect(await ask(recipe, { ...env, PATH: "/usr/bin" }, secret)).toBe(secret);
  });

  test("X6: sops, one of whose arguments is full of quotes", async () => {
    const home = await createToolHome();
    const env = { HOME: home.path, SOPS_AGE_KEY_FILE: join(home.path, "age.key") };
    const args = ["-d", "--extract", '["providers"]["openai"]["apiKey"]', join(home.path, ".config/openclaw/secrets.enc.json")];
    await standIn(join(home.path, "bin/sops"), { args, env, prints: secret });
    const recipe = await readRecipe("sops", { "/usr/bin/sops": join(home.path, "bin/sops"), "/home/me": home.path });
    expect(await ask(recipe, { ...env, PATH: "/usr/bin" }, secret)).toBe(secret);
  });
});

test("every configuration and reference on the page is a valid one", async () => {
  const found = blocks(await readPage(), "json5").map((block) => {
    // What a command is told and answers stands in one block, a line each.
    return block.includes("protocolVersion") ? { protocol: block.trim().split("\n").map(readJson5) } : readJson5(block);
  });
  const config = z.strictObject({ secrets: z.strictObject({ providers: secretProvidersSchema }) });
  const kinds = found.map((block) => {
    if (typeof block === "object" && block !== null && "source" in block) return parseSecretRef(block).source;
    return config.safeParse(block).success
      ? "config"
      : typeof block === "object" && block !== null && "protocol" in block
        ? "protocol"
        : block;
  });
  expect(kinds.filter((kind) => typeof kind !== "string")).toEqual([]);
  expect(kinds.filter((kind) => kind === "config").length).toBeGreaterThan(10);
});

describe("the repairs on the page", () => {
  interface Fault {
    readonly spoil: (file: string) => Promise<unknown>;
    readonly repair: string;
  }
  const fileFaults: Readonly<Record<string, Fault>> = {
    "F1: a file that others may read": { spoil: (file) => chmod(file, 0o644), repair: "chmod 600 FILE" },
    "F7: a file with two names": { spoil: (file) => link(file, `${file}.too`), repair: "cp FILE FILE.new && mv FILE.new FILE" },
    "F3: a folder that others may write to": { spoil: (file) => chmod(dirname(dirname(file)), 0o777), repair: "chmod go-w FOLDER" },
  };
  const commandFaults: Readonly<Record<string, Fault>> = {
    "X3: a command that others may write to": { spoil: (file) => chmod(file, 0o722), repair: "chmod go-w FILE" },
    "X1: a command that is not executable": { spoil: (file) => chmod(file, 0o600), repair: "chmod u+x FILE" },
    "X3: a folder that others may write to": { spoil: (file) => chmod(dirname(dirname(file)), 0o777), repair: "chmod go-w FOLDER" },
  };

  /** What comes of a reference before, with the fault, and after its repair. */
  async function repairing(config: SecretProviderConfig, { spoil, repair }: Fault, home: ToolHome, file: string) {
    const ref = parseSecretRef({ source: config.source, provider: "it", id: config.source === "file" ? "value" : "a" });
    const before = await ask({ providers: { it: config }, ref }, {}, secret);
    await spoil(file);
    const command = repair.replaceAll("FILE", file).replaceAll("FOLDER", dirname(dirname(file)));
    const refused = await ask({ providers: { it: config }, ref }, {}, secret);
    await home.type(command);
    const after = await ask({ providers: { it: config }, ref }, {}, secret);
    return { before, refused, command, after, isOnPage: (await readPage()).includes(`\`${repair}\``) };
  }

  test.each(Object.entries(fileFaults))("%s", async (_, fault) => {
    const home = await createToolHome();
    const file = join(home.path, "a/b/key");
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, secret, { mode: 0o600 });
    const seen = await repairing({ source: "file", path: file, mode: "singleValue" }, fault, home, file);
    expect(seen).toMatchObject({ before: secret, refused: { code: "file-refused", hint: seen.command }, after: secret, isOnPage: true });
  });

  test.each(Object.entries(commandFaults))("%s", async (_, fault) => {
    const home = await createToolHome();
    const file = join(home.path, "a/b/command");
    await standIn(file, { args: [], env: {}, prints: secret });
    const seen = await repairing({ source: "exec", command: file, jsonOnly: false }, fault, home, file);
    expect(seen).toMatchObject({ before: secret, refused: { code: "command-refused", hint: seen.command }, after: secret, isOnPage: true });
  });
});

function mapConfigs(providers: SecretProviders, change: object): SecretProviders {
  return secretProvidersSchema.parse(
    Object.fromEntries(Object.entries(providers).map(([alias, config]) => [alias, { ...config, ...change }])),
  );
}

import { createHash } from "node:crypto";
import { chmod, utimes } from "node:fs/promises";
import { join } from "node:path";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { openclaw, type RunOptions } from "./openclaw.ts";

const CONFIG = ".openclaw/openclaw.json";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const CODEX = ".codex/auth.json";
const HOUR = 3_600_000;
const soon = Math.floor(Date.now() / 1000) * 1000 + 6 * HOUR;

const jwt = (claims: object) => ["h", JSON.stringify(claims), "s"].map((part) => Buffer.from(part).toString("base64url")).join(".");
const codex = (expiresAt: number, name = "one", accountId = "account-1") => ({
  OPENAI_API_KEY: null,
  auth_mode: "chatgpt",
  tokens: {
    id_token: jwt({ email: "me@example.com" }),
    access_token: jwt({ exp: expiresAt / 1000, name }),
    refresh_token: `test-refresh-${name}`,
    account_id: accountId,
  },
});
const claude = (expiresAt: number) => ({
  claudeAiOauth: { accessToken: "test-access-claude", refreshToken: "test-refresh-claude", expiresAt, subscriptionType: "max" },
});
const gemini = (expiresAt: number) => ({
  access_token: "test-access-gemini",
  refresh_token: "test-refresh-gemini",
  expiry_date: expiresAt + 0.5,
  id_token: jwt({ email: "me@example.com" }),
});

async function sceneWith(files: Readonly<Record<string, string | object>> = {}) {
  const home = await createTempHome(files);
  onTestFinished(() => home.remove());
  for (const file of [CODEX, ".claude/.credentials.json", ".gemini/oauth_creds.json"]) {
    await chmod(join(home.path, file), 0o600).catch(() => undefined);
  }
  const take = (args: readonly string[], options: RunOptions = {}) =>
    openclaw(home, ["models", "auth", "import", ...args], { ...options, env: { HOME: home.path, ...options.env } });
  const profiles = async () => JSON.parse(await home.read(STORE)).profiles;
  return { home, take, profiles };
}

/** What every file of the home hashes to. */
async function hashes(home: TempHome): Promise<Readonly<Record<string, string>>> {
  const files = (await home.list()).filter((file) => !file.startsWith(".cache") && !file.endsWith("/"));
  const hash = async (file: string) =>
    createHash("sha256")
      .update(await home.read(file))
      .digest("hex");
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await hash(file)] as const)));
}

test("29: imports the access of Codex and not its refresh token, and changes nothing of Codex", async () => {
  const { home, take, profiles } = await sceneWith({ [CODEX]: codex(soon) });
  const before = await home.read(CODEX);
  const { code, stdout, stderr } = await take(["codex"]);
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toContain("Imported openai-codex:default (openai-codex/oauth)\n");
  expect(stdout).toContain("After its end: openclaw models auth import codex");
  expect(stdout).not.toContain(codex(soon).tokens.access_token);
  expect(await profiles()).toEqual({
    "openai-codex:default": {
      type: "oauth",
      provider: "openai-codex",
      access: codex(soon).tokens.access_token,
      expires: soon,
      accountId: "account-1",
      email: "me@example.com",
      metadata: { importedFrom: "codex" },
    },
  });
  expect(JSON.parse(await home.read(CONFIG)).auth.profiles).toEqual({
    "openai-codex:default": { provider: "openai-codex", mode: "oauth", email: "me@example.com" },
  });
  expect(await home.read(CODEX)).toBe(before);
});

test("29: the same login twice, and a dry run, change no file", async () => {
  const { home, take } = await sceneWith({ [CODEX]: codex(soon) });
  const empty = await hashes(home);
  expect((await take(["codex", "--dry-run"])).stdout).toMatch(
    /^Would import openai-codex:default[\s\S]*Dry run, nothing was changed\.\n$/u,
  );
  expect(await hashes(home)).toEqual(empty);
  await take(["codex"]);
  const after = await hashes(home);
  expect((await take(["codex"])).stdout).toContain("Already imported: openai-codex:default");
  expect((await take(["codex", "--replace"])).stdout).toContain("Already imported: openai-codex:default");
  await home.write(CODEX, codex(soon + HOUR, "two"), 0o600);
  expect(JSON.parse((await take(["codex", "--dry-run", "--json"])).stdout)).toMatchObject({ outcome: "updated", isDryRun: true });
  expect({ ...(await hashes(home)), [CODEX]: 0 }).toEqual({ ...after, [CODEX]: 0 });
});

test("29: a rotated login is taken by the next import, and a fresher one of ours is not overwritten", async () => {
  const { home, take, profiles } = await sceneWith({ [CODEX]: codex(soon) });
  await take(["codex"]);
  await home.write(CODEX, codex(soon + HOUR, "two"), 0o600);
  expect(JSON.parse((await take(["codex", "--json"])).stdout)).toMatchObject({ outcome: "updated", expiresAt: soon + HOUR });
  await home.write(CODEX, codex(soon - HOUR, "three"), 0o600);
  expect(JSON.parse((await take(["codex", "--json"])).stdout)).toMatchObject({ outcome: "kept", why: "fresher" });
  expect((await profiles())["openai-codex:default"].expires).toBe(soon + HOUR);
  expect(JSON.parse((await take(["codex", "--json", "--replace"])).stdout)).toMatchObject({ outcome: "replaced" });
  expect((await profiles())["openai-codex:default"].expires).toBe(soon - HOUR);
});

test("29: a login of our own that can be renewed is kept, and another account is refused", async () => {
  const own = { type: "oauth", provider: "openai-codex", access: "test-access-own", refresh: "test-refresh-own", expires: 5 };
  const { home, take, profiles } = await sceneWith({
    [CODEX]: codex(soon),
    [STORE]: { version: 1, profiles: { "openai-codex:default": { ...own, accountId: "account-1" } } },
  });
  const before = await home.read(STORE);
  expect((await take(["codex"])).stdout).toContain("Kept openai-codex:default: it can be renewed");
  await home.write(CODEX, codex(soon, "one", "account-2"), 0o600);
  expect(await take(["codex", "--take-over"])).toMatchObject({ code: 1, stderr: expect.stringContaining("holds another account") });
  expect(await home.read(STORE)).toBe(before);
  expect(await take(["codex", "--profile-id", "openai-codex:second"])).toMatchObject({ code: 0 });
  expect(Object.keys(await profiles())).toEqual(["openai-codex:default", "openai-codex:second"]);
});

test("29: --take-over takes the refresh token too, and says what that does to Codex", async () => {
  const { take, profiles } = await sceneWith({ [CODEX]: codex(soon) });
  const { stdout } = await take(["codex", "--take-over"]);
  expect(stdout).toContain("so codex will have to log in again");
  expect((await profiles())["openai-codex:default"].refresh).toBe("test-refresh-one");
});

test("D19: of Claude Code a token with its end is imported, and nothing takes its session over", async () => {
  const { take, profiles } = await sceneWith({ ".claude/.credentials.json": claude(soon) });
  const { stdout } = await take(["claude"]);
  expect(stdout).toContain("For one that lasts: openclaw models auth setup-token");
  expect(await profiles()).toEqual({
    "anthropic:claude": {
      type: "token",
      provider: "anthropic",
      token: "test-access-claude",
      expires: soon,
      metadata: { importedFrom: "claude" },
    },
  });
  expect(await take(["claude", "--take-over"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("only Claude Code may renew it"),
  });
});

test("imports Gemini's login under its address, for the agent that is named, and shows whose it is in the list", async () => {
  const { home, take } = await sceneWith({
    ".gemini/oauth_creds.json": gemini(soon),
    [CONFIG]: { agents: { list: [{ id: "main" }, { id: "work" }] } },
  });
  const { stdout } = await take(["gemini", "--agent", "work", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ agentId: "work", profileId: "google-gemini-cli:me@example.com", expiresAt: soon });
  const list = JSON.parse((await openclaw(home, ["models", "auth", "list", "--agent", "work", "--json"])).stdout);
  expect(list.profiles).toMatchObject([{ profileId: "google-gemini-cli:me@example.com", importedFrom: "gemini" }]);
  expect((await openclaw(home, ["models", "auth", "list", "--agent", "work"])).stdout).toContain(", from gemini");
});

test("finds the files where CODEX_HOME and CLAUDE_CONFIG_DIR say, or --from-file, and warns of one that others can read", async () => {
  const { home, take } = await sceneWith({ "elsewhere/auth.json": codex(soon), "elsewhere/.credentials.json": claude(soon) });
  const elsewhere = join(home.path, "elsewhere");
  await chmod(join(elsewhere, "auth.json"), 0o644);
  await chmod(join(elsewhere, ".credentials.json"), 0o600);
  expect(await take(["codex"], { env: { CODEX_HOME: elsewhere } })).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^Warning: others can read .*chmod 600/u),
  });
  expect(await take(["claude"], { env: { CLAUDE_CONFIG_DIR: elsewhere } })).toMatchObject({ code: 0, stderr: "" });
  expect((await take(["codex", "--from-file", join(elsewhere, "auth.json")])).stdout).toContain("Already imported");
});

test("an access token that says no end ends an hour after its file was written", async () => {
  const { home, take } = await sceneWith({ [CODEX]: { tokens: { access_token: "test-access-opaque" } } });
  const written = new Date(soon);
  await utimes(join(home.path, CODEX), written, written);
  expect(JSON.parse((await take(["codex", "--json"])).stdout)).toMatchObject({ expiresAt: soon + HOUR });
});

test.each<[string, Readonly<Record<string, string | object>>, readonly string[], string]>([
  ["no file", {}, ["codex"], "There is no login of codex: "],
  [
    "a file that is no JSON",
    { [CODEX]: '{ "tokens": { "access_token": "test-key-one", } }' },
    ["codex"],
    " is not valid JSON at line 1, column",
  ],
  ["another tool's file", { [CODEX]: claude(soon) }, ["codex"], `${CODEX}: tokens is missing\n`],
  ["a login that has ended", { [CODEX]: codex(1_700_000_000_000) }, ["codex"], "start codex once, so that it renews its login"],
  ["an API key", { [CODEX]: { OPENAI_API_KEY: "test-key-one" } }, ["codex"], "OPENAI_API_KEY is an API key, and there is no login"],
  [
    "nothing to take over",
    { [CODEX]: { tokens: { access_token: "test-access-one" } } },
    ["codex", "--take-over"],
    "holds no refresh token",
  ],
  ["another tool", {}, ["cursor"], "Allowed choices are codex, claude, gemini"],
  ["an id that is none", { [CODEX]: codex(soon) }, ["codex", "--profile-id", "a b"], '"a b" is no id of a profile'],
])("34: refuses %s with 1, and writes nothing", async (_name, files, args, message) => {
  const { home, take } = await sceneWith(files);
  const before = await hashes(home);
  const { code, stdout, stderr } = await take(args);
  expect([code, stdout]).toEqual([1, ""]);
  expect(stderr).toContain(message);
  expect(await hashes(home)).toEqual(before);
});

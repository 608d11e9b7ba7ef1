import { execFileSync } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { KnownSecret } from "./audit-source.ts";
import { searchRoots, type SearchRoot } from "./search-roots.ts";
import { searchValues, type SearchValuesOptions } from "./search-values.ts";

const value = "test-key-one/with+signs=and-enough-of-it-that-base64-is-wrapped-into-lines";
const secret = Secret.of(value);
const salt = Buffer.alloc(32, 1);

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

function known(places: KnownSecret["places"] = []): KnownSecret {
  return { label: "OPENAI_API_KEY", secret, places };
}

function everywhere(): SearchRoot {
  return { folder: home.path, depth: 24, wants: () => true };
}

function search(options: Partial<SearchValuesOptions> = {}) {
  return searchValues({ secrets: [known()], roots: [everywhere()], files: [], skip: [], salt, ...options });
}

async function write(file: string, content: string | Buffer): Promise<void> {
  await home.write(file, "");
  await writeFile(join(home.path, file), content);
}

test("finds a value in 25 places", async () => {
  const state = ".openclaw";
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const places: Readonly<Record<string, string | Buffer>> = {
    [`${state}/openclaw.json.bak`]: `{"apiKey": "${value}"}`,
    [`${state}/openclaw.json.bak.2`]: `{apiKey: '${value}'}`,
    [`${state}/openclaw.json.clobbered`]: value,
    [`${state}/openclaw.json`]: `{ // was ${value}\n}`,
    [`${state}/.openclaw.json.123-45-abcdef01.0123456789ab.tmp`]: `{"a":"${value}"}`,
    [`${state}/.env.old`]: `OPENAI_API_KEY=${value}\n`,
    [`${state}/.env`]: `# OPENAI_API_KEY=${value}\n`,
    [`${state}/agents/main/agent/auth-profiles.json.old`]: JSON.stringify({ key: value }),
    [`${state}/agents/main/agent/models.json`]: JSON.stringify({ providers: { openai: { apiKey: value } } }),
    [`${state}/agents/main/agent/.auth-profiles.json.1-2-00000000.aaaaaaaaaaaa.tmp`]: JSON.stringify({ key: value }),
    [`${state}/agents/main/sessions/one.jsonl`]: `{"text":${JSON.stringify(JSON.stringify({ key: value }))}}\n`,
    [`${state}/logs/gateway.log`]: `line one\nauthorization: Bearer ${value}\n`,
    [`${state}/logs/gateway.log.1.gz`]: gzipSync(`rotated ${value}`),
    [`${state}/logs/basic.log`]: `authorization: Basic ${base64(`user:${value}`)}`,
    [`${state}/logs/url.log`]: `GET /?key=${encodeURIComponent(value)}`,
    [`${state}/logs/wrapped.txt`]: `${base64(`some text before it ${value}`)}`.replaceAll(/.{76}/gu, "$&\n"),
    [`${state}/logs/jwt.txt`]: Buffer.from(`{"k":"${value}"}`).toString("base64url"),
    [`${state}/logs/packed.tar.gz`]: gzipSync(Buffer.concat([Buffer.alloc(512), Buffer.from(base64(value))])),
    [`${state}/dump.txt`]: Buffer.from(`\uFEFF${value}`, "utf16le"),
    [`${state}/dump-be.txt`]: Buffer.from(value, "utf16le").swap16(),
    [`${state}/dump.hex`]: Buffer.from(value).toString("hex"),
    [`${state}/memory/index.sqlite`]: Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(90), Buffer.from(value)]),
    "logs/openclaw-2026-04-01.log": value,
    ".config/systemd/user/openclaw-gateway.service": `[Service]\nEnvironment=OPENAI_API_KEY=${value}\n`,
    ".config/systemd/user/openclaw-gateway.service.d/override.conf": `[Service]\nEnvironment="OPENAI_API_KEY=${value}"\n`,
    "Library/LaunchAgents/ai.openclaw.gateway.plist": `<string>${value}</string>`,
  };
  for (const [file, content] of Object.entries(places)) await write(file, content);
  await write(".bash_history", `export OPENAI_API_KEY=${value}\n`);
  await write(".config/systemd/user/other.service", value);

  const paths = resolvePaths({ env: home.env, osHome: home.path, cwd: home.path });
  const options = {
    paths,
    env: {},
    agentDirs: [join(home.stateDir, "agents/main/agent")],
    secretFiles: [],
    logFolder: join(home.path, "logs"),
    uid: undefined,
  };
  const own = [
    { kind: "env", file: paths.envFile, name: "OPENAI_API_KEY" },
    { kind: "json", file: paths.configPath, path: ["models", "providers", "openai", "apiKey"], dialect: "json5" },
  ] as const;
  const { valueFindings } = await search({ secrets: [known(own)], roots: await searchRoots({ ...options, history: false }) });
  const files = valueFindings.map(({ file }) => file.slice(home.path.length + 1));
  expect(files.toSorted()).toEqual(Object.keys(places).toSorted());
  expect(files.length).toBeGreaterThanOrEqual(25);
  expect(valueFindings.find(({ file }) => file.endsWith("gateway.log"))).toEqual({
    file: join(home.stateDir, "logs/gateway.log"),
    line: 2,
    offset: 31,
    form: "plain",
    secret: "OPENAI_API_KEY",
    fingerprint: secret.fingerprint(salt),
  });
  expect(JSON.stringify(valueFindings)).not.toContain("test-key-one");

  const withHistory = await search({ roots: await searchRoots({ ...options, history: true }) });
  expect(withHistory.valueFindings.map(({ file }) => file)).toContain(join(home.path, ".bash_history"));
});

describe("where a value is at home it is not found", () => {
  test("in its line of .env, but in a comment behind it", async () => {
    await write(".env", `export OPENAI_API_KEY="${value}"\nCOPY=${value}\nOPENAI_API_KEY=${value} # was ${value}\n`);
    const { valueFindings } = await search({ secrets: [known([{ kind: "env", file: join(home.path, ".env"), name: "OPENAI_API_KEY" }])] });
    expect(valueFindings.map(({ line }) => line)).toEqual([2, 3]);
  });

  test("in its field, but in another one and in a comment", async () => {
    await write("openclaw.json", `{ // ${value}\n  a: "${value}",\n  b: "${value}" }`);
    const places = [{ kind: "json", file: join(home.path, "openclaw.json"), path: ["a"], dialect: "json5" }] as const;
    const { valueFindings } = await search({ secrets: [known(places)] });
    expect(valueFindings.map(({ line }) => line)).toEqual([1, 3]);
  });

  test("in a file that is there to hold it, by whatever link it is known", async () => {
    await write("secrets.json", `{"a": "${value}"}`);
    await symlink(join(home.path, "secrets.json"), join(home.path, "link.json"));
    const { valueFindings, filesSearched } = await search({ secrets: [known([{ kind: "file", file: join(home.path, "link.json") }])] });
    expect([valueFindings, filesSearched]).toEqual([[], [join(home.path, "secrets.json")]]);
  });
});

describe("reads no more than it should", () => {
  test("no lock file, link or pipe, and each file once", async () => {
    for (const file of [".openclaw/locks/a.lock", ".openclaw/locks/deep/b.lock", "outside/key.txt", "inside/one.txt"])
      await write(file, value);
    await symlink(join(home.path, "outside"), join(home.path, "inside/folder"));
    await symlink(join(home.path, "outside/key.txt"), join(home.path, "inside/link.txt"));
    execFileSync("mkfifo", [join(home.path, "inside/pipe")]);
    const inside = { ...everywhere(), folder: join(home.path, "inside") };
    const state = { ...everywhere(), folder: home.stateDir };
    const { filesSearched } = await search({ roots: [inside, inside, state], skip: [join(home.stateDir, "locks")] });
    expect(filesSearched).toEqual([join(home.path, "inside/one.txt")]);
  });

  test("a file or a sum of files beyond the limit is named as not searched", async () => {
    await write("a.txt", "x".repeat(900));
    await write("b.txt", "x".repeat(1_100));
    await write("c.txt", "x".repeat(900));
    const limits = { fileBytes: 1_000, totalBytes: 1_500, hitsPerFile: 20 };
    const { filesSearched, filesNotSearched } = await search({ limits });
    expect(filesSearched).toEqual([join(home.path, "a.txt")]);
    expect(filesNotSearched).toMatchObject([
      { file: join(home.path, "b.txt") },
      { file: join(home.path, "c.txt"), reason: expect.stringContaining("searched before") },
    ]);
  });

  test("what is packed in another way, or damaged, or unpacks without an end is named as well", async () => {
    await write("a.zip", Buffer.from("PK\u0003\u0004...."));
    await write("b.gz", gzipSync(`${"x".repeat(7_000)}${value}`));
    await write("c.gz", Buffer.concat([gzipSync(value).subarray(0, 10), Buffer.alloc(30, 0xff)]));
    await write(
      "d.gz",
      gzipSync(`${value} `.repeat(30).concat(Array.from({ length: 400 }, (_, index) => index * index).join())).subarray(0, -40),
    );
    const { filesNotSearched, valueFindings } = await search({ limits: { fileBytes: 1_500, totalBytes: 100_000, hitsPerFile: 3 } });
    expect(filesNotSearched.map(({ file, reason }) => `${file.slice(home.path.length + 1)}: ${reason}`)).toEqual([
      "a.zip: a zip archive",
      expect.stringMatching(/^b.gz: unpacked it is larger than/u),
      "c.gz: it is damaged",
      "d.gz: OPENAI_API_KEY stands there 30 times, of which 3 are listed",
    ]);
    expect(valueFindings.map(({ form }) => form)).toEqual(["gzip+plain", "gzip+plain", "gzip+plain"]);
  });
});

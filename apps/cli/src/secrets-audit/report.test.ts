import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { resolvePaths, surfaceKinds, type SurfaceKind } from "@openclaw/home";
import { systemClock } from "@openclaw/secrets";
import { createCanary, createTempHome, findCanary } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import type { AuditReport } from "./audit-types.ts";
import { createAudit } from "./report.ts";

type Files = Readonly<Record<string, string | object>>;

const config = ".openclaw/openclaw.json";
const store = ".openclaw/agents/main/agent/auth-profiles.json";
const modelsJson = ".openclaw/agents/main/agent/models.json";
const legacy = ".openclaw/agents/main/agent/auth.json";
const dotEnv = ".openclaw/.env";
const profiles = (entries: object) => ({ [store]: { version: 1, profiles: entries } });

interface Audited {
  readonly report: AuditReport;
  readonly text: string;
  readonly home: string;
}

async function audit(
  files: Files,
  env: Readonly<Record<string, string>> = {},
  options: { readonly allowExec?: boolean; prepare?(home: string): Promise<void> } = {},
): Promise<Audited> {
  const home = await createTempHome(files);
  try {
    await options.prepare?.(home.path);
    const paths = resolvePaths({ env: home.env, osHome: home.path, cwd: home.path });
    const { report, redact } = await createAudit({
      paths,
      env: { ...home.env, ...env },
      clock: systemClock,
      allowExec: options.allowExec === true,
      history: false,
      logFolder: join(home.path, "logs"),
      uid: undefined,
    });
    return { report, text: redact(JSON.stringify(report)).replaceAll(home.path, "$HOME"), home: home.path };
  } finally {
    await home.remove();
  }
}

const found = ({ report }: Audited) => report.findings.map(({ code, severity, jsonPath }) => `${code} ${severity} ${jsonPath}`);

test("a key in the file of a provider is at home there, also before a reference leads to it", async () => {
  const { report } = await audit({
    [config]: { secrets: { providers: { keys: { source: "file", path: "~/.openclaw/keys.json" } } } },
    [dotEnv]: "OPENAI_API_KEY=test-key-moved",
    ".openclaw/keys.json": { openai: "test-key-moved" },
    ".openclaw/keys.json.bak": { openai: "test-key-moved" },
  });
  expect(report.valueFindings.map(({ file }) => file.split("/").at(-1))).toEqual(["keys.json.bak"]);
});

describe("never stops at what is broken", () => {
  test.each([
    ["a configuration that is no JSON5", { [config]: "{ bad" }, config],
    ["a configuration with an unknown key", { [config]: { auth: { nonsense: 1 } } }, config],
    ["a store that is no JSON", { [store]: "{bad" }, store],
    ["a store whose profiles are a list", { [store]: { profiles: [] } }, store],
    ["a models.json that is no JSON", { [modelsJson]: "[1" }, modelsJson],
    ["an auth.json that is no object", { [legacy]: "[]" }, legacy],
    ["a models.json of more than 5 MiB", { [modelsJson]: `{"a":"${"x".repeat(5 * 1024 * 1024)}"}` }, modelsJson],
  ])("%s", async (_name, files: Files, broken) => {
    const audited = await audit({ ...files, [dotEnv]: "OPENAI_API_KEY=test-key-one\n" });
    expect(audited.report.status).toBe("unresolved");
    expect(audited.report.findings).toContainEqual(
      expect.objectContaining({ code: "REF_UNRESOLVED", severity: "error", file: join(audited.home, broken), jsonPath: "<root>" }),
    );
    expect(found(audited)).toContain("PLAINTEXT_FOUND warn $env.OPENAI_API_KEY");
    expect(audited.report.resolution.refsChecked).toBe(0);
  });

  test("a text that is cut off in the middle of a key does not get into the message", async () => {
    const canary = createCanary("torn");
    const files = { [config]: `{ models: { providers: { openai: { apiKey: "${canary}`, [store]: `{"profiles": {"a": {"key": "${canary}` };
    const { text } = await audit({ ...files, [modelsJson]: `{"x": "${canary}`, [legacy]: `{"x": ${canary.slice(-24)}` });
    expect(await findCanary(canary, { texts: { text } })).toEqual([]);
  });

  test("agent folders that are links to nowhere or to themselves, or have odd names", async () => {
    const audited = await audit(
      {
        ".openclaw/agents/..odd name/agent/auth-profiles.json": "{bad",
        ".openclaw/agents/file": "x",
        ".openclaw/agents/other/agent/auth-profiles.json": "{}",
      },
      {},
      {
        prepare: async (home) => {
          await symlink("loop", join(home, ".openclaw/agents/loop"));
          await symlink("/nowhere", join(home, ".openclaw/agents/gone"));
        },
      },
    );
    expect(audited.report.status).toBe("clean");
    expect(audited.report.filesScanned).toEqual(
      [".openclaw/agents/other/agent/auth-profiles.json", config].map((file) => join(audited.home, file)),
    );
  });
});

describe("what stands in plaintext", () => {
  test("every kind of file, in OpenClaw's order", async () => {
    const key = (name: string) => ({ type: "api_key", provider: "openai", key: `test-key-${name}` });
    const audited = await audit({
      [config]: {
        models: {
          providers: {
            openai: {
              baseUrl: "https://api.openai.com/v1",
              apiKey: "test-key-config",
              headers: { "X-Title": "my app", "X-Api-Key": "test-key-header" },
              models: [],
            },
          },
        },
        channels: { telegram: { botToken: "test-bot-token", accounts: { second: { botToken: "test-bot-second" } } } },
        gateway: { auth: { password: "test-password" } },
      },
      ...profiles({
        "openai:a": key("profile"),
        "anthropic:b": { type: "token", provider: "anthropic", token: "test-token" },
        "x:c": { type: "oauth", provider: "x", access: "test-access" },
      }),
      [modelsJson]: {
        providers: { openai: { apiKey: "test-key-models", headers: { Authorization: "Bearer test-key", "User-Agent": "a" } } },
      },
      [dotEnv]: "OPENAI_API_KEY=test-key-env\nOTHER=test-other\nGEMINI_API_KEY=\nexport ANTHROPIC_API_KEY_2=test-key-two\n",
      [legacy]: { groq: { type: "api_key", provider: "groq", key: "test-key-legacy" } },
    });
    expect(found(audited)).toEqual([
      "PLAINTEXT_FOUND warn models.providers.openai.apiKey",
      "PLAINTEXT_FOUND warn models.providers.openai.headers.X-Api-Key",
      "PLAINTEXT_FOUND warn gateway.auth.password",
      "PLAINTEXT_FOUND warn channels.telegram.botToken",
      "PLAINTEXT_FOUND warn channels.telegram.accounts.second.botToken",
      "PLAINTEXT_FOUND warn profiles.openai:a.key",
      "PLAINTEXT_FOUND warn profiles.anthropic:b.token",
      "LEGACY_RESIDUE info profiles.x:c",
      "PLAINTEXT_FOUND warn providers.openai.apiKey",
      "PLAINTEXT_FOUND warn providers.openai.headers.Authorization",
      "PLAINTEXT_FOUND warn $env.OPENAI_API_KEY",
      "PLAINTEXT_FOUND warn $env.ANTHROPIC_API_KEY_2",
      "LEGACY_RESIDUE warn groq",
    ]);
    expect(audited.report.summary).toMatchObject({ plaintextCount: 11, unresolvedRefCount: 0, shadowedRefCount: 0, legacyResidueCount: 2 });
    expect(audited.report.filesScanned).toEqual(
      [config, dotEnv, legacy, modelsJson, store].map((file) => join(audited.home, file)).toSorted(),
    );
    expect(audited.text).not.toMatch(/test-(?:key|bot|token|password|access|other)/u);
  });

  test.each([
    "${OPENAI_API_KEY}",
    "OPENAI_API_KEY",
    "MY_OWN_TOKEN",
    "$OPENAI_API_KEY",
    "secretref-managed",
    "secretref-env:OPENAI_API_KEY",
    "ollama-local",
    "custom-local",
    "minimax-oauth",
    "gcp-vertex-credentials",
    "AWS_PROFILE",
    "oauth:chutes",
  ])("a marker is none: %s", async (marker) => {
    const provider = { baseUrl: "https://api.openai.com/v1", apiKey: marker, models: [] };
    const audited = await audit(
      {
        [config]: { models: { providers: { openai: provider } } },
        [modelsJson]: { providers: { openai: { apiKey: marker, headers: { Authorization: marker } } } },
        ...profiles({ "openai:a": { type: "api_key", provider: "openai", key: marker } }),
        [dotEnv]: `OPENAI_API_KEY=${marker}\n`,
        ".openclaw/notes.md": `export X=\${OPENAI_API_KEY} $OPENAI_API_KEY ${marker}\n`,
      },
      { OPENAI_API_KEY: "test-key-one" },
    );
    expect(audited.report.summary.plaintextCount).toBe(0);
    expect(audited.report.valueFindings).toEqual([]);
  });

  test("S12: a value beside a reference, which wins and does not fall back to it", async () => {
    const keyRef = { source: "env", provider: "default", id: "NOT_SET" };
    const audited = await audit({
      ...profiles({ "openai:a": { type: "api_key", provider: "openai", key: "test-key-one", keyRef } }),
      [config]: { channels: { googlechat: { serviceAccount: { private_key: "test-private-key" }, serviceAccountRef: keyRef } } },
    });
    expect(found(audited)).toEqual([
      "PLAINTEXT_FOUND warn channels.googlechat.serviceAccount",
      "PLAINTEXT_FOUND warn profiles.openai:a.key",
      "REF_UNRESOLVED error channels.googlechat.serviceAccount",
      "REF_UNRESOLVED error profiles.openai:a.key",
    ]);
    expect(audited.text).toContain("SECRETS_REF_OVERRIDES_PLAINTEXT");
  });

  test("34: in a store without profiles, with the places as the file has them", async () => {
    const audited = await audit(
      {
        [store]: {
          openai: { apiKey: "test-key-flat-one" },
          "anthropic:manual": { type: "token", provider: "anthropic", token: "test-token-flat" },
          groq: { key_ref: { source: "env", provider: "default", id: "NOT_SET" } },
          codex: { accessToken: "test-access-flat", refreshToken: "test-refresh-flat" },
          notes: { by: "me" },
        },
        [config]: { models: { providers: { openai: { apiKey: "${OPENAI_API_KEY}" } } } },
        ".openclaw/a.log": "test-refresh-flat",
      },
      { OPENAI_API_KEY: "test-key-env" },
    );
    expect(found(audited)).toEqual([
      "PLAINTEXT_FOUND warn openai.apiKey",
      "PLAINTEXT_FOUND warn anthropic:manual.token",
      "LEGACY_RESIDUE info codex",
      "REF_UNRESOLVED error groq.key",
      "REF_SHADOWED warn models.providers.openai.apiKey",
    ]);
    expect(audited.report.findings.map(({ profileId }) => profileId)).toEqual([
      "openai:default",
      "anthropic:manual",
      "codex:default",
      "groq:default",
      undefined,
    ]);
    expect(audited.report.valueFindings.map(({ file, secret }) => [file.split("/").at(-1), secret])).toEqual([
      ["a.log", "profile codex:default refresh"],
    ]);
    expect(audited.text).not.toMatch(/test-(?:key|token|access|refresh)/u);
  });

  test.each([
    ["api_key", "apiKey"],
    ["api_key", "api_key"],
    ["token", "accessToken"],
    ["token", "access_token"],
  ])("34: under another name of the field of type %s: %s, where a reference is checked too", async (type, field) => {
    const plain = await audit(profiles({ "openai:a": { type, provider: "openai", [field]: "test-value-one" } }));
    expect(found(plain)).toEqual([`PLAINTEXT_FOUND warn profiles.openai:a.${field}`]);
    expect(plain.report.valueFindings).toEqual([]);
    const reference = await audit(profiles({ "openai:a": { type, provider: "openai", [field]: "${NOT_SET}" } }));
    expect(found(reference)).toEqual([`REF_UNRESOLVED error profiles.openai:a.${field}`]);
  });

  test("34: beside the field that is read, in one that is not, and outside profiles, each with what is read", async () => {
    const audited = await audit({
      [store]: {
        profiles: {
          "openai:a": { type: "api_key", provider: "openai", key: "test-key-one", apiKey: "test-key-two" },
          "openai:b": { type: "api_key", provider: "openai", token: "test-key-three" },
        },
        groq: { type: "api_key", key: "test-key-four", keyRef: { source: "env", id: "NOT_SET" } },
      },
    });
    expect(found(audited)).toEqual([
      "PLAINTEXT_FOUND warn profiles.openai:a.key",
      "PLAINTEXT_FOUND warn profiles.openai:a.apiKey",
      "PLAINTEXT_FOUND warn profiles.openai:b.token",
      "PLAINTEXT_FOUND warn groq.key",
    ]);
    expect(audited.report.findings.map(({ message }) => message.split("; ")[1])).toEqual([
      undefined,
      "nothing reads this field, so it can go.",
      "nothing reads this field, so it can go.",
      "nothing reads an account there, so it can go.",
    ]);
  });

  test("34: other names in auth.json count too", async () => {
    expect(found(await audit({ [legacy]: { groq: { type: "api_key", apiKey: "test-key-one" } } }))).toEqual(["LEGACY_RESIDUE warn groq"]);
  });
});

/** A configuration with something at a place of the table. */
function configWith(kind: SurfaceKind, value: unknown): object {
  const segments = kind.segments.map((segment) => (segment === "*" ? "authorization" : segment));
  const nested = segments.reduceRight<unknown>((inner, segment) => (segment === "[]" ? [inner] : { [segment]: inner }), value);
  // What else an entry has to have.
  if (segments[0] === "agents" && segments[1] === "list")
    return { agents: { list: [{ id: "main", memorySearch: { remote: { apiKey: value } } }] } };
  return Object(nested);
}

describe("in every place of the table", () => {
  test.each(surfaceKinds.map((kind) => [kind.id, kind] as const))("%s", async (_id, kind) => {
    const canary = createCanary("surface");
    const plain = await audit({ [config]: configWith(kind, canary), ".openclaw/a.log": canary });
    expect(plain.report.summary).toMatchObject({ plaintextCount: 1, valueFindingCount: 1 });
    expect(await findCanary(canary, { texts: { text: plain.text } })).toEqual([]);
    const reference = await audit({ [config]: configWith(kind, "${SOME_VALUE}") }, { SOME_VALUE: canary });
    expect(reference.report).toMatchObject({ summary: { plaintextCount: 0 }, resolution: { refsChecked: 1 }, status: "clean" });
  });
});

describe("references", () => {
  const providers = { vault: { source: "exec", command: "/nowhere/resolver" } };
  const exec = { source: "exec", provider: "vault", id: "key" };

  test("X20: a command is not run, is counted, and leaves the answer incomplete", async () => {
    const files = {
      [config]: { secrets: { providers } },
      ...profiles({ "openai:a": { type: "api_key", provider: "openai", keyRef: exec } }),
    };
    const { report } = await audit(files);
    expect(report).toMatchObject({ status: "clean", resolution: { refsChecked: 0, skippedExecRefs: 1, resolvabilityComplete: false } });
    const allowed = await audit(files, {}, { allowExec: true });
    expect(allowed.report).toMatchObject({
      status: "unresolved",
      resolution: { refsChecked: 1, skippedExecRefs: 0, resolvabilityComplete: true },
    });
    expect(allowed.report.findings[0]).toMatchObject({ jsonPath: "profiles.openai:a.key", provider: "openai", profileId: "openai:a" });
    expect(allowed.report.findings[0]?.message).toContain("exec:vault:key");
  });

  test.each(["${mine_key}", "$MINE_KEY", { secret: "test-key-inside" }, ["test-key-inside"]])(
    "S1: %j as the key of a provider is a reference that leads nowhere, and is not quoted",
    async (apiKey) => {
      const audited = await audit({ [config]: { models: { providers: { mine: { apiKey } } } } });
      expect(found(audited)).toEqual(["REF_UNRESOLVED error models.providers.mine.apiKey"]);
      expect(audited.text).not.toContain("test-key-inside");
    },
  );

  test("one that is used twice is checked once and told twice", async () => {
    const keyRef = { source: "env", provider: "default", id: "NOT_SET" };
    const profile = { type: "api_key", provider: "openai", keyRef };
    const { report } = await audit(profiles({ "openai:a": profile, "openai:b": profile }));
    expect(report.resolution.refsChecked).toBe(1);
    expect(report.findings.map(({ message }) => message)).toEqual([expect.stringContaining("NOT_SET"), expect.stringContaining("NOT_SET")]);
  });

  test("a key that was pasted in the place of an id is not repeated", async () => {
    const canary = createCanary("id");
    const { text, report } = await audit(
      profiles({ "openai:a": { type: "api_key", provider: "openai", keyRef: { source: "env", provider: "default", id: canary } } }),
    );
    expect(report.summary.unresolvedRefCount).toBe(1);
    expect(await findCanary(canary, { texts: { text } })).toEqual([]);
  });

  test("a reference of the configuration is shadowed by stored profiles, in any spelling of the provider", async () => {
    const provider = { baseUrl: "https://api.z.ai/v1", apiKey: "${ZAI_KEY}", models: [] };
    const audited = await audit(
      {
        [config]: { models: { providers: { zai: provider } } },
        ...profiles({ "z.ai:a": { type: "api_key", provider: "z.ai", key: "test-key-one" } }),
      },
      { ZAI_KEY: "test-key-two" },
    );
    expect(audited.report.findings.at(-1)).toMatchObject({
      code: "REF_SHADOWED",
      severity: "warn",
      file: "openclaw.json",
      jsonPath: "models.providers.zai.apiKey",
      provider: "zai",
    });
  });

  test("L6: keys in the environment of the process are told of, and are no finding", async () => {
    const { report, text } = await audit({}, { OPENAI_API_KEY: "test-key-one" });
    expect(report.status).toBe("clean");
    expect(report.notices).toEqual([
      { code: "KEYS_IN_ENVIRONMENT", message: expect.stringMatching(/^OPENAI_API_KEY stands in the environment/u) },
    ]);
    expect(text).not.toContain("test-key-one");
  });
});

describe("values that are searched for", () => {
  const value = (name: string) => `test-key-${name}-0123456789`;
  const names = [
    "process",
    "dotenv",
    "referenced",
    "env",
    "vars",
    "config",
    "key",
    "token",
    "access",
    "refresh",
    "legacy",
    "older",
    "gateway",
    "file",
    "second",
  ];
  const files: Files = {
    [config]: {
      env: { GROQ_API_KEY: value("env"), vars: { MISTRAL_API_KEY: value("vars") } },
      models: {
        providers: {
          openai: {
            baseUrl: "https://api.openai.com/v1",
            apiKey: value("config"),
            headers: { Authorization: "${NAMED_VALUE}" },
            models: [],
          },
        },
      },
      secrets: { providers: { vault: { source: "file", path: "~/.openclaw/vault.json" } } },
    },
    [dotEnv]: `ANTHROPIC_API_KEY=${value("dotenv")}\nexport NAMED_VALUE='${value("referenced")}'\nOPENROUTER_API_KEYS=${value("second")},test-key-third-0123456789\n`,
    ...profiles({
      "openai:a": { type: "api_key", provider: "openai", key: value("key") },
      "anthropic:b": { type: "token", provider: "anthropic", token: value("token") },
      "x:c": { type: "oauth", provider: "x", access: value("access"), refresh: value("refresh") },
      "y:d": { type: "api_key", provider: "y", keyRef: { source: "file", provider: "vault", id: "/a" } },
    }),
    [legacy]: { groq: { type: "api_key", provider: "groq", key: value("legacy") } },
    ".openclaw/credentials/oauth.json": { x: { access: value("older"), refresh: "r" } },
    ".openclaw/gateway-token": `${value("gateway")}\n`,
    ".openclaw/vault.json": { a: value("file") },
  };
  const env = { OPENAI_API_KEY: value("process") };

  test("are not found where they are at home", async () => {
    expect((await audit(files, env)).report.valueFindings).toEqual([]);
  });

  test.each(names)("are found in a log: %s", async (name) => {
    const { report } = await audit({ ...files, ".openclaw/logs/a.log": `... ${value(name)}\n` }, env);
    expect(report.valueFindings).toMatchObject([{ file: expect.stringMatching(/a\.log$/u), line: 1, form: "plain" }]);
  });
});

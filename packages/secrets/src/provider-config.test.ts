import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { resolutionLimitsSchema, secretProvidersSchema } from "./provider-config.ts";

const read = (vault: unknown) => secretProvidersSchema.safeParse({ vault });

describe("a provider that is taken", () => {
  test.each<[string, object]>([
    ["env", { source: "env" }],
    ["env with a list", { source: "env", allowlist: ["OPENAI_API_KEY"] }],
    ["env that denies all", { source: "env", allowlist: [] }],
    ["file", { source: "file", path: "/run/secrets/a.json" }],
    ["file with everything", { source: "file", path: "~/a", mode: "singleValue", timeoutMs: 1, maxBytes: 1, allowInsecurePath: true }],
    ["exec", { source: "exec", command: "/usr/bin/op" }],
    [
      "exec with everything",
      {
        source: "exec",
        command: "/opt/homebrew/bin/op",
        args: ["read", "op://Personal/A key/password", ""],
        env: { MODE: "", http_proxy: "x" },
        passEnv: ["HOME", "_"],
        timeoutMs: 120_000,
        noOutputTimeoutMs: 10,
        maxOutputBytes: 20_971_520,
        jsonOnly: false,
        allowSymlinkCommand: true,
        trustedDirs: ["/opt/homebrew"],
        allowInsecurePath: false,
      },
    ],
  ])("%s", (_, config) => {
    expect(read(config)).toEqual({ success: true, data: { vault: config } });
  });
});

describe("a provider that is refused", () => {
  test.each<[string, unknown]>([
    ["no source", { command: "/bin/a" }],
    ["an unknown source", { source: "vault" }],
    ["a further key", { source: "env", extra: true }],
    ["a key of another source", { source: "env", path: "/a" }],
    ["nothing", null],
    ["a list", []],
    ["an allowlist in lower case", { source: "env", allowlist: ["path"] }],
    ["a relative file", { source: "file", path: "a.json" }],
    ["another user's home", { source: "file", path: "~root/a.json" }],
    ["a variable in a path", { source: "file", path: "$HOME/a" }],
    ["a NUL in a path", { source: "file", path: "/a\0" }],
    ["an unknown mode", { source: "file", path: "/a", mode: "yaml" }],
    ["no time", { source: "file", path: "/a", timeoutMs: 0 }],
    ["all the time", { source: "exec", command: "/a", timeoutMs: 120_001 }],
    ["half a millisecond", { source: "exec", command: "/a", timeoutMs: 0.5 }],
    ["a bare command [X1]", { source: "exec", command: "op" }],
    ["a command line [X1]", { source: "exec", command: "sh -c true" }],
    ["a relative command [X1]", { source: "exec", command: "./op" }],
    ["a NUL in an argument [X6]", { source: "exec", command: "/a", args: ["test-canary\0"] }],
    ["a NUL in a variable [X5]", { source: "exec", command: "/a", env: { A: "test-canary\0" } }],
    ["an assignment in passEnv [X5]", { source: "exec", command: "/a", passEnv: ["A=test-canary"] }],
    ["an assignment as a name [X5]", { source: "exec", command: "/a", env: { "A=B": "" } }],
    ["a relative trusted folder [X2]", { source: "exec", command: "/a", trustedDirs: ["opt"] }],
  ])("%s", (_, config) => {
    const result = read(config);
    expect(result.success).toBe(false);
    expect(inspect(result.error, { showHidden: true, depth: 9 })).not.toContain("test-canary");
  });

  test.each(["", "Vault", "2a", "a b", "__proto__", "a".repeat(65)])("alias %j", (alias) => {
    expect(secretProvidersSchema.safeParse(JSON.parse(`{${JSON.stringify(alias)}:{"source":"env"}}`)).success).toBe(alias === "__proto__");
  });
});

test("the limits are those that are documented, and positive", () => {
  expect(resolutionLimitsSchema.parse({ maxProviderConcurrency: 4, maxRefsPerProvider: 512, maxBatchBytes: 262_144 })).toBeDefined();
  expect(resolutionLimitsSchema.parse({})).toEqual({});
  for (const wrong of [{ maxProviderConcurrency: 0 }, { maxRefsPerProvider: -1 }, { maxBatchBytes: 1.5 }, { other: 1 }, null]) {
    expect(resolutionLimitsSchema.safeParse(wrong).success).toBe(false);
  }
});

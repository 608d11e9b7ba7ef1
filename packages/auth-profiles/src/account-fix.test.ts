import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { accountFix } from "./account-fix.ts";

test.each([
  [{ type: "oauth" }, undefined, "openclaw models auth login --provider openai --profile-id openai:a"],
  [
    { type: "oauth", reasonCode: "missing_credential" },
    "work",
    "openclaw models auth login --provider openai --profile-id openai:a --agent work",
  ],
  [{ type: "token" }, undefined, "openclaw models auth paste-token --provider openai --profile-id openai:a"],
  [
    { type: "api_key", reasonCode: "missing_credential" },
    undefined,
    "openclaw models auth add --type api_key --provider openai --profile-id openai:a",
  ],
  [{ type: "oauth", importedFrom: "codex" }, "work", "openclaw models auth import codex --profile-id openai:a --agent work"],
  [{ type: "api_key", reasonCode: "unresolved_ref" }, "work", "openclaw secrets explain openai:a --agent work"],
] as const)("%j, agent %s: %s", (health, agent, command) => {
  expect(accountFix({ profileId: "openai:a", provider: "openai", ...health }, agent)).toBe(command);
});

test.each(["a b", "a;id", "$(id)", "`id`", "it's", "''", "a\nb", "*", "é", ""])(
  "an id with a meaning for the shell stays one word: %j",
  (id) => {
    const fix = accountFix({ profileId: id, provider: "openai", type: "token" });
    const words = execFileSync("/bin/sh", ["-c", `openclaw() { printf '%s\\0' "$@"; }; ${fix}`], { encoding: "utf8" });
    expect(words.split("\0").slice(0, -1)).toEqual(["models", "auth", "paste-token", "--provider", "openai", "--profile-id", id]);
  },
);

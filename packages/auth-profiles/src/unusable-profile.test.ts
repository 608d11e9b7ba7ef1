import { describe, expect, test } from "vitest";
import { parseProfile } from "./profile.ts";
import { unusableProfile } from "./unusable-profile.ts";

describe("the advice fits the profile and the reason", () => {
  test.each([
    ["missing_credential", { type: "api_key" }, "openclaw models auth paste-token --provider p --profile-id p:x"],
    ["missing_credential", { type: "oauth" }, "openclaw models auth login --provider p"],
    ["expired", { type: "token", expires: 1_700_000_000_000 }, "openclaw models auth paste-token --provider p --profile-id p:x"],
    ["expired", { type: "token", expires: 1_700_000_000 }, "multiply by 1000"],
    ["invalid_expires", { type: "token", expires: null }, "future Unix time in milliseconds"],
    ["expired", { type: "token", expires: 1_700_000_000_000, metadata: { importedFrom: "claude" } }, "openclaw models auth import claude"],
    ["expired", { type: "oauth", metadata: { importedFrom: "codex" } }, "openclaw models auth import codex"],
    ["expired", { type: "oauth", metadata: { importedFrom: "--json" } }, "openclaw models auth login --provider p"],
    ["mode_mismatch", { type: "token" }, 'set auth.profiles.p:x.mode to "token"'],
    ["provider_mismatch", { type: "token" }, "is for p"],
  ] as const)("%s, %j", (reason, entry, hint) => {
    const parsed = parseProfile("p:x", { provider: "p", ...entry });
    if ("dropped" in parsed) throw new Error(`dropped: ${parsed.dropped}`);
    const error = unusableProfile("p:x", parsed.profile, reason);
    expect(error).toMatchObject({ code: "profile-unusable", reason, profileId: "p:x", hint: expect.stringContaining(hint) });
  });
});

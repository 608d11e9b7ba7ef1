import { envKeys } from "@openclaw/key-rotation";
import { authProviderId, findProvider, providerSpecs } from "@openclaw/providers";
import { describe, expect, test } from "vitest";
import { credentialHint } from "./credential-hint.ts";

describe("the variable a person is told to set", () => {
  test.each(providerSpecs.filter((spec) => spec.authKinds.includes("api_key")).map((spec) => [spec.id, spec] as const))(
    "is read for %s",
    (id, spec) => {
      const variable = /^set (\S+) /u.exec(credentialHint(spec))?.[1] ?? "";
      expect(envKeys({ [variable]: "test-key-one" }, authProviderId(id), { variables: spec.env })).toHaveLength(1);
    },
  );

  test.each([
    ["anthropic", "ANTHROPIC_API_KEY"],
    ["google-vertex", "GOOGLE_CLOUD_API_KEY"],
    ["volcengine-plan", "VOLCANO_ENGINE_API_KEY"],
  ])("of %s is %s", (id, variable) => {
    const spec = findProvider(id);
    expect(spec && credentialHint(spec)).toContain(` ${variable} `);
  });

  test("is none for a provider one signs in to", () => {
    const spec = findProvider("openai-codex");
    expect(spec && credentialHint(spec)).toBe("add a profile of openai-codex to auth-profiles.json");
  });
});

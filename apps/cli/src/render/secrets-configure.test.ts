import { expect, test } from "vitest";
import { renderPlan, renderPreflight } from "./secrets-configure.ts";

test("a plan is shown as places and references", () => {
  const text = renderPlan({
    version: 1,
    protocolVersion: 1,
    generatedBy: "openclaw secrets configure",
    providerUpserts: { vault: { source: "exec", command: "/bin/vault", args: ["not shown"] } },
    providerDeletes: ["old"],
    targets: [
      {
        type: "auth-profiles.api_key.key",
        path: "profiles.openai:work.key",
        agentId: "main",
        authProfileProvider: "openai",
        ref: { source: "exec", provider: "vault", id: "openai" },
      },
    ],
    options: { scrubEnv: true, scrubAuthProfilesForProviderTargets: true, scrubLegacyAuthJson: true },
  });
  expect(text.split("\n")).toEqual([
    "The plan:",
    "  set secrets.providers.vault (exec)",
    "  remove secrets.providers.old",
    "  profiles.openai:work.key (agent main, new for openai)",
    "    -> exec:vault:openai",
    "  The stored values these references stand for are removed, also from .env and auth.json.",
  ]);
});

test("a reference that leads nowhere says why and what to do", () => {
  const text = renderPreflight([
    { path: "gateway.auth.token", reference: "env:default:NOPE", outcome: "missing", reason: "it is empty", hint: "set NOPE" },
    { path: "cron.webhookToken", reference: "env:default:HOOK", outcome: "same" },
  ]);
  expect(text).toBe(
    "gateway.auth.token\n  env:default:NOPE\n  LEADS NOWHERE\n    it is empty\n    set NOPE\n" +
      "cron.webhookToken\n  env:default:HOOK\n  the value in use now",
  );
});

import type { GatewayEvent } from "@openclaw/gateway";
import type { Plan } from "@openclaw/key-rotation";
import { SecretsError } from "@openclaw/secrets";
import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { renderGatewayEvent } from "./gateway-event.ts";

const at = new Date(2026, 5, 1, 14, 0, 0);
const candidate = { ...fakeCandidate("anthropic:work", { via: "profile" }), profileId: "anthropic:work", origin: "profile anthropic:work" };
const plan: Plan = { provider: "anthropic", model: "claude", candidates: [candidate], excluded: [] };

test("a failure says what the provider wishes, and the line behind it how long the credential is left alone", () => {
  const failure = { class: "rate_limit", scope: "model", status: 429, retryAt: at.getTime() + 7_500_000, rule: "status" } as const;
  expect(renderGatewayEvent({ type: "failed", plan, candidate, failure }, at)).toBe(
    "14:00:00 failed anthropic/claude with profile anthropic:work: rate_limit 429, the provider says to retry in 2h 5m (rule status)",
  );
  const until = at.getTime() + 3_600_000;
  expect(renderGatewayEvent({ type: "cooling", plan, candidate, until, reason: "rate_limit" }, at)).toBe(
    "14:00:00 profile anthropic:work is left alone for 1h, until 15:00:00 (rate_limit)",
  );
});

test("a reload says which secrets, places and variables are others, and never how", () => {
  const report = { outcome: "swapped", generation: 3, changed: [], failures: [], diagnostics: [] } as const;
  const none = { config: [], env: [] };
  const render = (event: Partial<GatewayEvent & { readonly type: "secrets" }>) =>
    renderGatewayEvent({ type: "secrets", read: "home", report, ...none, ...event }, at);
  expect(render({})).toBe("14:00:00 home read again, settings and secrets are as they were (generation 3)");
  expect(render({ read: "references" })).toBe("14:00:00 references read again, no secret changed (generation 3)");
  expect(render({ read: "accounts", report: { ...report, changed: ["profiles.a.key"] } })).toBe(
    "14:00:00 secrets reloaded (generation 3), changed: profiles.a.key",
  );
  expect(render({ config: ["agents.defaults.model", "models.providers.mine"], env: ["MINE_API_KEY"] })).toBe(
    "14:00:00 home read again (generation 3); changed in openclaw.json: agents.defaults.model, models.providers.mine; changed variables: MINE_API_KEY",
  );
  const many = Array.from({ length: 23 }, (_, index) => `K${index}`);
  expect(render({ env: many, report: { ...report, changed: ["a.b"] } })).toBe(
    `14:00:00 secrets reloaded (generation 3), changed: a.b; changed variables: ${many.slice(0, 20).join(", ")} and 3 more`,
  );
});

test("a reload that took nothing over says each time what does not resolve, and what to type", () => {
  const failure = (path: string, hint?: string) => ({
    path,
    owner: path,
    ref: "env:default:CI_TOKEN",
    code: "reference-unresolved" as const,
    isRequired: true,
    error: new SecretsError("reference-unresolved", "CI_TOKEN is not set.", hint === undefined ? {} : { hint }),
  });
  const report = { outcome: "kept", generation: 3, changed: [], diagnostics: [] } as const;
  const failures = [failure("gateway.clients.ci.token", "set CI_TOKEN"), failure("models.providers.x.apiKey")];
  expect(renderGatewayEvent({ type: "secrets", read: "home", config: [], env: [], report: { ...report, failures } }, at)).toBe(
    "14:00:00 nothing was taken over, everything stays as it was; gateway.clients.ci.token: CI_TOKEN is not set; set CI_TOKEN; models.providers.x.apiKey: CI_TOKEN is not set; openclaw secrets explain models.providers.x.apiKey",
  );
  expect(renderGatewayEvent({ type: "secrets", read: "references", config: [], env: [], report: { ...report, failures: [] } }, at)).toBe(
    "14:00:00 secrets kept as they were",
  );
});

test.each([
  [
    { type: "clients", added: ["ci"], removed: ["old"], replaced: ["admin"], ended: 2 },
    "tokens changed: new: ci; another token: admin; gone: old; 2 answers under way ended",
  ],
  [{ type: "clients", added: [], removed: ["old"], replaced: [], ended: 1 }, "tokens changed: gone: old; 1 answer under way ended"],
  [{ type: "clients", added: [], removed: ["old"], replaced: [], ended: 0 }, "tokens changed: gone: old"],
  [
    { type: "refused", status: 403, code: "forbidden", message: "This client may not", client: "ci" },
    "refused with 403 forbidden, client ci: This client may not",
  ],
  [{ type: "refused", status: 401, code: "unauthorized", message: "no" }, "refused with 401 unauthorized: no"],
  [{ type: "wrong-tokens", source: "10.0.0.1" }, "wrong tokens keep coming from 10.0.0.1: it has to wait between them"],
  [{ type: "overloaded", reason: "requests" }, "requests are refused: as many are under way as may be (gateway.limits)"],
  [
    { type: "admin-change", operation: "setOrder", by: "admin", what: "order of test (agent main): test:a\u001b[2J" },
    "admin over the API: order of test (agent main): test:a",
  ],
  [{ type: "overload-over", refused: 7 }, "requests are taken again; 7 were refused"],
] as const)("what happens where people get in: %j", (event, text) => {
  expect(renderGatewayEvent(event, at)).toBe(`14:00:00 ${text}`);
});

import type { Failure, Plan } from "@openclaw/key-rotation";
import { fakeCandidate } from "@openclaw/testkit";
import { expect, test } from "vitest";
import type { GatewayEvent } from "./context.ts";
import { levelOf } from "./event-level.ts";

const candidate = fakeCandidate("one");
const plan: Plan = { provider: "test", candidates: [candidate], excluded: [] };
const failed = (failure: Pick<Failure, "class" | "window">): GatewayEvent => ({
  type: "failed",
  plan,
  candidate,
  failure: { scope: "credential", rule: "status", ...failure },
});
const cooling = (reason: string): GatewayEvent => ({ type: "cooling", plan, candidate, until: 1, reason });
const refused = (code: string): GatewayEvent => ({ type: "refused", status: 503, code, message: "" });
const failing = (code: string): GatewayEvent => ({ type: "login-failing", profileId: "a", agentId: "main", code, message: "" });
const account = (to: "dead" | "expiring" | "expired" | "recovered"): GatewayEvent => ({
  type: "account-state",
  event: { profileId: "a", provider: "test", from: "ok", to, at: 1 },
});

test.each<readonly [string, GatewayEvent, ReturnType<typeof levelOf>]>([
  ["a bug", { type: "internal", error: new Error("x") }, "error"],
  ["an account that works no longer", account("dead"), "error"],
  ["one that soon will not", account("expiring"), "warn"],
  ["one that is renewed by itself", account("expired"), "info"],
  ["one that works again", account("recovered"), "info"],
  ["a key that was refused", failed({ class: "auth" }), "warn"],
  ["a key that is left alone because it cannot pay", cooling("billing"), "warn"],
  ["the failures before that", failed({ class: "billing" }), "info"],
  ["a rate limit", failed({ class: "rate_limit" }), "info"],
  ["what follows it", cooling("rate_limit"), "info"],
  ["a login that somebody has to renew", failing("oauth-refresh-rejected"), "warn"],
  ["a provider of logins that is down", failing("oauth-unavailable"), "info"],
  ["a request for a provider without credentials", refused("no_credentials"), "warn"],
  ["a request for what there is not", refused("model_not_found"), "info"],
  ["a token that is not valid", refused("unauthorized"), "info"],
  [
    "money spent that was thought flat",
    { type: "billing-crossing", from: "subscription", to: "metered", asked: "a/b", answered: "a/b", candidate },
    "warn",
  ],
  ["files that cannot be read", { type: "reload-failed", message: "" }, "warn"],
  ["files that can be read again", { type: "reload-recovered" }, "info"],
  ["one that was guessed at", { type: "wrong-tokens", source: "10.0.0.1" }, "warn"],
])("of %s", (_what, event, level) => {
  expect(levelOf(event)).toBe(level);
});

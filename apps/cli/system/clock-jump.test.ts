import { createTempHome, findProgram, runProcess, startFakeIdp, startProcess, type TempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { BIN } from "../e2e/openclaw.ts";

const faketime = findProgram("faketime") ?? "";
const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

/** Runs the command line with a clock that is a year off. */
async function openclaw(home: TempHome, jump: "+1y" | "-1y" | "+0", args: readonly string[]) {
  return runProcess(faketime, ["-f", jump, process.execPath, BIN, ...args], { env: home.env, timeoutMs: 40_000 });
}

const report = z.object({
  auth: z.object({ oauth: z.object({ profiles: z.array(z.looseObject({ profileId: z.string(), status: z.string() })) }) }),
});

async function statuses(home: TempHome, jump: "+1y" | "-1y" | "+0") {
  const { code, stdout } = await openclaw(home, jump, ["models", "status", "--check", "--json"]);
  return { code, ...Object.fromEntries(report.parse(JSON.parse(stdout)).auth.oauth.profiles.map((each) => [each.profileId, each.status])) };
}

test.skipIf(!faketime)("A2: a clock that jumps a year and back changes what is said, and nothing that is stored", async () => {
  const token = (expires: number) => ({ type: "token", provider: "anthropic", token: "test-token-one", expires });
  const home = await createTempHome({
    [STORE]: { profiles: { "anthropic:long": token(Date.now() + 2 * YEAR), "anthropic:short": token(Date.now() + 48 * HOUR) } },
  });
  onTestFinished(() => home.remove());
  const before = await home.read(STORE);
  expect(await statuses(home, "+0")).toEqual({ code: 0, "anthropic:long": "ok", "anthropic:short": "ok" });
  expect(await statuses(home, "+1y")).toEqual({ code: 1, "anthropic:long": "ok", "anthropic:short": "expired" });
  expect(await statuses(home, "-1y")).toEqual({ code: 0, "anthropic:long": "ok", "anthropic:short": "ok" });
  expect(await home.read(STORE)).toBe(before);
});

test.skipIf(!faketime)("A2: a gateway whose clock is a year ahead refreshes a login once, and does not storm", async () => {
  const idp = await startFakeIdp();
  onTestFinished(() => idp.close());
  const { access, refresh } = idp.issue();
  const oauth = { tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] };
  const home = await createTempHome({
    ".openclaw/openclaw.json": {
      gateway: { mode: "local" },
      models: { providers: { acme: { baseUrl: "https://acme.test/v1", api: "openai-completions", oauth } } },
    },
    [STORE]: {
      profiles: { "acme:work": { type: "oauth", provider: "acme", access, refresh, expires: Date.now() + HOUR, accountId: "account-one" } },
    },
  });
  onTestFinished(() => home.remove());
  const gateway = await startProcess(faketime, ["-f", "+1y", process.execPath, BIN, "gateway", "--port", "0"], { env: home.env });
  onTestFinished(async () => {
    await gateway.stop();
  });
  await gateway.waitForOutput(/login acme:work .* refreshed/u, 30_000);
  const stored = z.object({ profiles: z.record(z.string(), z.object({ expires: z.number() })) }).parse(JSON.parse(await home.read(STORE)));
  expect(stored.profiles["acme:work"]?.expires).toBeGreaterThan(Date.now() + YEAR - 48 * HOUR);
  expect([idp.tokenRequests(), idp.reuses()]).toEqual([1, 0]);
});

import { createHomeHealth, openHome, resolvePaths } from "@openclaw/home";
import { createTempHome, manualClock } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { createReadiness } from "./readiness.ts";

const onTime = { p50Ms: 0, p99Ms: 0, maxMs: 0 };

async function setUp(options: { readonly isClosing?: boolean; readonly delay?: typeof onTime } = {}) {
  const folder = await createTempHome();
  onTestFinished(() => folder.remove());
  await folder.write(".openclaw/openclaw.json", { agents: { defaults: { model: "openai/some-model" } } });
  const env = { ...folder.env, OPENAI_API_KEY: "test-key-one" };
  const home = await openHome({ paths: resolvePaths({ env, osHome: folder.path, cwd: folder.path }), env });
  onTestFinished(() => home.close());
  const clock = manualClock();
  const readiness = createReadiness({
    home: () => home.current,
    health: createHomeHealth(home.current, { clock }),
    clock,
    eventLoop: { delay: () => options.delay ?? onTime },
    isClosing: () => options.isClosing ?? false,
  });
  return readiness;
}

test("a gateway that ends is not ready, whatever it could still serve", async () => {
  const readiness = await setUp({ isClosing: true });
  expect(readiness.isReady()).toBe(false);
  expect(readiness.report()).toMatchObject({ isReady: false, reasons: [{ code: "draining" }] });
});

test("one that is late serves, and says so", async () => {
  const readiness = await setUp({ delay: { ...onTime, p99Ms: 400 } });
  expect(readiness.isReady()).toBe(true);
  expect(readiness.report().warnings).toMatchObject([{ code: "event-loop-late", what: expect.stringContaining("400 ms") }]);
});

test("what was told to be wrong is a warning until it is told to be over", async () => {
  const readiness = await setUp();
  const codes = () => readiness.report().warnings.map(({ code }) => code);
  const account = { profileId: "openai:me", provider: "openai", at: 1 };
  const report = { outcome: "kept", generation: 1, changed: [], failures: [], diagnostics: [] } as const;
  readiness.observe({ type: "reload-failed", message: "openclaw.json:1:2: not valid JSON5" });
  readiness.observe({ type: "cooldowns-not-kept", code: "store-unwritable", message: "no space" });
  readiness.observe({ type: "secrets", read: "home", config: [], env: [], report });
  readiness.observe({ type: "account-state", event: { ...account, from: "ok", to: "dead", fix: "openclaw models auth login" } });
  expect(codes()).toEqual(["reload-failed", "cooldowns-not-kept", "secrets-kept", "account-dead"]);
  readiness.observe({ type: "secrets", read: "home", config: [], env: [], report: { ...report, outcome: "swapped" } });
  readiness.observe({ type: "cooldowns-kept", path: "auth-state.json" });
  readiness.observe({ type: "account-state", event: { ...account, from: "dead", to: "recovered" } });
  expect(codes()).toEqual([]);
  readiness.observe({ type: "account-state", event: { ...account, from: "ok", to: "dead" } });
  readiness.observe({ type: "accounts", added: [], removed: ["openai:me"], replaced: [], renewed: [] });
  expect(codes()).toEqual([]);
});

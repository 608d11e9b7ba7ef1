import { openHome, resolvePaths, type Home } from "@openclaw/home";
import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { billingView } from "./billing-view.ts";
import type { StreamEnd } from "./explanation.ts";

async function open(auth: object): Promise<Home> {
  const folder = await createTempHome({ ".openclaw/openclaw.json": { auth } });
  onTestFinished(() => folder.remove());
  const home = await openHome({
    paths: resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path }),
    env: folder.env,
    use: "inspect",
  });
  onTestFinished(() => home.close());
  return home;
}

const spent: StreamEnd = { code: "spent", because: "" };
const ordered: StreamEnd = { code: "order_config", because: "" };

test.each<[string, object, StreamEnd, string | undefined, string]>([
  ["nothing was ordered", {}, spent, undefined, "no order is set and no account is pinned: going on to 1"],
  [
    "nothing was ordered, and it is allowed",
    { billingCrossing: "allow" },
    spent,
    undefined,
    "no order is set and no account is pinned: going on",
  ],
  ["an order allows it", { billingCrossing: "allow" }, ordered, undefined, 'auth.billingCrossing is "allow": going on to 1'],
  [
    "a pin allows it",
    { billingCrossing: "allow", pins: "prefer" },
    spent,
    "anthropic:work",
    'auth.billingCrossing is "allow": going on to 1',
  ],
  [
    "a pin, and no setting that allows it",
    { pins: "prefer" },
    spent,
    "anthropic:work",
    "going on to 1 credential paid per token is announced",
  ],
  ["an order, and a setting that refuses it", { billingCrossing: "refuse" }, ordered, undefined, "going on to 1"],
])("names what lets requests go on only where it is there: %s", async (_name, auth, end, pin, text) => {
  const home = await open(auth);
  const plan = { provider: "anthropic", candidates: [], excluded: [] };
  const { because } = billingView({ home: home.current, plan, crossed: new Set(["anthropic:key"]), pin, end, role: "requested" });
  expect(because.startsWith(text)).toBe(true);
});

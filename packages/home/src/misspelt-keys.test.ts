import { createTempHome } from "@openclaw/testkit";
import { expect, onTestFinished, test } from "vitest";
import { parseConfig } from "./config.ts";
import { openHome } from "./home.ts";
import { misspeltKeys } from "./misspelt-keys.ts";
import { resolvePaths } from "./paths.ts";

const warnings = (gateway: object) => misspeltKeys(parseConfig(JSON.stringify({ gateway }), "openclaw.json"));

test.each([
  ["prot", "port"],
  ["Port", "port"],
  ["client", "clients"],
  ["allowedHost", "allowedHosts"],
  ["trustedProxys", "trustedProxies"],
  ["limit", "limits"],
])("gateway.%s is nearly gateway.%s, which it does not set", (written, meant) => {
  expect(warnings({ [written]: {} })).toEqual([
    `gateway.${written} is not read: if gateway.${meant} is meant, correct it in openclaw.json`,
  ]);
});

test("keys of ours, and those of other parts, are nobody's mistake", () => {
  const ours = {
    mode: "local",
    port: 1,
    bind: "loopback",
    auth: {},
    clients: {},
    allowedHosts: [],
    trustedProxies: [],
    limits: {},
    log: {},
  };
  const others = { remote: {}, controlUi: {}, tailscale: {}, http: {}, reload: {}, nodes: {}, tools: {}, tls: {}, channelHealth: {} };
  expect(warnings({ ...ours, ...others })).toEqual([]);
  expect(misspeltKeys({})).toEqual([]);
});

test("a home says so among its warnings", async () => {
  const folder = await createTempHome({ ".openclaw/openclaw.json": { gateway: { prot: 1 } } });
  onTestFinished(() => folder.remove());
  const home = await openHome({ paths: resolvePaths({ env: folder.env, osHome: folder.path, cwd: folder.path }), env: folder.env });
  expect(home.current.warnings).toEqual([expect.stringContaining("gateway.prot is not read")]);
});

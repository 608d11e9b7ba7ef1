import { expect, test } from "vitest";
import { createAllowedHosts } from "./allowed-hosts.ts";

const machine = { port: 18789, hostname: "Box", addresses: ["192.168.1.5", "fd00::5", "fe80::1%eth0"] };
const own = ["127.0.0.1", "localhost", "[::1]", "127.0.0.1:18789", "localhost:18789", "[::1]:18789", "LOCALHOST:18789", "localhost:8080"];
const never = [
  "",
  "evil.example",
  "evil.example:18789",
  "127.0.0.1.evil.example",
  "localhost.",
  "localhost.evil.example",
  "evil.example#localhost",
  "localhost@evil.example",
  "2130706433",
  "0x7f000001",
  "0177.0.0.1",
  "127.1",
  "127.0.0.2",
  "0.0.0.0",
  "[::]",
  "::1",
  "[::1]x",
  "[::1]:",
  "localhost:",
  "localhost:1:2",
  "localhost:port",
  "localhost:123456",
  "localhost, evil.example",
  " localhost",
];
const reachable = ["box", "box:1", "box.local:18789", "192.168.1.5", "192.168.1.5:18789", "[fd00::5]:18789", "[fe80::1]", "Box"];

test.each(own)("G1: %j is a name of this machine, wherever it listens", (host) => {
  for (const bind of ["loopback", "lan"] as const)
    expect(createAllowedHosts({ ...machine, bind, configured: [] }).has(host, undefined)).toBe(true);
});

test.each(never)("G1: %j is none", (host) => {
  for (const bind of ["loopback", "lan"] as const)
    expect(createAllowedHosts({ ...machine, bind, configured: [] }).has(host, undefined)).toBe(false);
});

test.each(reachable)("G1: %j is one where others can reach this machine, and none on loopback", (host) => {
  expect(createAllowedHosts({ ...machine, bind: "lan", configured: [] }).has(host, undefined)).toBe(true);
  expect(createAllowedHosts({ ...machine, bind: "loopback", configured: [] }).has(host, undefined)).toBe(false);
});

test("an address that came since the start is one where the client connected to it", () => {
  const hosts = createAllowedHosts({ ...machine, bind: "lan", configured: [] });
  expect(hosts.has("10.0.0.9:18789", "10.0.0.9")).toBe(true);
  expect(hosts.has("10.0.0.9:18789", "::ffff:10.0.0.9")).toBe(true);
  expect(hosts.has("10.0.0.9", "192.168.1.5")).toBe(false);
  expect(createAllowedHosts({ ...machine, bind: "loopback", configured: [] }).has("10.0.0.9", "10.0.0.9")).toBe(false);
});

test("a configured name is taken with any port, one with a port with that port alone", () => {
  const hosts = createAllowedHosts({ ...machine, bind: "loopback", configured: ["gw.example", "other.example:8443"] });
  const asked = [
    "gw.example",
    "gw.example:1",
    "GW.example:2",
    "other.example:8443",
    "Other.example:8443",
    "other.example",
    "other.example:1",
    "a.gw.example",
  ];
  expect(asked.map((host) => hosts.has(host, undefined))).toEqual([true, true, true, true, true, false, false, false]);
});

import { tmpdir } from "node:os";
import { openHome, resolvePaths } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { changedCallers, createCallers, type Callers } from "./callers.ts";
import { gatewayToken } from "./gateway-token.ts";

const ADMIN = "test-token-of-admin-0123456789abcdef";
const CI = "test-token-of-ci-0123456789abcdefghij";
const DEV = "test-token-of-dev-0123456789abcdefghi";

const noVariables: Readonly<Record<string, string>> = {};

async function callersOf(gateway: object, { admin = ADMIN, bind = "lan", onFailure = "strict", env = noVariables } = {}): Promise<Callers> {
  const folder = await createTempHome({ ".openclaw/openclaw.json": { gateway, secrets: { onFailure } } });
  onTestFinished(() => folder.remove());
  const all = { ...folder.env, ...env };
  const home = await openHome({ paths: resolvePaths({ env: all, osHome: folder.path, cwd: tmpdir() }), env: all, use: "gateway" });
  return createCallers({
    token: gatewayToken(Secret.of(admin), "the admin's"),
    home: home.current,
    bind: bind === "lan" ? "lan" : "loopback",
  });
}

test("G6: a token is its owner's alone, whatever else is shown", async () => {
  const callers = await callersOf({ clients: { ci: { token: CI }, dev: { token: "${DEV_TOKEN}" } } }, { env: { DEV_TOKEN: DEV } });
  expect([ADMIN, CI, DEV].map((token) => callers.find(token)?.caller.name)).toEqual(["admin", "ci", "dev"]);
  const others = ["", " ", ADMIN.slice(0, -1), `${ADMIN} `, ADMIN.toUpperCase(), "t".repeat(1_000_000), "\u0000", "тест", `${ADMIN}${CI}`];
  expect(others.map((token) => callers.find(token))).toEqual(others.map(() => undefined));
});

describe("T6: what no gateway starts with", () => {
  test.each<[string, object, string]>([
    ["two clients with one token", { ci: { token: CI }, dev: { token: CI } }, "token-duplicate"],
    ["a client with the admin's", { ci: { token: ADMIN } }, "token-duplicate"],
    ["a client with a weak token, where others can try", { ci: { token: "short" } }, "token-weak"],
    ["a client with a placeholder", { ci: { token: "changeme" } }, "token-weak"],
    ["a client with blank text", { ci: { token: "  " } }, "token-unreadable"],
    ["a client with a mask", { ci: { token: "[redacted]" } }, "token-unreadable"],
    ["a client with a template", { ci: { token: "a${CI_TOKEN}" } }, "token-unreadable"],
    ["a client with a number", { ci: { token: 5 } }, "token-unreadable"],
  ])("%s", async (_name, clients, code) => {
    const refused = expect.objectContaining({
      code,
      message: expect.stringContaining("gateway.clients."),
      hint: expect.stringMatching(/\w/u),
    });
    await expect(callersOf({ clients })).rejects.toThrow(refused);
  });

  test("on this machine alone a token may be short, but no placeholder", async () => {
    const weak = await callersOf({ clients: { ci: { token: "short" } } }, { bind: "loopback" });
    expect([weak.find("short")?.isGuessable, weak.find(ADMIN)?.isGuessable]).toEqual([true, false]);
    await expect(callersOf({ clients: { ci: { token: "undefined" } } }, { bind: "loopback" })).rejects.toMatchObject({
      code: "token-weak",
    });
  });
});

test("G11: a client whose reference leads nowhere is nobody, and the others are who they were", async () => {
  const callers = await callersOf({ clients: { ci: { token: "${UNSET_TOKEN}" }, dev: { token: DEV } } }, { onFailure: "isolate" });
  expect([callers.find("")?.caller, callers.find("${UNSET_TOKEN}")?.caller, callers.find(DEV)?.caller.name]).toEqual([
    undefined,
    undefined,
    "dev",
  ]);
});

test("what changed is told by name", async () => {
  const before = await callersOf({ clients: { ci: { token: CI }, old: { token: DEV } } });
  const after = await callersOf({ clients: { ci: { token: DEV }, dev: { token: CI } } });
  // Each home has a salt of its own, so the admin's id is another too.
  expect(changedCallers(before, after)).toEqual({ added: ["dev"], removed: ["old"], replaced: ["admin", "ci"] });
  expect(changedCallers(before, before)).toBeUndefined();
  const [ci] = [before.find(CI)?.caller];
  expect([ci && before.has(ci), ci && after.has(ci)]).toEqual([true, false]);
});

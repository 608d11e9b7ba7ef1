import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHome, resolvePaths, type HomeSnapshot } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gatewayToken, loadGatewayToken, requireStrongToken } from "./gateway-token.ts";

let home: TempHome;
beforeEach(async () => {
  home = await createTempHome();
});
afterEach(() => home.remove());

async function snapshot(env: Record<string, string> = {}): Promise<HomeSnapshot> {
  const all = { ...home.env, ...env };
  return (await openHome({ paths: resolvePaths({ env: all, osHome: home.path, cwd: tmpdir() }), env: all })).current;
}

describe("the generated token", () => {
  test("has 48 hex digits, and of many gateways that start at once all have the same", async () => {
    const current = await snapshot();
    const tokens = await Promise.all(Array.from({ length: 20 }, () => loadGatewayToken({ snapshot: current, generate: true })));
    const [first] = tokens;
    expect(first?.matches((await home.read(".openclaw/gateway-token")).trim())).toBe(true);
    expect(tokens.every((token) => first && token.secret.equals(first.secret))).toBe(true);
    expect(await home.read(".openclaw/gateway-token")).toMatch(/^[0-9a-f]{48}\n$/u);
    expect(await home.list()).toEqual([".openclaw/gateway-token"]);
  });

  test("is not made by a command that only shows it", async () => {
    await expect(loadGatewayToken({ snapshot: await snapshot(), generate: false })).rejects.toMatchObject({ code: "token-missing" });
    expect(await home.list()).toEqual([]);
  });
});

describe("a source that is named and does not work is never skipped", () => {
  test.each<[string, object]>([
    ["an unset variable", { token: "${NO_SUCH_VARIABLE}" }],
    ["an unset reference", { token: { source: "env", id: "NO_SUCH_VARIABLE" } }],
    ["a reference of a kind this version cannot resolve", { token: { source: "exec", provider: "vault", id: "token" } }],
    ["an invalid reference", { token: { source: "env" } }],
    ["blank text", { token: "  " }],
    ["a number", { token: 5 }],
  ])("gateway.auth.token is %s", async (_name, auth) => {
    await home.write(".openclaw/openclaw.json", { gateway: { auth } });
    await home.write(".openclaw/gateway-token", "test-generated-token");
    await expect(loadGatewayToken({ snapshot: await snapshot(), generate: true })).rejects.toMatchObject({ code: "token-unreadable" });
  });

  test.each(["__OPENCLAW_REDACTED__", "[redacted]", "***", "sk-\u2026abcd", "$GATEWAY_TOKEN", "${gateway-token}", "a${GATEWAY_TOKEN}"])(
    "%j is what an output or a template showed, which everybody knows: no token",
    async (text) => {
      await home.write(".openclaw/openclaw.json", { gateway: { auth: { token: text } } });
      await home.write("token", `${text}\n`, 0o600);
      const current = await snapshot();
      for (const tokenFile of [undefined, join(home.path, "token")]) {
        const load = loadGatewayToken({ snapshot: current, generate: true, ...(tokenFile !== undefined && { tokenFile }) });
        await expect(load).rejects.toMatchObject({ code: "token-unreadable" });
      }
    },
  );

  test.each([
    ["missing", undefined, 0o600],
    ["empty", "\n", 0o600],
    ["readable by others", "test-token", 0o644],
  ])("--token-file is %s", async (_name, content, mode) => {
    if (content !== undefined) await home.write("token", content, mode);
    const load = loadGatewayToken({ snapshot: await snapshot(), generate: true, tokenFile: join(home.path, "token") });
    await expect(load).rejects.toMatchObject({ code: "token-unreadable", message: expect.stringContaining("token") });
  });

  test("its own file can be read by others", async () => {
    const current = await snapshot();
    await loadGatewayToken({ snapshot: current, generate: true });
    await chmod(join(home.stateDir, "gateway-token"), 0o644);
    await expect(loadGatewayToken({ snapshot: current, generate: true })).rejects.toMatchObject({
      hint: expect.stringContaining("chmod 600"),
    });
  });
});

test.each(["", "secret", "a".repeat(64), "undefined", "test-token-of-31-characters-abc"])(
  "%j is no token for an address others can reach",
  (text) => {
    expect(() => requireStrongToken(gatewayToken(Secret.of(text), "test"))).toThrow(expect.objectContaining({ code: "token-weak" }));
  },
);

test("a token matches itself alone", () => {
  const token = gatewayToken(Secret.of("test-token-one"), "test");
  const others = [undefined, "", "test-token-on", "test-token-one ", "TEST-TOKEN-ONE", "t".repeat(1_000_000)];
  expect([token.matches("test-token-one"), ...others.map((other) => token.matches(other))]).toEqual([true, ...others.map(() => false)]);
});

import { chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openHome, resolvePaths, type HomeSnapshot } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { createTempHome, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { gatewayToken, loadGatewayToken, requireStrongToken } from "./gateway-token.ts";
import { digestOf } from "./token-digest.ts";

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
    expect(first?.digest).toBe(digestOf((await home.read(".openclaw/gateway-token")).trim()));
    expect(first).toMatchObject({ path: join(home.stateDir, "gateway-token"), weakness: undefined });
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

const samples = [
  "",
  "  ",
  "undefined",
  "null",
  "[object Object]",
  "changeme",
  "CHANGE_ME",
  "your-token-here",
  "<your gateway token>",
  "xxxx-xxxx",
];
const longSamples = ["please-change-this-token-before-you-use-it", "sk-your-api-key-goes-here-0123456789abcdef"];
const guessable = ["secret", "a".repeat(64), "test-token-of-31-characters-abc", "0123456789abcdef0123456789abcdef", "abcdefg".repeat(9)];
const strong = ["0123456789abcdef0123456789abcdee", "3f9c1d0b7a52e86417c0ab93de5f2468ac1b", "correct horse battery staple, twice over"];
const both = ["loopback", "lan"] as const;

describe("T6: a token that keeps nobody out", () => {
  const start = (text: string, bind: "loopback" | "lan") => () => requireStrongToken(gatewayToken(Secret.of(text), "test"), bind);
  const weak = expect.objectContaining({ code: "token-weak", hint: expect.stringContaining("32 random characters") });

  test.each([...samples, ...longSamples].flatMap((text) => both.map((bind) => [text, bind] as const)))(
    "%j is a placeholder, which everybody knows: none on %s",
    (text, bind) => expect(start(text, bind)).toThrow(weak),
  );

  test.each(guessable)("%j can be found by trying: none where others can try", (text) => {
    expect(start(text, "lan")).toThrow(weak);
    expect(start(text, "loopback")).not.toThrow();
  });

  test.each(strong.flatMap((text) => both.map((bind) => [text, bind] as const)))("%j is one, on %s", (text, bind) => {
    expect(start(text, bind)).not.toThrow();
  });
});

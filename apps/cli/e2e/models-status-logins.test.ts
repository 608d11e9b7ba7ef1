import { openHome, resolvePaths } from "@openclaw/home";
import { createTempHome, startFakeIdp, type FakeIdp, type TempHome } from "@openclaw/testkit";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openclaw } from "./openclaw.ts";

const STORE = ".openclaw/agents/main/agent/auth-profiles.json";
const HOUR = 3_600_000;

let home: TempHome;
let idp: FakeIdp;
let refresh: string;

beforeEach(async () => {
  idp = await startFakeIdp();
  ({ refresh } = idp.issue());
  home = await createTempHome({
    ".openclaw/openclaw.json": {
      agents: { defaults: { model: "acme/one" } },
      models: {
        providers: {
          acme: {
            baseUrl: "https://acme.test/v1",
            api: "openai-completions",
            oauth: { tokenUrl: idp.tokenUrl, clientId: idp.clientId, accountClaim: ["account_id"] },
          },
        },
      },
    },
  });
});
afterEach(async () => {
  await idp.close();
  await home.remove();
});

const store = (expires: number, profiles: object = {}) => {
  const login = {
    type: "oauth",
    provider: "acme",
    access: "test-access",
    refresh,
    expires: Date.now() + expires,
    accountId: "account-one",
  };
  return home.write(STORE, { profiles: { "acme:work": login, ...profiles } });
};

/** What a request does, in a process that is not the command's. */
async function request(): Promise<string> {
  const opened = await openHome({ paths: resolvePaths({ env: home.env, osHome: home.path, cwd: home.path }), env: home.env });
  try {
    const credential = await opened.plan({ provider: "acme" }).candidates[0]?.resolve({});
    return credential === undefined ? "no credential" : "served";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : "unknown";
  } finally {
    opened.close();
  }
}

async function status() {
  const { code, stdout } = await openclaw(home, ["models", "status", "--check", "--json"]);
  const [profile] = JSON.parse(stdout).auth.oauth.profiles;
  return { code, status: profile.status, access: profile.access, refresh: profile.refresh, hint: profile.hint };
}

const login = "openclaw models auth login --provider acme --profile-id acme:work";

describe("A13: status and a request agree on a login", () => {
  test("that has ended and can be refreshed", async () => {
    await store(-HOUR);
    expect(await status()).toEqual({ code: 0, status: "ok", access: "expired", refresh: "ready", hint: undefined });
    expect(await request()).toBe("served");
    expect(await status()).toMatchObject({ code: 0, access: "expiring", refresh: "ready" });
  });

  test("that its provider refuses to refresh", async () => {
    await store(-HOUR);
    idp.revoke(refresh);
    expect(await request()).toBe("oauth-refresh-rejected");
    expect(await status()).toEqual({ code: 1, status: "expired", access: "expired", refresh: "rejected", hint: login });
    const { stdout } = await openclaw(home, ["models", "status"]);
    expect(stdout).toContain("its provider refused to refresh it");
    expect(stdout).toContain(login);
  });

  test("whose refresh was answered and the answer lost", async () => {
    await store(-HOUR);
    idp.script({ drop: "after" }, { drop: "after" });
    expect(await request()).toBe("refresh-indeterminate");
    expect(await status()).toEqual({ code: 1, status: "expired", access: "expired", refresh: "indeterminate", hint: login });
    expect(await request()).toBe("refresh-indeterminate");
    expect(idp.tokenRequests()).toBe(2);
  });

  test("whose provider asks for patience", async () => {
    await store(-HOUR);
    idp.script({ reply: { status: 429, headers: { "retry-after": "600" } } });
    expect(await request()).toBe("oauth-unavailable");
    expect(await status()).toMatchObject({ code: 0, status: "ok", access: "expired", refresh: "paused" });
  });

  test("that nobody is told where to refresh", async () => {
    await home.write(".openclaw/openclaw.json", {
      agents: { defaults: { model: "google-gemini-cli/gemini-3.1-pro-preview" } },
    });
    const { stdout } = await openclaw(home, ["models", "status"]);
    expect(stdout).toContain("google-gemini-cli");
    await home.write(STORE, {
      profiles: {
        "google-gemini-cli:work": {
          type: "oauth",
          provider: "google-gemini-cli",
          access: "test-access",
          refresh,
          expires: Date.now() - HOUR,
        },
      },
    });
    expect(await status()).toMatchObject({
      code: 1,
      status: "expired",
      refresh: "none",
      hint: expect.stringContaining("models.providers.google-gemini-cli.oauth.clientId"),
    });
  });

  test("reading it changes nothing", async () => {
    await store(-HOUR);
    const files = async () => (await home.list()).filter((file) => !file.startsWith(".cache"));
    const before = await files();
    await status();
    expect(await files()).toEqual(before);
    expect(idp.tokenRequests()).toBe(0);
  });
});

describe("D20: --check --in-use counts what requests would use, and nothing else", () => {
  const stale = { "xai:old": { type: "token", provider: "xai", token: "test-token-old", expires: 1 } };
  const check = async (...more: readonly string[]) => (await openclaw(home, ["models", "status", "--check", ...more])).code;

  test("not a stale token of a provider that nothing uses", async () => {
    await store(48 * HOUR, stale);
    expect([await check(), await check("--in-use")]).toEqual([1, 0]);
  });

  test("not a profile that the order leaves out", async () => {
    const ended = { type: "token", provider: "acme", token: "test-token-other", expires: 1 };
    await store(48 * HOUR, { "acme:other": ended });
    expect([await check(), await check("--in-use")]).toEqual([1, 0]);
  });

  test("but one in use that is about to end, and a provider without any", async () => {
    await home.write(STORE, {
      profiles: { "acme:token": { type: "token", provider: "acme", token: "test-token-new", expires: Date.now() + HOUR } },
    });
    expect(await check("--in-use")).toBe(2);
    await home.write(STORE, { profiles: {} });
    expect(await check("--in-use")).toBe(1);
  });

  test("and is refused without --check", async () => {
    await store(48 * HOUR);
    const { code, stderr } = await openclaw(home, ["models", "status", "--in-use"]);
    expect({ code, stderr: stderr.includes("--in-use goes with --check") }).toEqual({ code: 1, stderr: true });
  });
});

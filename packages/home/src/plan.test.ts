import type { Plan } from "@openclaw/key-rotation";
import type { Candidate } from "@openclaw/secrets";
import { createCanary, findCanary, manualClock } from "@openclaw/testkit";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { plansOf, type PlanSetup } from "../system/plan-setup.ts";
import type { AuthConfig } from "./auth-config.ts";
import type { PlanQuery } from "./plan.ts";

const clock = manualClock();

async function planOf({ provider, ...query }: PlanQuery, setup: PlanSetup = {}): Promise<Plan> {
  return (await plansOf(provider, { clock, ...setup }))(query);
}

const origins = (plan: Plan) => plan.candidates.map(({ origin }) => origin);

async function secretOf(candidate: Candidate | undefined): Promise<string | undefined> {
  const credential = await candidate?.resolve({});
  return credential && "secret" in credential ? credential.secret.reveal() : undefined;
}

const key = (name: string, provider = "anthropic") => ({ type: "api_key", provider, key: `test-key-${name}` });
const token = { type: "token", provider: "anthropic", token: "test-token" };

const everything: PlanSetup = {
  store: { profiles: { "anthropic:key": key("profile"), "anthropic:token": token, "openai:key": key("other", "openai") } },
  env: {
    ANTHROPIC_API_KEYS: "test-key-1,test-key-2",
    ANTHROPIC_API_KEY: "test-key-3",
    ANTHROPIC_API_KEY_10: "test-key-5",
    ANTHROPIC_API_KEY_2: "test-key-4",
  },
  providers: { anthropic: { apiKey: "test-key-config" } },
};

describe("the stream", () => {
  test("is the profiles in order, then the environment's keys, then the key of the configuration", async () => {
    const plan = await planOf({ provider: "anthropic" }, everything);
    expect(origins(plan)).toEqual([
      "profile anthropic:token",
      "profile anthropic:key",
      "ANTHROPIC_API_KEYS[1]",
      "ANTHROPIC_API_KEYS[2]",
      "ANTHROPIC_API_KEY",
      "ANTHROPIC_API_KEY_2",
      "ANTHROPIC_API_KEY_10",
      "models.providers.anthropic.apiKey",
    ]);
    expect(plan.candidates.map(({ via }) => via)).toEqual([...Array(2).fill("profile"), ...Array(6).fill("key")]);
    expect(await Promise.all(plan.candidates.map((candidate) => secretOf(candidate)))).toEqual([
      "test-token",
      "test-key-profile",
      "test-key-1",
      "test-key-2",
      "test-key-3",
      "test-key-4",
      "test-key-5",
      "test-key-config",
    ]);
    expect(plan).toMatchObject({ provider: "anthropic", excluded: [] });
    expect(plan).not.toHaveProperty("model");
  });

  test("of a provider without any credential is empty", async () => {
    expect(await planOf({ provider: "anthropic", model: "m" })).toEqual({
      provider: "anthropic",
      model: "m",
      candidates: [],
      excluded: [],
    });
  });

  test("begins with the environment where no profile is stored", async () => {
    expect(origins(await planOf({ provider: "openai" }, { env: { OPENAI_API_KEY: "test-key-one" } }))).toEqual(["OPENAI_API_KEY"]);
  });

  test("holds a key of the configuration once where the environment has the same", async () => {
    const setup = { env: { OPENAI_API_KEY: "test-key-one" }, providers: { openai: { apiKey: "${OPENAI_API_KEY}" } } };
    expect(origins(await planOf({ provider: "openai" }, setup))).toEqual(["OPENAI_API_KEY"]);
  });

  test("leaves out companions that hold no key", async () => {
    const env = { OPENAI_API_KEY_FILE: "/etc/key", OPENAI_API_KEY_WORK: "test-key-one" };
    expect(origins(await planOf({ provider: "openai" }, { env }))).toEqual(["OPENAI_API_KEY_WORK"]);
  });
});

describe("an order", () => {
  test.each<[string, PlanSetup]>([
    ["of the store", { ...everything, store: { ...everything.store, order: { anthropic: ["anthropic:key"] } } }],
    ["of the configuration", { ...everything, auth: { order: { Anthropic: ["anthropic:key"] } } }],
  ])("%s ends the stream at its profiles", async (_name, setup) => {
    const plan = await planOf({ provider: "anthropic" }, setup);
    expect(origins(plan)).toEqual(["profile anthropic:key"]);
    expect(plan.excluded).toEqual([{ id: "anthropic:token", reason: "excluded_by_auth_order" }]);
  });

  test("that is empty means none, and not the environment", async () => {
    expect(origins(await planOf({ provider: "anthropic" }, { ...everything, auth: { order: { anthropic: [] } } }))).toEqual([]);
  });

  test("of a provider on this machine does not end in no credential", async () => {
    const setup = { store: { profiles: { "ollama:a": key("a", "ollama") }, order: { ollama: ["ollama:gone"] } } };
    expect(origins(await planOf({ provider: "ollama" }, setup))).toEqual([]);
  });
});

describe("a pin", () => {
  test("is that profile alone", async () => {
    const plan = await planOf({ provider: "anthropic", profileId: "anthropic:key" }, everything);
    expect(origins(plan)).toEqual(["profile anthropic:key"]);
    expect(plan.excluded).toEqual([]);
  });

  test("of a profile that has gone is an error that names the fix", async () => {
    await expect(planOf({ provider: "anthropic", profileId: "anthropic:gone" }, everything)).rejects.toMatchObject({
      code: "profile-not-found",
      message: 'No credentials found for profile "anthropic:gone".',
      hint: expect.stringContaining("openclaw models status"),
    });
  });

  test("of another provider's profile is an error", async () => {
    await expect(planOf({ provider: "anthropic", profileId: "openai:key" }, everything)).rejects.toMatchObject({
      reason: "provider_mismatch",
    });
  });
});

describe("the live key", () => {
  const live: PlanSetup = { ...everything, env: { ...everything.env, OPENCLAW_LIVE_ANTHROPIC_KEY: "test-key-live" } };

  test("takes the place of profiles, orders and all other keys", async () => {
    const plan = await planOf({ provider: "anthropic" }, { ...live, auth: { order: { anthropic: ["anthropic:key"] } } });
    expect(origins(plan)).toEqual(["OPENCLAW_LIVE_ANTHROPIC_KEY"]);
    expect(plan.excluded).toEqual([]);
  });

  test("gives way to a pin", async () => {
    expect(origins(await planOf({ provider: "anthropic", profileId: "anthropic:key" }, live))).toEqual(["profile anthropic:key"]);
  });

  test.each([[""], ["  "]])("set to %j is not set", async (value) => {
    const env = { OPENAI_API_KEY: "test-key-one", OPENCLAW_LIVE_OPENAI_KEY: value };
    expect(origins(await planOf({ provider: "openai" }, { env }))).toEqual(["OPENAI_API_KEY"]);
  });
});

describe("what is left out says why", () => {
  test("profiles that cannot be used", async () => {
    const profiles = {
      "anthropic:blank": { ...key("x"), key: " " },
      "anthropic:old": { ...token, expires: clock.now() },
      "anthropic:when": { ...token, expires: "soon" },
      "anthropic:mode": key("x"),
      "anthropic:good": key("good"),
    };
    const [isKey, isToken] = [
      { provider: "anthropic", mode: "api_key" },
      { provider: "anthropic", mode: "token" },
    ] as const;
    const auth: AuthConfig = {
      profiles: {
        "anthropic:blank": isKey,
        "anthropic:old": isToken,
        "anthropic:when": isToken,
        "anthropic:mode": isToken,
        "anthropic:good": isKey,
        "anthropic:gone": isKey,
      },
    };
    const plan = await planOf({ provider: "anthropic" }, { store: { profiles }, auth });
    expect(origins(plan)).toEqual(["profile anthropic:good"]);
    expect(Object.fromEntries(plan.excluded.map(({ id, reason }) => [id, reason]))).toEqual({
      "anthropic:blank": "missing_credential",
      "anthropic:old": "expired",
      "anthropic:when": "invalid_expires",
      "anthropic:mode": "mode_mismatch",
      "anthropic:gone": "profile_missing",
    });
  });

  test("a key of the configuration that leads nowhere", async () => {
    const setup = { env: { OPENAI_API_KEY: "test-key-one" }, providers: { openai: { apiKey: "${UNSET_KEY}" } } };
    const plan = await planOf({ provider: "openai" }, setup);
    expect(origins(plan)).toEqual(["OPENAI_API_KEY"]);
    expect(plan.excluded).toEqual([{ id: "models.providers.openai.apiKey", reason: "unresolved_ref" }]);
  });
});

test("profiles that cool down for this model come last", async () => {
  const store = {
    profiles: { "openai:a": key("a", "openai"), "openai:b": key("b", "openai") },
    usageStats: { "openai:a": { cooldownUntil: clock.now() + 9, cooldownModel: "gpt" } },
  };
  expect(origins(await planOf({ provider: "openai", model: "gpt" }, { store }))).toEqual(["profile openai:b", "profile openai:a"]);
  expect(origins(await planOf({ provider: "openai", model: "other" }, { store }))).toEqual(["profile openai:a", "profile openai:b"]);
});

test("who pays is known of every credential", async () => {
  const plan = await planOf(
    { provider: "anthropic" },
    {
      store: {
        profiles: {
          "anthropic:login": { type: "oauth", provider: "anthropic", access: "test-access", expires: clock.now() + 9 },
          "anthropic:token": token,
          "anthropic:key": key("profile"),
          "anthropic:oat": { ...key("x"), key: "sk-ant-oat01-test" },
        },
      },
      env: { ANTHROPIC_OAUTH_TOKEN: "test-key-1", ANTHROPIC_API_KEY: "test-key-2", ANTHROPIC_API_KEY_2: "sk-ant-oat01-test-2" },
      providers: { anthropic: { apiKey: "sk-ant-oat01-test-3" } },
    },
  );
  expect(plan.candidates.map(({ origin, billing }) => [origin, billing])).toEqual([
    ["profile anthropic:login", "subscription"],
    ["profile anthropic:token", "subscription"],
    ["profile anthropic:key", "metered"],
    ["profile anthropic:oat", "subscription"],
    ["ANTHROPIC_OAUTH_TOKEN", "subscription"],
    ["ANTHROPIC_API_KEY", "metered"],
    ["ANTHROPIC_API_KEY_2", "subscription"],
    ["models.providers.anthropic.apiKey", "subscription"],
  ]);
});

describe("every credential is bound to the configured origin", () => {
  test.each([
    ["the official one", everything, ["https://api.anthropic.com"]],
    [
      "that of the configuration",
      { ...everything, providers: { anthropic: { apiKey: "test-key-config", baseUrl: "https://proxy.example/v1" } } },
      ["https://proxy.example"],
    ],
    [
      "none where the base URL is refused",
      { ...everything, providers: { anthropic: { apiKey: "test-key-config", baseUrl: "http://proxy.example" } } },
      [],
    ],
    [
      "and no variable moves it",
      { ...everything, env: { ...everything.env, ANTHROPIC_BASE_URL: "https://evil.example" } },
      ["https://api.anthropic.com"],
    ],
  ])("%s", async (_name, setup, hosts) => {
    const plan = await planOf({ provider: "anthropic" }, setup);
    expect(plan.candidates).toHaveLength(8);
    for (const candidate of plan.candidates) {
      expect(candidate.hosts).toEqual(hosts);
      expect((await candidate.resolve({})).hosts).toEqual(hosts);
    }
  });
});

describe("no credential at all", () => {
  const declared = { baseUrl: "http://localhost:8080/v1", api: "openai-completions", models: [] };

  test.each<[string, string, PlanSetup]>([
    ["a provider that runs on this machine", "ollama", {}],
    ["one with a placeholder for a key", "mine", { providers: { mine: { baseUrl: "http://127.0.0.1:1234/v1", apiKey: "custom-local" } } }],
    ["one that is declared with interface and models", "mine", { providers: { mine: declared } }],
    ["at [::1]", "mine", { providers: { mine: { ...declared, baseUrl: "http://[::1]:8080" } } }],
    ["on the own network", "ollama", { providers: { ollama: { baseUrl: "http://192.168.1.5:11434", local: true } } }],
    ["a blank key is none", "ollama", { providers: { ollama: { apiKey: " " } } }],
  ])("is enough for %s", async (_name, provider, setup) => {
    const plan = await planOf({ provider }, setup);
    expect(plan.candidates).toMatchObject([{ id: `${provider}:none`, via: "key", billing: "local", origin: "no key needed" }]);
    expect(await plan.candidates[0]?.resolve({})).toMatchObject({ kind: "none", id: `${provider}:none` });
  });

  test.each<[string, string, PlanSetup]>([
    ["a provider elsewhere", "mine", { providers: { mine: { ...declared, baseUrl: "https://llm.example" } } }],
    [
      "a name that only begins like this machine",
      "mine",
      { providers: { mine: { ...declared, baseUrl: "https://127.0.0.1.evil.example" } } },
    ],
    ["one whose base URL is refused", "ollama", { providers: { ollama: { baseUrl: "http://192.168.1.5:11434" } } }],
    ["one that is not fully declared", "mine", { providers: { mine: { baseUrl: "http://localhost:8080" } } }],
    ["a proxy that wants its key", "litellm", {}],
    ["one whose key leads nowhere: that is not none", "ollama", { providers: { ollama: { apiKey: "${UNSET_KEY}" } } }],
    ["a login by placeholder at its vendor", "minimax-portal", { providers: { "minimax-portal": { apiKey: "minimax-oauth" } } }],
  ])("is not enough for %s", async (_name, provider, setup) => {
    expect((await planOf({ provider }, setup)).candidates).toEqual([]);
  });

  test("is tried only where there is none", async () => {
    expect(origins(await planOf({ provider: "ollama" }, { env: { OLLAMA_API_KEY: "test-key-one" } }))).toEqual(["OLLAMA_API_KEY"]);
  });
});

describe("spellings and plans", () => {
  const store = {
    profiles: { "zai:a": key("a", "z.ai"), "volcengine:a": key("a", "volcengine"), "volcengine:b": key("b", "volcengine-plan") },
  };

  test("an alias finds the credentials of its provider", async () => {
    const env = { ZAI_API_KEY: "test-key-one" };
    const expected = ["profile zai:a", "ZAI_API_KEY"];
    for (const provider of ["zai", "z.ai", "Z-AI"]) expect(origins(await planOf({ provider }, { store, env }))).toEqual(expected);
  });

  test("a plan uses its provider's credentials at its own address", async () => {
    const env = { VOLCANO_ENGINE_API_KEY: "test-key-one", VOLCENGINE_API_KEY_2: "test-key-two" };
    const plan = await planOf({ provider: "volcengine-plan", model: "ark" }, { store, env });
    expect(plan.provider).toBe("volcengine-plan");
    expect(origins(plan)).toEqual(["profile volcengine:a", "profile volcengine:b", "VOLCENGINE_API_KEY_2", "VOLCANO_ENGINE_API_KEY"]);
    expect(new Set(plan.candidates.map((candidate) => candidate.provider))).toEqual(new Set(["volcengine"]));
  });

  test("google's two providers share the variables of Gemini", async () => {
    const env = { GEMINI_API_KEY: "test-key-one", GOOGLE_API_KEY: "test-key-two" };
    const providers = { "google-vertex": { baseUrl: "https://eu.example" } };
    expect(origins(await planOf({ provider: "google" }, { env }))).toEqual(["GEMINI_API_KEY", "GOOGLE_API_KEY"]);
    expect(origins(await planOf({ provider: "google-vertex" }, { env, providers }))).toEqual(["GEMINI_API_KEY", "GOOGLE_API_KEY"]);
  });
});

test("listing resolves no reference of a profile", async () => {
  const store = { profiles: { "openai:a": { ...key("a", "openai"), key: "${UNSET_KEY}" } } };
  const plan = await planOf({ provider: "openai" }, { store });
  expect(origins(plan)).toEqual(["profile openai:a"]);
  expect(() => plan.candidates[0]?.resolve({})).toThrow(expect.objectContaining({ code: "ref-unresolved" }));
});

test("a plan is frozen, and neither it nor its credentials print a key", async () => {
  const canary = createCanary("plan");
  const plan = await planOf(
    { provider: "openai" },
    {
      store: { profiles: { "openai:a": { ...key("a", "openai"), key: `${canary}-1` } } },
      env: { OPENAI_API_KEY: `${canary}-2` },
      providers: { openai: { apiKey: `${canary}-3` } },
    },
  );
  expect(plan.candidates).toHaveLength(3);
  expect([plan, plan.candidates, plan.excluded, ...plan.candidates].map((part) => Object.isFrozen(part))).toEqual(
    Array.from({ length: 6 }, () => true),
  );
  const credentials = await Promise.all(plan.candidates.map((candidate) => candidate.resolve({})));
  const texts = { inspect: inspect([plan, credentials], { depth: 9, showHidden: true }), json: JSON.stringify([plan, credentials]) };
  expect(await findCanary(canary, { texts })).toEqual([]);
});

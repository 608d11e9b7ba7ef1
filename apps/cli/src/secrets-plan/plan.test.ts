import { describe, expect, test } from "vitest";
import { CliError } from "../exit.ts";
import { parsePlan, refuseFor } from "./plan.ts";

const ref = { source: "env", provider: "default", id: "MOVED_KEY" };
const key = { type: "models.providers.apiKey", path: "models.providers.openai.apiKey", ref };
const profile = { type: "auth-profiles.api_key.key", path: "profiles.openai:default.key", agentId: "main", ref };
const planOf = (target: object, more: object = {}) => JSON.stringify({ version: 1, protocolVersion: 1, targets: [target], ...more });
const parse = (text: string) => parsePlan(text, {}, refuseFor("/plan.json"));

function reasonOf(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return `${error.message}: ${error.hint}`;
  }
}

describe("refuses", () => {
  test.each<[string, string, RegExp]>([
    ["what is not JSON, without quoting it", "test-key-one", /^it is not JSON$/u],
    ["what is not JSON, and says where", `{\n  "version": 1,,\n}`, /^it is not JSON at line 2, column 16$/u],
    ["another version", planOf(key, { version: 2 }), /^version: /u],
    ["another protocol", planOf(key, { protocolVersion: 2 }), /^protocolVersion: /u],
    ["no targets", JSON.stringify({ version: 1, protocolVersion: 1 }), /^targets is missing$/u],
    [
      "a misspelt switch, which would be on",
      planOf(key, { options: { scrubEnvironment: false } }),
      /^options holds scrubEnvironment, which is not known/u,
    ],
    ["a misspelt field", planOf(key, { optoins: {} }), /^the plan holds optoins/u],
    [
      "a field that may be a secret, without quoting it",
      planOf(key, { "test-key-one": 1 }),
      /^the plan holds a field, which is not known/u,
    ],
    ["a type nobody knows", planOf({ ...key, type: "x" }), /is not of type x/u],
    ["a path that is not of its type", planOf({ ...key, path: "models.providers.openai.baseUrl" }), /baseUrl is no place for a secret/u],
    ["a place of another type", planOf({ ...key, path: "gateway.auth.token" }), /is not of type/u],
    ["segments that say something else", planOf({ ...key, pathSegments: ["models", "providers", "xai", "apiKey"] }), /pathSegments say/u],
    ["another provider's id", planOf({ ...key, providerId: "xai" }), /providerId is another provider's/u],
    ["an account where there is none", planOf({ ...key, accountId: "one" }), /accountId is not the account/u],
    ["a path through __proto__", planOf({ ...key, path: "models.providers.__proto__.apiKey" }), /cannot lead through/u],
    ["a path through constructor", planOf({ ...profile, path: "profiles.constructor.key" }), /cannot lead through/u],
    ["a path through prototype", planOf({ ...key, path: "models.providers.prototype.apiKey" }), /cannot lead through/u],
    ["an empty segment", planOf({ ...key, path: "models.providers..apiKey" }), /a segment is empty/u],
    ["a reference that breaks a rule", planOf({ ...key, ref: { ...ref, id: "lower" } }), /an env id must match/u],
    ["a reference in text form", planOf({ ...key, ref: "${MOVED_KEY}" }), /ref is not an object/u],
    ["a profile of no agent", planOf({ ...profile, agentId: undefined }), /agentId is missing/u],
    ["the token of an api_key", planOf({ ...profile, path: "profiles.openai:default.token" }), /is no path of type/u],
    [
      "a dotted id without segments",
      planOf({ ...profile, path: "profiles.openai:me@mail.example.key" }),
      /pathSegments where the id has a dot/u,
    ],
    ["a secret provider of no known kind", planOf(key, { providerUpserts: { vault: { source: "magic" } } }), /^providerUpserts: vault/u],
    ["a secret provider with a strange name", planOf(key, { providerUpserts: { "../x": { source: "env" } } }), /^providerUpserts: /u],
    ["a secret provider called constructor", planOf(key, { providerDeletes: ["constructor"] }), /cannot be called constructor/u],
    [
      "a secret provider set and deleted",
      planOf(key, { providerUpserts: { a: { source: "env" } }, providerDeletes: ["a"] }),
      /both set and deleted/u,
    ],
    [
      "two references for one place",
      JSON.stringify({ version: 1, protocolVersion: 1, targets: [key, { ...key, ref: { ...ref, id: "OTHER_KEY" } }] }),
      /is to hold two references/u,
    ],
  ])("%s", (_what, text, reason) => {
    const [file, found] = String(reasonOf(text)).split("plan.json: ");
    expect([file, found]).toEqual(["Invalid secrets plan file: /", expect.stringMatching(reason)]);
  });

  test("the mask of a secret in a provider's settings", () => {
    const vault = { source: "exec", command: "/bin/vault", env: { VAULT_TOKEN: "[redacted]" } };
    expect(reasonOf(planOf(key, { providerUpserts: { vault } }))).toMatch(/the mask of a secret/u);
  });
});

describe("accepts", () => {
  test("fields that say who made it and when", () => {
    expect(parse(planOf({ ...key, note: "x" }, { generatedAt: "2026-01-01", generatedBy: "configure" })).targets).toMatchObject([
      { kind: "config", segments: ["models", "providers", "openai", "apiKey"] },
    ]);
  });

  test.each([
    [
      "the name of a surface",
      { ...key, type: "models.providers.*.headers.*", path: "models.providers.openai.headers.x-api-key", providerId: "openai" },
    ],
    ["an older name", { ...key, type: "skills.entries.apiKey", path: "skills.entries.search.apiKey" }],
    [
      "an account",
      { ...key, type: "channels.googlechat.serviceAccount", path: "channels.googlechat.accounts.one.serviceAccount", accountId: "one" },
    ],
    [
      "an element of a list",
      { ...key, type: "agents.list[].memorySearch.remote.apiKey", path: "agents.list.0.memorySearch.remote.apiKey" },
    ],
    [
      "a profile with a dot in its id",
      { ...profile, path: "profiles.openai:me@mail.example.key", pathSegments: ["profiles", "openai:me@mail.example", "key"] },
    ],
  ])("%s", (_what, target) => {
    expect(parse(planOf(target)).targets).toHaveLength(1);
  });

  test("a reference without a provider, which is the default one", () => {
    const plan = parsePlan(planOf({ ...key, ref: { source: "file", id: "/a" } }), { file: "vault" }, refuseFor("p"));
    expect(plan.targets[0]?.ref).toEqual({ source: "file", provider: "vault", id: "/a" });
  });

  test("one place named twice with one reference", () => {
    expect(parse(JSON.stringify({ version: 1, protocolVersion: 1, targets: [key, key] })).targets).toHaveLength(1);
  });
});

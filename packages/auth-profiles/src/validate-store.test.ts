import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { authStoreJsonSchema } from "./auth-store-schema.ts";
import { checkCredential } from "./eligibility.ts";
import { parseAuthStore } from "./store.ts";
import { validateStore, type ValidateStoreOptions } from "./validate-store.ts";

const bytes = (store: unknown) => Buffer.from(typeof store === "string" ? store : JSON.stringify(store));
const found = (store: unknown, options?: ValidateStoreOptions) => validateStore(bytes(store), options);
const one = (entry: unknown, id = "p:x") => ({ version: 1, profiles: { [id]: entry } });
const env = (id: string) => ({ source: "env", provider: "default", id });
const SECONDS = 1_900_000_000;
const LATER = SECONDS * 1000;
const key = { type: "api_key", provider: "p", key: "test-key-one" };
const token = { type: "token", provider: "p", token: "test-token-one" };
const login = { type: "oauth", provider: "p", access: "test-access-one", refresh: "test-refresh-one", expires: LATER };

test.each([
  [
    "a store of all kinds",
    { version: 1, profiles: { "p:a": key, "p:b": { ...token, expires: LATER }, "p:c": login }, order: { p: ["p:a"] } },
  ],
  ["references", { version: 1, profiles: { "p:a": { type: "api_key", provider: "p", keyRef: env("A") }, "p:b": { ...key, key: "${A}" } } }],
  ["fields nobody knows", { profiles: { "p:a": { ...key, future: { deep: [1] } } }, future: true }],
  ["no accounts yet", { version: 1, profiles: {} }],
])("34: finds nothing in %s", (_name, store) => expect(found(store, { env: { A: "test-key-one" }, now: 1 })).toEqual([]));

const x = "profiles.p:x";
test.each([
  // [mistake, store, code, severity, path, didYouMean]
  ["apiKey for key", one({ type: "api_key", provider: "p", apiKey: "k-test" }), "field-misnamed", "warning", `${x}.apiKey`, "key"],
  ["mode for type", one({ mode: "api_key", provider: "p", key: "k-test" }), "field-misnamed", "warning", `${x}.mode`, "type"],
  [
    "accessToken for access",
    one({ type: "oauth", provider: "p", accessToken: "k-test" }),
    "field-misnamed",
    "warning",
    `${x}.accessToken`,
    "access",
  ],
  [
    "access_token for access",
    one({ type: "oauth", provider: "p", access_token: "k-test" }),
    "field-misnamed",
    "warning",
    `${x}.access_token`,
    "access",
  ],
  [
    "refreshToken for refresh",
    one({ type: "oauth", provider: "p", refreshToken: "k-test" }),
    "field-misnamed",
    "warning",
    `${x}.refreshToken`,
    "refresh",
  ],
  ["expiresAt for expires", one({ ...token, expiresAt: LATER }), "field-misnamed", "warning", `${x}.expiresAt`, "expires"],
  ["Key for key", one({ type: "api_key", provider: "p", Key: "k-test" }), "field-not-read", "error", `${x}.Key`, "key"],
  ["token for key", one({ type: "api_key", provider: "p", token: "k-test" }), "field-not-read", "error", `${x}.token`, "key"],
  ["key for token", one({ type: "token", provider: "p", key: "k-test" }), "field-not-read", "error", `${x}.key`, "token"],
  ["a type in other words", one({ type: "api-key", provider: "p", key: "k-test" }), "type-unknown", "error", `${x}.type`, "api_key"],
  ["a type of the future", one({ type: "passkey", provider: "p" }), "type-unknown", "warning", `${x}.type`, undefined],
  ["no type", one({ provider: "p", key: "k-test" }), "type-missing", "error", `${x}.type`, '"type": "api_key"'],
  ["no provider", one({ type: "api_key", key: "k-test" }), "provider-missing", "error", `${x}.provider`, '"provider": "p"'],
  ["providerId", one({ type: "api_key", providerId: "p", key: "k-test" }), "provider-missing", "error", `${x}.providerId`, "provider"],
  ["an id without a provider", one(key, "work"), "id-without-provider", "warning", "profiles.work", "p:work"],
  ["text for an account", one("k-test"), "not-an-entry", "error", x, expect.stringContaining("api_key")],
  ["an empty key", one({ ...key, key: " " }), "credential-missing", "error", `${x}.key`, undefined],
  ["no key", one({ type: "api_key", provider: "p" }), "credential-missing", "error", `${x}.key`, undefined],
  ["no tokens", one({ type: "oauth", provider: "p" }), "credential-missing", "error", `${x}.access`, undefined],
  ["a number for a key", one({ ...key, key: 5 }), "value-refused", "error", `${x}.key`, undefined],
  ["a mask", one({ ...key, key: "sk-***" }), "value-refused", "error", `${x}.key`, undefined],
  [
    "a mask beside a blank reference",
    one({ ...key, key: "${a}", keyRef: " " }),
    "reference-invalid",
    "error",
    `${x}.key`,
    expect.any(String),
  ],
  ["an ellipsis", one({ ...login, refresh: "sk-\u2026" }), "value-refused", "error", `${x}.refresh`, undefined],
  ["an example", one({ ...key, key: "<your key>" }), "value-refused", "error", `${x}.key`, undefined],
  ["a line break", one({ ...key, key: "k-test\nk" }), "value-refused", "error", `${x}.key`, undefined],
  ["quotes in the text", one({ ...key, key: "'k-test'" }), "value-doubtful", "warning", `${x}.key`, undefined],
  [
    "the name of a variable",
    one({ ...key, key: "OPENAI_API_KEY" }),
    "reference-as-text",
    "error",
    `${x}.key`,
    expect.stringContaining("keyRef"),
  ],
  ["a shell variable", one({ ...key, key: "$OPENAI_API_KEY" }), "reference-as-text", "error", `${x}.key`, expect.any(String)],
  ["a reference as text", one({ ...token, token: "env:default:A" }), "reference-as-text", "error", `${x}.token`, expect.any(String)],
  ["an empty reference", one({ ...key, key: "${}" }), "reference-invalid", "error", `${x}.key`, expect.any(String)],
  [
    "a reference without id",
    one({ type: "api_key", provider: "p", keyRef: env("") }),
    "reference-invalid",
    "error",
    `${x}.keyRef`,
    expect.any(String),
  ],
  [
    "a variable that is not set",
    one({ type: "api_key", provider: "p", keyRef: env("A") }),
    "reference-unset",
    "error",
    `${x}.keyRef`,
    undefined,
  ],
  ["a variable that is empty", one({ ...key, key: "${EMPTY}" }), "reference-unset", "error", `${x}.key`, undefined],
  ["a value beside a reference", one({ ...key, keyRef: env("SET") }), "reference-beside-value", "warning", `${x}.key`, undefined],
  ["a reference in a login", one({ ...login, refresh: env("SET") }), "reference-in-login", "error", `${x}.refresh`, undefined],
  ["A1: expires in seconds", one({ ...token, expires: SECONDS }), "expires-in-seconds", "error", `${x}.expires`, "milliseconds"],
  ["A1: expires as text", one({ ...token, expires: "123" }), "expires-invalid", "error", `${x}.expires`, undefined],
  ["A1: expires null", one({ ...token, expires: null }), "expires-invalid", "error", `${x}.expires`, undefined],
  [
    "A1: expires 1e400",
    JSON.stringify(one({ ...token, expires: 7 })).replace(":7", ":1e400"),
    "expires-invalid",
    "error",
    `${x}.expires`,
    undefined,
  ],
  ["an end that is past", one({ ...token, expires: 1_600_000_000_000 }), "expired", "warning", `${x}.expires`, undefined],
  ["a flat store", { openai: { type: "api_key", key: "k-test" } }, "flat-store", "warning", "openai", "profiles.openai:default"],
  [
    "an account beside profiles",
    { profiles: {}, openai: { key: "k-test" } },
    "beside-profiles",
    "error",
    "openai",
    "profiles.openai:default",
  ],
  ["text at the top", { openai: "k-test" }, "part-invalid", "error", "profiles", '"profiles": {}'],
  ["profiles as a list", { profiles: [] }, "part-invalid", "error", "profiles", undefined],
  ["a list", "[]", "not-readable", "error", "$", expect.any(String)],
  ["a comma too many", '{ "profiles": {}, }', "not-readable", "error", "$", undefined],
  ["bytes that are no text", Buffer.from([0x7b, 0xff, 0x7d]), "not-readable", "error", "$", undefined],
  ["an id twice", '{ "profiles": { "p:x": {}, "p:x": {} } }', "not-writable", "error", "$", undefined],
  ["a newer version", { version: 2, profiles: {} }, "newer-version", "warning", "version", undefined],
  ["a version as text", { version: "1", profiles: {} }, "version-invalid", "warning", "version", undefined],
  ["an order that is text", { profiles: { "p:x": key }, order: { p: "p:x" } }, "order-invalid", "error", "order.p", undefined],
  ["an order that is null", { profiles: {}, order: null }, "order-invalid", "warning", "order", undefined],
  ["a lastGood that is null", { profiles: {}, lastGood: null }, "part-invalid", "warning", "lastGood", undefined],
  ["an order of numbers", { profiles: { "p:x": key }, order: { p: [7] } }, "order-invalid", "error", "order.p[0]", undefined],
  ["an order of unknown ids", { profiles: { "p:x": key }, order: { p: ["p:y"] } }, "order-unknown-id", "error", "order.p[0]", "p:x"],
  [
    "an unknown id in an order",
    { profiles: { "p:x": key }, order: { p: ["p:x", "P:X"] } },
    "order-unknown-id",
    "warning",
    "order.p[1]",
    "p:x",
  ],
  [
    "an id of another provider",
    { profiles: { "p:x": key }, order: { q: ["p:x"] } },
    "order-other-provider",
    "warning",
    "order.q[0]",
    undefined,
  ],
])("34: %s", (_name, store, code, severity, path, didYouMean) => {
  const content = Buffer.isBuffer(store) ? store : bytes(store);
  const findings = validateStore(content, { env: { EMPTY: " ", SET: "test-key-one" }, now: 1_700_000_000_000, name: "store.json" });
  expect(findings).toContainEqual(
    expect.objectContaining({
      code,
      severity,
      path,
      ...(didYouMean !== undefined && { didYouMean }),
      message: expect.stringMatching(/\S/u),
    }),
  );
  expect(JSON.stringify(findings)).not.toMatch(/k-test|test-(?:key|token|access|refresh)/u);
});

test("34: says line and column of what is no JSON", () => {
  expect(found('{\n  "profiles": {},\n}', { name: "store.json" })[0]?.message).toBe("store.json is not valid JSON at line 3, column 1");
});

test("an order may name accounts of the store behind it", () => {
  expect(found({ profiles: {}, order: { p: ["p:main"] } }, { otherIds: ["p:main"] })).toEqual([]);
});

test("says what to type", () => {
  expect(found(one({ ...key, key: "" }))[0]?.fix).toBe("openclaw models auth paste-token --provider p --profile-id p:x");
  expect(found(one({ type: "oauth", provider: "p" }))[0]?.fix).toBe("openclaw models auth login --provider p");
});

const names = [
  "type",
  "mode",
  "provider",
  "key",
  "apiKey",
  "keyRef",
  "token",
  "tokenRef",
  "access",
  "accessToken",
  "refresh",
  "expires",
  "expiresAt",
  "x",
  "email",
  "metadata",
  "accountId",
];
const values = fc.oneof(
  fc.constantFrom(
    "api_key",
    "token",
    "oauth",
    "passkey",
    "p",
    "",
    " ",
    "${A}",
    "${a}",
    "${}",
    "$A",
    "***",
    "\u2026",
    "\u0001",
    "test-key-one",
    "\u4e2d",
  ),
  fc.constantFrom(null, 0, -1, 1, SECONDS, LATER, true, [], {}, env("A"), env(""), { source: "env" }),
  fc.string(),
);
const entries = fc.oneof(fc.dictionary(fc.constantFrom(...names), values), values);
const stores = fc.oneof(
  fc.record({ profiles: fc.dictionary(fc.constantFrom("p:x", "x", "p:"), entries) }),
  fc.dictionary(
    fc.constantFrom("p", "p:x", "order", "version", "profiles", "lastGood"),
    fc.oneof(entries, fc.dictionary(fc.string(), values)),
  ),
);

/** The accounts of a store that no request could use as they stand; `undefined` where there is no reading it. */
function brokenIn(store: unknown): readonly string[] | undefined {
  try {
    const { profiles } = parseAuthStore(store);
    return [...profiles].flatMap(([id, profile]) => {
      const isLoginBroken = profile.type === "oauth" && (profile.forbiddenRefs !== undefined || profile.expires === "invalid");
      const isRefBroken = profile.type !== "oauth" && profile.refProblem !== undefined;
      return checkCredential(profile, 0) !== undefined || isLoginBroken || isRefBroken ? [id] : [];
    });
  } catch {
    return undefined;
  }
}

test("34: nothing is accepted by the loader, unusable, and without a finding", { timeout: 60_000 }, () => {
  const isFound = fc.property(stores, (store) => {
    const errors = found(store).filter(({ severity }) => severity === "error");
    const broken = brokenIn(JSON.parse(JSON.stringify(store)));
    return broken === undefined ? errors.length > 0 : broken.every((id) => errors.some(({ profileId }) => profileId === id));
  });
  expect(() => fc.assert(isFound, { numRuns: 3_000 })).not.toThrow();
});

test("34: what the JSON Schema does not allow has a finding", { timeout: 60_000 }, () => {
  const schema = z.fromJSONSchema(JSON.parse(JSON.stringify(authStoreJsonSchema)));
  const isFound = fc.property(stores, (store) => schema.safeParse(JSON.parse(JSON.stringify(store))).success || found(store).length > 0);
  expect(() => fc.assert(isFound, { numRuns: 3_000 })).not.toThrow();
});

test("21: whatever the bytes, there is an answer", () => {
  const isAnswered = fc.property(fc.uint8Array({ maxLength: 200 }), (content) => Array.isArray(validateStore(content)));
  expect(() => fc.assert(isAnswered, { numRuns: 2_000 })).not.toThrow();
});

import { Secret } from "@openclaw/secrets";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AuthProfileError } from "./errors.ts";
import { parseJsonTree, printJsonTree, valueOfTree, type JsonNode } from "./json-tree.ts";
import { encodeProfile } from "./profile-json.ts";
import { parseProfile, type AuthProfile } from "./profile.ts";

function nodeOf(json: unknown): JsonNode {
  const tree = parseJsonTree(JSON.stringify(json));
  if ("problem" in tree) throw new Error(tree.problem);
  return tree;
}

function profileOf(entry: unknown): AuthProfile {
  const parsed = parseProfile("p:x", entry);
  if ("dropped" in parsed) throw new Error(parsed.dropped);
  return parsed.profile;
}

const encode = (profile: AuthProfile, stored?: unknown) =>
  valueOfTree(encodeProfile("p:x", profile, stored === undefined ? undefined : nodeOf(stored)));

function refusal(profile: AuthProfile): AuthProfileError {
  try {
    encode(profile);
  } catch (error) {
    if (error instanceof AuthProfileError) return error;
    throw error;
  }
  throw new Error("it was written");
}

/** What is written of a key, or the code of the refusal. */
function encodedOrRefused(text: string): unknown {
  try {
    return encode(key(text));
  } catch (error) {
    return error instanceof AuthProfileError ? error.code : error;
  }
}

const key = (secret: string): AuthProfile => ({ type: "api_key", provider: "p", secret: Secret.of(secret) });
const ref = { source: "env", provider: "default", id: "P_KEY" } as const;

describe("a new entry says what the profile says", () => {
  test.each([
    ["a key", { type: "api_key", provider: "p", key: "test-key-one", email: "a@b", displayName: "A", metadata: { region: "eu" } }],
    ["a key that is elsewhere", { type: "api_key", provider: "p", keyRef: ref }],
    ["a token", { type: "token", provider: "p", token: "test-token-one", expires: 1_800_000_000_000 }],
    ["a token that is elsewhere", { type: "token", provider: "p", tokenRef: ref, expires: 1.5 }],
    [
      "a login",
      {
        type: "oauth",
        provider: "p",
        access: "test-access-one",
        refresh: "test-refresh-one",
        accountId: "acc",
        projectId: "prj",
        enterpriseUrl: "https://e",
        clientId: "cli",
        expires: 1_800_000_000_000,
      },
    ],
  ])("%s", (_name, entry) => {
    expect(encode(profileOf(entry))).toStrictEqual(entry);
  });
});

describe("a stored entry of the same type", () => {
  const stored = {
    note: "mine",
    type: "api_key",
    provider: "p",
    key: "test-key-one",
    metadata: { team: "a", quota: 7 },
    future: { a: [1] },
  };

  test("A11: keeps what nobody here knows, where it stands", () => {
    const entry = encodeProfile("p:x", key("test-key-two"), nodeOf(stored));
    expect(printJsonTree(entry)).toBe(JSON.stringify({ ...stored, key: "test-key-two", metadata: { quota: 7 } }, undefined, 2));
  });

  test("keeps odd numbers to the byte", () => {
    const tree = parseJsonTree('{"type":"token","provider":"p","token":"t-one","expires":1.8e12,"id":12345678901234567890,"n":-0}');
    if ("problem" in tree) throw new Error(tree.problem);
    const entry = encodeProfile("p:x", profileOf(valueOfTree(tree)), tree);
    expect(printJsonTree(entry)).toContain('"expires": 1.8e12,\n  "id": 12345678901234567890,\n  "n": -0');
  });

  test("A11: any profile that was read is written as it was", () => {
    const extra = fc.dictionary(
      fc.string().map((name) => `x-${name}`),
      fc.jsonValue(),
      { maxKeys: 3 },
    );
    const secret = fc.stringMatching(/^[A-Za-z0-9._-]{1,40}$/);
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const base = fc.record({ email: word, displayName: word, metadata: fc.dictionary(word, word, { minKeys: 1 }) }, { requiredKeys: [] });
    const typed = fc.oneof(
      fc.record({ type: fc.constant("api_key"), provider: word, key: secret }),
      fc.record({ type: fc.constant("token"), provider: word, token: secret, expires: fc.integer({ min: 1 }) }),
      fc.record({
        type: fc.constant("oauth"),
        provider: word,
        access: secret,
        refresh: secret,
        expires: fc.integer({ min: 1 }),
        clientId: word,
      }),
    );
    fc.assert(
      fc.property(typed, base, extra, (fields, more, unknown) => {
        const entry = { ...fields, ...more, ...unknown };
        expect(printJsonTree(encodeProfile("p:x", profileOf(entry), nodeOf(entry)))).toBe(printJsonTree(nodeOf(entry)));
      }),
    );
  });

  test("a field the profile has no more goes", () => {
    expect(encode(key("test-key-one"), { ...stored, email: "a@b", displayName: "A" })).not.toHaveProperty("email");
  });

  test("a reference drops the value beside it, and a value the reference", () => {
    const withRef = encode({ type: "api_key", provider: "p", ref }, { type: "api_key", provider: "p", key: "test-key-one" });
    expect(withRef).toEqual({ type: "api_key", provider: "p", keyRef: ref });
    expect(encode(key("test-key-two"), withRef)).toEqual({ type: "api_key", provider: "p", key: "test-key-two" });
  });

  test("other spellings become the documented ones", () => {
    const old = { mode: "api_key", provider: "p", apiKey: "test-key-one", note: 1 };
    expect(printJsonTree(encodeProfile("p:x", profileOf(old), nodeOf(old)))).toBe(
      JSON.stringify({ type: "api_key", provider: "p", key: "test-key-one", note: 1 }, undefined, 2),
    );
    const inPlace = { type: "token", provider: "p", token: "${P_TOKEN}" };
    expect(encode(profileOf(inPlace), inPlace)).toEqual({
      type: "token",
      provider: "p",
      tokenRef: { source: "env", provider: "default", id: "P_TOKEN" },
    });
  });

  test.each([
    ["a broken reference", { type: "api_key", provider: "p", keyRef: { source: "env", provider: "default", id: "not valid" } }],
    ["a value no request can carry", { type: "token", provider: "p", token: "test\u0007token" }],
    ["an expires that cannot be meant", { type: "token", provider: "p", token: "test-token-one", expires: "soon" }],
    ["a login that holds references", { type: "oauth", provider: "p", access: ref, refresh: "test-refresh-one" }],
    ["a name that is no text", { type: "api_key", provider: "p", key: "test-key-one", email: { a: 1 } }],
  ])("%s is not lost when something else is changed", (_name, entry) => {
    expect(encode({ ...profileOf(entry), displayName: "A" }, entry)).toEqual({ ...entry, displayName: "A" });
  });

  test("a new login over one that holds references leaves none", () => {
    const login: AuthProfile = { type: "oauth", provider: "p", access: Secret.of("test-access-one") };
    const stored = { type: "oauth", provider: "p", refresh: ref, keyRef: ref, note: 1 };
    expect(encode(login, stored)).toEqual({ type: "oauth", provider: "p", note: 1, access: "test-access-one" });
  });
});

test("an entry of another type is replaced", () => {
  const entry = encode(key("test-key-one"), { type: "oauth", provider: "p", access: "test-access-one", note: 1 });
  expect(entry).toEqual({ type: "api_key", provider: "p", key: "test-key-one" });
});

describe("need 23: what is no credential is refused, by profile and field", () => {
  test.each([
    ["a mask", "sk-…canary"],
    ["a redacted value", "[redacted]canary"],
    ["stars", "sk-***canary"],
    ["the mask of OpenClaw", "__OPENCLAW_REDACTED__canary"],
    ["a placeholder", "${CANARY}"],
    ["an op reference", "op://canary/key"],
    ["a line break inside", "canary\nsecond"],
    ["a control character", "canary\u0007"],
    ["a character beyond Latin-1", "canary\u200b"],
    ["nothing", "  "],
  ])("%s", (_name, value) => {
    const error = refusal(key(value));
    expect(error).toMatchObject({
      code: "credential-refused",
      profileId: "p:x",
      message: expect.stringContaining('Profile "p:x", key: the value'),
    });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/canary/i);
  });

  test.each(["access", "refresh"] as const)("also as %s of a login", (field) => {
    const error = refusal({ type: "oauth", provider: "p", [field]: Secret.of("***") });
    expect(error).toMatchObject({ code: "credential-refused", message: expect.stringContaining(`"p:x", ${field}:`) });
  });

  test("an impossible expires, and a profile without provider", () => {
    expect(refusal({ type: "token", provider: "p", secret: Secret.of("t-one"), expires: Number.NaN }).message).toContain("expires");
    expect(refusal({ ...key("test-key-one"), provider: " " }).message).toContain("missing_provider");
  });

  test("the printed form of a secret is never stored in its place", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (text) => {
        const shown = `${Secret.of(text)}`;
        expect(refusal(key(shown)).code).toBe("credential-refused");
      }),
      { numRuns: 20 },
    );
  });

  test("need 21: whatever is accepted reads back as it was", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.string()), (text) => {
        const entry = encodedOrRefused(text);
        if (entry === "credential-refused") return;
        const read = profileOf(entry);
        expect(read.type === "api_key" && read.secret?.reveal()).toBe(text.replace(/^\uFEFF/, "").trim());
      }),
      { numRuns: 2_000 },
    );
  });
});

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { SecretProviders } from "./provider-config.ts";
import { createSecretResolver } from "./resolver.ts";
import { parseSecretRef, type SecretRef } from "./secret-ref.ts";

const env = {
  GOOD: " test-key-one\n",
  BLANK: " ",
  BROKEN: "test\u001Bkey-two",
  MASKED: "sk-key-two…abcd",
  WRAPPED: "test-\nkey-\r\none\u200B",
  PATH: "/bin",
};
const providers: SecretProviders = {
  shell: { source: "env", allowlist: ["GOOD"] },
  closed: { source: "env", allowlist: [] },
  file: { source: "file", path: "/nowhere" },
};
const resolver = createSecretResolver({ env, providers });

/** The value or the error, which is the same at once and later. */
async function resolve(value: unknown): Promise<unknown> {
  const ref = parseSecretRef(value);
  const later = await resolver.resolve(ref).then(
    (secret) => secret.reveal(),
    (error: unknown) => error,
  );
  const atOnce = ref.source === "env" ? now(ref) : later;
  expect(atOnce).toEqual(later);
  return later;
}

function now(ref: SecretRef): unknown {
  const outcome = resolver.outcomeOf(ref);
  if (outcome.status === "failed") return outcome.error;
  return outcome.status === "resolved" ? outcome.secret.reveal() : outcome.status;
}

describe("environment references", () => {
  test.each([
    ["${GOOD}", "test-key-one"],
    ["${WRAPPED}", "test-key-one"],
    ["${PATH}", "/bin"],
    [{ source: "env", provider: "shell", id: "GOOD" }, "test-key-one"],
  ])("%j is read, cleaned", async (value, expected) => {
    expect(await resolve(value)).toBe(expected);
  });

  test.each([
    ["${ABSENT}", "reference-unresolved", 'Environment variable "ABSENT" is missing or empty.'],
    ["${BLANK}", "reference-unresolved", 'Environment variable "BLANK" is missing or empty.'],
    ["${BROKEN}", "value-refused", "env:default:BROKEN: the value holds a line break or another control character"],
    ["${MASKED}", "value-refused", "env:default:MASKED: the value is the mask of a secret, not a secret"],
  ])("%j cannot be resolved: %s", async (value, code, message) => {
    const error = await resolve(value);
    expect(error).toMatchObject({ name: "SecretsError", code, message });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain("key-two");
  });

  test.each([
    ["shell", "PATH"],
    ["closed", "GOOD"],
  ])("provider %s does not give %s, which its allowlist does not name [S3]", async (provider, id) => {
    expect(await resolve({ source: "env", provider, id })).toMatchObject({
      code: "reference-unresolved",
      message: `Environment variable "${id}" is not on the allowlist of secret provider "${provider}".`,
      hint: `add it to secrets.providers.${provider}.allowlist`,
    });
  });

  test("says what to do about a missing variable", async () => {
    expect(await resolve("${ABSENT}")).toMatchObject({ hint: "set ABSENT in the environment or in the .env file of the state folder" });
  });

  test("a name that every object has is no variable", () => {
    const inherited = createSecretResolver({ env: Object.create({ INHERITED: "test-key-one" }) });
    expect(inherited.outcomeOf(parseSecretRef("${INHERITED}"))).toMatchObject({
      error: { message: expect.stringContaining("is missing or empty") },
    });
  });
});

describe("the provider a reference names [S10]", () => {
  test.each<[SecretRef, string]>([
    [{ source: "env", provider: "other", id: "GOOD" }, 'Secret provider "other" is not configured (ref: env:other:GOOD)'],
    [{ source: "file", provider: "default", id: "/a" }, 'Secret provider "default" is not configured (ref: file:default:/a)'],
    [{ source: "exec", provider: "default", id: "a" }, 'Secret provider "default" is not configured (ref: exec:default:a)'],
    [{ source: "env", provider: "constructor", id: "GOOD" }, 'Secret provider "constructor" is not configured (ref: env:constructor:GOOD)'],
    [{ source: "exec", provider: "file", id: "a" }, 'Secret provider "file" has source "file" but ref requests "exec" (ref: exec:file:a)'],
    [
      { source: "env", provider: "file", id: "GOOD" },
      'Secret provider "file" has source "file" but ref requests "env" (ref: env:file:GOOD)',
    ],
  ])("%j", async (ref, message) => {
    expect(await resolve(ref)).toMatchObject({ code: "reference-unresolved", message });
  });

  test("`default` is the environment unless it is configured otherwise", () => {
    const other = createSecretResolver({ env, providers: { default: { source: "file", path: "/a" } } });
    expect(other.outcomeOf(parseSecretRef("${GOOD}"))).toMatchObject({
      error: { message: expect.stringContaining('has source "file" but ref requests "env"') },
    });
  });
});

test("nothing but the environment can be read without waiting", () => {
  expect(resolver.outcomeOf({ source: "file", provider: "file", id: "/a" })).toEqual({ status: "skipped" });
});

test("many are resolved at once, and one that fails keeps no other from it", async () => {
  const ids = ["GOOD", "ABSENT", "GOOD", "PATH"];
  const outcomes = await resolver.resolveAll(ids.map((id) => ({ source: "env", provider: "default", id })));
  expect([...outcomes].map(([name, { status }]) => [name, status])).toEqual([
    ["env:default:GOOD", "resolved"],
    ["env:default:ABSENT", "failed"],
    ["env:default:PATH", "resolved"],
  ]);
  expect(await resolver.resolveAll([])).toEqual(new Map());
});

test("10 000 references are no trouble [S15]", async () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `KEY_${index}`);
  const many = createSecretResolver({ env: Object.fromEntries(names.map((name) => [name, `v-${name}`])) });
  const outcomes = await many.resolveAll(names.map((id) => ({ source: "env", provider: "default", id })));
  expect([...outcomes.values()].filter((outcome) => outcome.status === "resolved")).toHaveLength(10_000);
});

test("an abort is rethrown as it came", async () => {
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await expect(resolver.resolve(parseSecretRef("${GOOD}"), { signal })).rejects.toBe(reason);
  await expect(resolver.resolveAll([], { signal })).rejects.toBe(reason);
});

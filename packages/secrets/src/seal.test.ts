import { inspect } from "node:util";
import { createCanary, findCanary } from "@openclaw/testkit";
import { expect, test } from "vitest";
import { seal, unseal, type SealOptions } from "./seal.ts";
import { Secret } from "./secret.ts";

const key = Secret.of("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
const record: SealOptions = { key, prefix: "openclaw:", name: "profile anthropic:work", version: 3 };

test.each(["test-key-one", "", "ключ ☃ \u0000\n", "x".repeat(70_000)])("a value comes back as it was: %j", (value) => {
  expect(unseal(seal(Secret.of(value), record), record).equals(Secret.of(value))).toBe(true);
});

test("the format stays as it is", () => {
  const sealed = "sealed:v1:AAECAwQFBgcICQoLYn3GQm0iqM_kVAGZschFpZSWQPHVOhcSAQPBag";
  expect(unseal(sealed, record).reveal()).toBe("test-key-one");
});

test("the same value is sealed differently each time, and cannot be seen in it", async () => {
  const canary = createCanary("seal");
  const sealed = Array.from({ length: 100 }, () => seal(Secret.of(canary), record));
  expect(new Set(sealed).size).toBe(100);
  expect(await findCanary(canary, { texts: { sealed: sealed.join("\n") } })).toEqual([]);
});

test("a key may be written in hex of either case or in base64url", () => {
  const bytes = Buffer.from(key.reveal(), "hex");
  const sealed = seal(Secret.of("test-key-one"), record);
  for (const text of [key.reveal().toUpperCase(), bytes.toString("base64url"), `${bytes.toString("base64url")}=`]) {
    expect(unseal(sealed, { ...record, key: Secret.of(text) }).reveal()).toBe("test-key-one");
  }
});

test.each(["", "short", "0".repeat(63), "0".repeat(65), "z".repeat(64), "A".repeat(42), "A".repeat(44), `${"0".repeat(64)}\n`])(
  "refuses %j as a key and does not repeat it",
  (text) => {
    const wrong = { ...record, key: Secret.of(text) };
    for (const run of [() => seal(Secret.of("a"), wrong), () => unseal("sealed:v1:", wrong)]) {
      expect(run).toThrow(expect.objectContaining({ code: "seal-key-invalid" }));
      expect(run).toThrow(/^A sealing key is 32 bytes: 64 hex digits or 43 base64url characters$/);
    }
  },
);

const sealed = seal(Secret.of("test-key-one"), record);
test.each<[string, string, Partial<SealOptions>]>([
  ["under another key", sealed, { key: Secret.of("0".repeat(64)) }],
  ["moved to another record", sealed, { name: "profile anthropic:home" }],
  ["put back into a newer record", sealed, { version: 4 }],
  ["of another installation", sealed, { prefix: "other:" }],
  ["whose prefix and name are divided elsewhere", sealed, { prefix: "openclaw:profile ", name: "anthropic:work" }],
  ["cut short", sealed.slice(0, -1), {}],
  ["cut to its head", sealed.slice(0, 30), {}],
  ["emptied", "sealed:v1:", {}],
  ["that is no sealed record", "test-key-one", {}],
  ["that is empty", "", {}],
  ["of another format", sealed.replace("v1", "v2"), {}],
  ["with something behind it", `${sealed}\n`, {}],
  ["with padding", `${sealed}=`, {}],
  ["of which one bit is another", sealed.slice(0, 20) + (sealed[20] === "A" ? "B" : "A") + sealed.slice(21), {}],
])("a record %s is an error that names it [27]", (_, text, change) => {
  const options = { ...record, ...change };
  const run = () => unseal(text, options);
  expect(run).toThrow(expect.objectContaining({ name: "SecretsError", code: "seal-broken" }));
  expect(run).toThrow(options.name);
  expect(inspect(thrownBy(run), { showHidden: true, depth: 9 })).not.toMatch(/test-key-one|0011223344/);
});

test("every cut and every changed character is noticed [51]", () => {
  for (let at = 0; at < sealed.length; at++) {
    expect(() => unseal(sealed.slice(0, at), record)).toThrow(expect.objectContaining({ code: "seal-broken" }));
    const changed = sealed.slice(0, at) + (sealed[at] === "A" ? "B" : "A") + sealed.slice(at + 1);
    expect(() => unseal(changed, record)).toThrow(expect.objectContaining({ code: "seal-broken" }));
  }
});

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

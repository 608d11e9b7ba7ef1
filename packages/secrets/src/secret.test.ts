import { Buffer } from "node:buffer";
import { format, inspect } from "node:util";
import { serialize } from "node:v8";
import * as fc from "fast-check";
import { createCanary, findCanary } from "@openclaw/testkit";
import { describe, expect, test } from "vitest";
import { Secret } from "./secret.ts";

describe("a secret shows nothing of its value", () => {
  const value = createCanary("secret");
  const secret = Secret.of(value);
  const holder = { secret, list: [secret], map: new Map([["key", secret]]) };
  const shown: Readonly<Record<string, () => string | Uint8Array>> = {
    String: () => String(secret),
    template: () => `${secret}`,
    concatenation: () => "key: " + secret,
    toLocaleString: () => secret.toLocaleString(),
    join: () => [secret].join(),
    JSON: () => JSON.stringify(holder),
    "inspect, everything shown": () => inspect(holder, { showHidden: true, depth: 9, getters: true }),
    "inspect without our own printing": () => inspect(holder, { showHidden: true, depth: 9, customInspect: false }),
    "%s %o %O %j": () => format("%s %o %O %j", secret, secret, secret, secret),
    "error message": () => new Error(`refused: ${secret}`, { cause: holder }).message,
    "error with a cause, inspected": () => inspect(new Error("refused", { cause: holder }), { showHidden: true, depth: 9 }),
    structuredClone: () => inspect(structuredClone(holder), { showHidden: true, depth: 9 }),
    "v8 serialize": () => serialize(holder),
    spread: () => JSON.stringify({ ...secret }),
    "own properties": () => JSON.stringify([Reflect.ownKeys(secret), Object.entries(secret), Object.getOwnPropertyDescriptors(secret)]),
    URLSearchParams: () => new URLSearchParams({ key: String(secret) }).toString(),
  };

  test.each(Object.keys(shown))("%s", async (way) => {
    expect(await findCanary(value, { texts: { [way]: shown[way]?.() ?? "" } }, { minPiece: 4 })).toEqual([]);
  });

  test("but says that something is there", () => {
    expect([`${secret}`, JSON.stringify(secret), inspect(secret)]).toEqual(["[redacted]", '"[redacted]"', "[redacted]"]);
  });
});

test("gives back exactly what was put in", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => {
      expect(Secret.of(value).reveal()).toBe(value);
    }),
  );
});

test("two secrets are equal when their values are, whatever their lengths", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 3 }), fc.string({ maxLength: 3 }), (left, right) => {
      expect(Secret.of(left).equals(Secret.of(right))).toBe(left === right);
    }),
  );
});

test.each([
  ["sk-ant-oat01-x", "sk-ant-oat", true],
  ["sk-ant-api03-x", "sk-ant-oat", false],
  ["sk", "sk-ant-oat", false],
  ["", "", true],
])("%j begins with %j: %s", (value, prefix, expected) => {
  expect(Secret.of(value).startsWith(prefix)).toBe(expected);
});

describe("fingerprint", () => {
  const salt = Buffer.from("salt-of-this-home");

  test("is # and the first eight hex digits of HMAC-SHA256(salt, value)", () => {
    expect(Secret.of("test-key-one").fingerprint(salt)).toBe("#84e834ed");
  });

  test("is the same for the same value and another under another salt", () => {
    const print = Secret.of("test-key-one").fingerprint(salt);
    expect(Secret.of("test-key-one").fingerprint(salt)).toBe(print);
    expect(Secret.of("test-key-one").fingerprint(Buffer.from("another"))).not.toBe(print);
    expect(Secret.of("test-key-two").fingerprint(salt)).not.toBe(print);
  });
});

import * as fc from "fast-check";
import type { Env } from "@openclaw/secrets";
import { describe, expect, test } from "vitest";
import { envKeyCandidates, envKeys, liveKey } from "./env-keys.ts";

const listed = (env: Env, provider = "openai", variables: readonly string[] = []) =>
  envKeys(env, provider, { variables }).map((key) => `${key.origin}=${key.secret.reveal()}`);

describe("the keys of a provider, in the order they are tried", () => {
  test.each<[string, Env, readonly string[]]>([
    ["none", {}, []],
    ["the primary one", { OPENAI_API_KEY: "a" }, ["OPENAI_API_KEY=a"]],
    ["of any length and shape", { OPENAI_API_KEY: "x" }, ["OPENAI_API_KEY=x"]],
    [
      "a list, before the primary, before the numbered",
      { OPENAI_API_KEY_1: "d", OPENAI_API_KEY: "c", OPENAI_API_KEYS: "a,b" },
      ["OPENAI_API_KEYS[1]=a", "OPENAI_API_KEYS[2]=b", "OPENAI_API_KEY=c", "OPENAI_API_KEY_1=d"],
    ],
    [
      "a list in any separators",
      { OPENAI_API_KEYS: "a, b;c\td\n\ne ; ,, f" },
      ["a", "b", "c", "d", "e", "f"].map((key, index) => `OPENAI_API_KEYS[${index + 1}]=${key}`),
    ],
    [
      "the numbered in natural order",
      { OPENAI_API_KEY_10: "d", OPENAI_API_KEY_9: "c", OPENAI_API_KEY_2: "b", OPENAI_API_KEY_1: "a" },
      ["OPENAI_API_KEY_1=a", "OPENAI_API_KEY_2=b", "OPENAI_API_KEY_9=c", "OPENAI_API_KEY_10=d"],
    ],
    [
      "the numbered before the named",
      { OPENAI_API_KEY_WORK: "c", OPENAI_API_KEY_HOME_10: "b", OPENAI_API_KEY_HOME_9: "a", OPENAI_API_KEY_3: "n" },
      ["OPENAI_API_KEY_3=n", "OPENAI_API_KEY_HOME_9=a", "OPENAI_API_KEY_HOME_10=b", "OPENAI_API_KEY_WORK=c"],
    ],
    ["equal numbers in a fixed order", { OPENAI_API_KEY_2: "b", OPENAI_API_KEY_02: "a" }, ["OPENAI_API_KEY_02=a", "OPENAI_API_KEY_2=b"]],
    [
      "each once, where it comes first",
      { OPENAI_API_KEYS: "b a b", OPENAI_API_KEY: "a", OPENAI_API_KEY_1: "c", OPENAI_API_KEY_2: " b\n" },
      ["OPENAI_API_KEYS[1]=b", "OPENAI_API_KEYS[2]=a", "OPENAI_API_KEY_1=c"],
    ],
    [
      "without blanks",
      { OPENAI_API_KEYS: " ,; ", OPENAI_API_KEY: "", OPENAI_API_KEY_1: " \n", OPENAI_API_KEY_2: "a" },
      ["OPENAI_API_KEY_2=a"],
    ],
    ["cleaned of line breaks and spaces", { OPENAI_API_KEY: " test-\r\nkey " }, ["OPENAI_API_KEY=test-key"]],
    [
      "without companions",
      {
        OPENAI_API_KEY_FILE: "/run/key",
        OPENAI_API_KEY_PATH: "/run/key",
        OPENAI_API_KEY_HELPER: "helper",
        OPENAI_API_KEY_REF: "op://x",
        OPENAI_API_KEY_CMD: "pass x",
        OPENAI_API_KEY_COMMAND: "pass x",
        OPENAI_API_KEY_URL: "https://x",
        OPENAI_API_KEY_2_FILE: "/run/key",
        OPENAI_API_KEY_2: "a",
      },
      ["OPENAI_API_KEY_2=a"],
    ],
    ["of no other provider", { OPENAI_CODEX_API_KEY: "a", XOPENAI_API_KEY: "b", OPENAI_API_KEYRING: "c", GOOGLE_API_KEY: "d" }, []],
    [
      "the live one alone",
      { OPENCLAW_LIVE_OPENAI_KEY: "live", OPENAI_API_KEYS: "a b", OPENAI_API_KEY: "c", OPENAI_API_KEY_1: "d" },
      ["OPENCLAW_LIVE_OPENAI_KEY=live"],
    ],
    ["a blank live one counts as unset", { OPENCLAW_LIVE_OPENAI_KEY: " ", OPENAI_API_KEY: "a" }, ["OPENAI_API_KEY=a"]],
    ["the live one is one key, not a list", { OPENCLAW_LIVE_OPENAI_KEY: "a,b" }, ["OPENCLAW_LIVE_OPENAI_KEY=a,b"]],
  ])("%s", (_, env, expected) => {
    expect(listed(env)).toEqual(expected);
  });

  test.each(["google", "google-vertex"])("%s: GOOGLE_API_KEY comes last, and is no rotation variable", (provider) => {
    const env = { GOOGLE_API_KEY: "z", GOOGLE_API_KEY_1: "no", GEMINI_API_KEY_1: "b", GEMINI_API_KEY: "a" };
    expect(listed(env, provider)).toEqual(["GEMINI_API_KEY=a", "GEMINI_API_KEY_1=b", "GOOGLE_API_KEY=z"]);
    expect(listed({ GOOGLE_API_KEY: "a", GEMINI_API_KEY: "a" }, provider)).toEqual(["GEMINI_API_KEY=a"]);
  });

  test("a dash of the provider's id is an underscore", () => {
    expect(listed({ OPENAI_CODEX_API_KEYS: "a", OPENCLAW_LIVE_OPENAI_CODEX_KEY: "" }, "openai-codex")).toEqual([
      "OPENAI_CODEX_API_KEYS[1]=a",
    ]);
  });
});

describe("further variables of a provider", () => {
  const env = { FIRST: "first", HF_API_KEYS: "list", HF_API_KEY: "primary", HF_API_KEY_1: "numbered", LAST: "last", TOO: "too" };
  test.each<[string, readonly string[], readonly string[]]>([
    [
      "come after the rotation variables",
      ["LAST", "TOO"],
      ["HF_API_KEYS[1]=list", "HF_API_KEY=primary", "HF_API_KEY_1=numbered", "LAST=last", "TOO=too"],
    ],
    [
      "keep their place around the primary one",
      ["FIRST", "HF_API_KEY", "LAST"],
      ["FIRST=first", "HF_API_KEYS[1]=list", "HF_API_KEY=primary", "HF_API_KEY_1=numbered", "LAST=last"],
    ],
    ["may be unset", ["ABSENT", "HF_API_KEY", "MISSING"], ["HF_API_KEYS[1]=list", "HF_API_KEY=primary", "HF_API_KEY_1=numbered"]],
  ])("%s", (_, variables, expected) => {
    expect(listed(env, "hf", variables)).toEqual(expected);
  });

  test("do not stand beside a live key", () => {
    expect(listed({ ...env, OPENCLAW_LIVE_HF_KEY: "live" }, "hf", ["FIRST"])).toEqual(["OPENCLAW_LIVE_HF_KEY=live"]);
  });
});

test("no key comes twice and none is lost, however the variables repeat them", () => {
  const name = fc.constantFrom("OPENAI_API_KEYS", "OPENAI_API_KEY", "OPENAI_API_KEY_1", "OPENAI_API_KEY_2", "OPENAI_API_KEY_FILE");
  const keys = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 5 });
  fc.assert(
    fc.property(fc.dictionary(name, keys), (variables) => {
      const env = Object.fromEntries(
        Object.entries(variables).map(([variable, values]) => [variable, variable.endsWith("S") ? values.join(" ") : values[0]]),
      );
      const expected = new Set(
        Object.entries(env).flatMap(([variable, text]) =>
          variable.endsWith("FILE") ? [] : (text ?? "").split(" ").filter((key) => key !== ""),
        ),
      );
      const found = envKeys(env, "openai").map((key) => key.secret.reveal());
      expect(found.toSorted()).toEqual([...expected].toSorted());
    }),
  );
});

test("the live key is known by itself", () => {
  expect(liveKey({ OPENCLAW_LIVE_OPENAI_KEY: "live" }, "openai")?.secret.reveal()).toBe("live");
  expect(liveKey({ OPENAI_API_KEY: "a" }, "openai")).toBeUndefined();
});

describe("candidates", () => {
  const options = { hosts: ["https://api.openai.com"], salt: Buffer.from("salt") };
  const env = { OPENAI_API_KEYS: "test-key-one test-key-two" };

  test("are named by fingerprint and origin, never by the key", () => {
    const [first] = envKeyCandidates(env, "openai", options);
    expect(first).toMatchObject({
      id: expect.stringMatching(/^#[0-9a-f]{8}$/),
      provider: "openai",
      origin: "OPENAI_API_KEYS[1]",
      billing: "metered",
      hosts: ["https://api.openai.com"],
      via: "key",
    });
    expect(JSON.stringify(envKeyCandidates(env, "openai", options))).not.toContain("test-key");
    expect(Object.isFrozen(first)).toBe(true);
  });

  test("resolve at once to the key and what is known of it", () => {
    const resolved = envKeyCandidates(env, "openai", options).map((candidate) => candidate.resolve({}));
    expect(resolved).toMatchObject([
      { kind: "api-key", generation: 0, origin: "OPENAI_API_KEYS[1]", hosts: options.hosts },
      { origin: "OPENAI_API_KEYS[2]" },
    ]);
    expect(resolved.map((credential) => "secret" in credential && credential.secret.reveal())).toEqual(["test-key-one", "test-key-two"]);
  });

  test("say who pays, if told how to find out", () => {
    const candidates = envKeyCandidates(env, "openai", {
      ...options,
      billing: (key) => (key.secret.startsWith("test-key-t") ? "subscription" : "metered"),
    });
    expect(candidates.map((candidate) => candidate.billing)).toEqual(["metered", "subscription"]);
  });
});

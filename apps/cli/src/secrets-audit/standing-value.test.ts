import { mergeEnv } from "@openclaw/home";
import { Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { readStanding } from "./standing-value.ts";

const env = mergeEnv([["env", { HOME_KEY: "test-key-one" }]]);
const kindOf = (value: unknown, canBeName = true) => readStanding(value, env, canBeName).kind;

test.each([undefined, null, "", "  ", 5, true, [], {}, { apiKey: "x" }])("%j is nothing", (value) => {
  expect(kindOf(value)).toBe("nothing");
});

test.each(["${HOME_KEY}", " ${HOME_KEY} ", { source: "env", id: "HOME_KEY" }, { source: "nonsense" }])("%j is a reference", (value) => {
  expect(kindOf(value)).toBe("reference");
});

test.each(["$HOME_KEY", "Bearer ${HOME_KEY}", "Bearer: ${OTHER}", "HOME_KEY", "NOT_SET_TOKEN", "ollama-local", "secretref-env:HOME_KEY"])(
  "%j is a marker",
  (value) => {
    expect(kindOf(value)).toBe("marker");
  },
);

test.each(["test-key-one", "Bearer test-key", "prefix-${HOME_KEY}-test-key", "$lower", "test\u0000key", "NOTANAME", "${}"])(
  "%j is plaintext",
  (value) => {
    expect(kindOf(value)).toBe("plaintext");
  },
);

test("the name of a variable is a password like any other where no name can stand", () => {
  expect(kindOf("MY_SECRET", false)).toBe("plaintext");
});

test("of a header the secret is what stands behind the scheme", () => {
  const standing = readStanding("Bearer test-key-one", env, true);
  expect(standing.kind === "plaintext" && standing.secret.equals(Secret.of("test-key-one"))).toBe(true);
});

import { Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import type { SecretPlace } from "./audit-source.ts";
import { uniqueSecrets } from "./known-secrets.ts";

const place = (file: string): SecretPlace => ({ kind: "file", file });

test("a value is known once, by its first name, and is at home in all of its places", () => {
  const unique = uniqueSecrets([
    { label: "OPENAI_API_KEY", secret: Secret.of("test-key-one"), places: [place("a")] },
    { label: "profile openai:default", secret: Secret.of("test-key-one"), places: [place("b")] },
  ]);
  expect(unique.map(({ label, places }) => [label, places])).toEqual([["OPENAI_API_KEY", [place("a"), place("b")]]]);
});

test("two values of one name are told apart", () => {
  const secrets = ["one", "two"].map((name) => ({ label: "OPENAI_API_KEYS", secret: Secret.of(`test-key-${name}`), places: [] }));
  expect(uniqueSecrets(secrets).map(({ label }) => label)).toEqual(["OPENAI_API_KEYS", "OPENAI_API_KEYS (2)"]);
});

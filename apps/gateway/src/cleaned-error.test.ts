import { inspect } from "node:util";
import { createRedactor, Secret } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { cleanedError } from "./cleaned-error.ts";

test("L2: an error nobody foresaw reaches the log without the key", () => {
  const redactor = createRedactor();
  redactor.add(Secret.of("test-key-one"));
  const cause = new Error("read: Bearer test-key-one");
  const error = Object.assign(new TypeError("cannot parse test-key-one", { cause }), { data: "test-key-one" });
  const clean = cleanedError(error, redactor);
  expect(inspect(clean, { depth: 9 })).not.toContain("test-key");
  expect(clean).toMatchObject({ name: "TypeError", message: "cannot parse [redacted]" });
  expect(clean.stack).toContain("cleaned-error.test.ts");
});

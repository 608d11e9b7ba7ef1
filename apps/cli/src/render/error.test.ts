import { SecretsError } from "@openclaw/secrets";
import { expect, test } from "vitest";
import { renderError } from "./error.ts";

test("says what is wrong and what to type, and no escape sequence", () => {
  const error = new SecretsError("file-refused", "a\u001B[31m is open\nb is too", { hint: "chmod 600 a\u0007" });
  expect(renderError(error)).toBe("Error: a is open\nb is too\n  chmod 600 a ");
});

test("says what is wrong with each of the references that stop a start, and what helps against several of them once", () => {
  const chmod = { hint: "chmod 600 keys.json" };
  const cause = new AggregateError([
    new SecretsError("file-refused", "file:keys:/a: permissions are too open", chmod),
    new SecretsError("command-failed", "exec:vault:x: vault ended with exit code 1"),
    new SecretsError("file-refused", "file:keys:/b: permissions are too open", chmod),
    new SecretsError("file-refused", "file:keys:/a: permissions are too open", chmod),
  ]);
  const error = new SecretsError("activation-failed", "Not every secret could be resolved: places", { cause });
  expect(renderError(error).split("\n")).toEqual([
    "Error: Not every secret could be resolved: places",
    "  file:keys:/a: permissions are too open",
    "  file:keys:/b: permissions are too open",
    "    chmod 600 keys.json",
    "  exec:vault:x: vault ended with exit code 1",
  ]);
});

test("leaves the causes of an error alone that has a hint of its own", () => {
  const cause = new AggregateError([new SecretsError("invalid-reference", "the same again")]);
  expect(renderError(new SecretsError("activation-failed", "x", { cause, hint: "do this" }))).toBe("Error: x\n  do this");
});

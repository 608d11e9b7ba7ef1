import { describe, expect, test } from "vitest";
import { accountName, compareAccounts } from "./account-name.ts";

const anna = { accountId: "one", email: "anna@example.test" };

describe("T18: whether two logins are of one account", () => {
  test.each([
    [anna, anna, "same"],
    [anna, { accountId: "one" }, "same"],
    [anna, { email: "Anna@Example.test" }, "same"],
    [anna, { ...anna, accountId: "two" }, "other"],
    // Two people of one workspace.
    [anna, { ...anna, email: "bob@example.test" }, "other"],
    [anna, {}, "unknown"],
    [{ email: "anna@example.test" }, { accountId: "one" }, "unknown"],
    [{}, {}, "unknown"],
  ])("%j and %j: %s", (left, right, expected) => {
    expect([compareAccounts(left, right), compareAccounts(right, left)]).toEqual([expected, expected]);
  });
});

test("an account is named by its address and a fingerprint of its id", () => {
  const salt = Buffer.alloc(32);
  expect(accountName(anna, salt)).toMatch(/^anna@example\.test \(account #[0-9a-f]{8}\)$/u);
  expect(accountName({ accountId: "one" }, salt)).toMatch(/^account #[0-9a-f]{8}$/u);
  expect(accountName({ email: "anna@example.test" }, salt)).toBe("anna@example.test");
  expect(accountName({}, salt)).toBeUndefined();
});

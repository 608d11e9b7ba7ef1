import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { readPastedCallback } from "./pasted-callback.ts";

const login = { redirectUri: "http://127.0.0.1:1455/auth/callback", state: "test-state-one" };
const read = (text: string) => Object.fromEntries(readPastedCallback(text, login).searchParams);
const refusal = (text: string) => {
  try {
    readPastedCallback(text, login);
  } catch (error) {
    return error;
  }
  return undefined;
};

const both = { code: "test-code", state: "test-state-one" };
const address = "http://127.0.0.1:1455/auth/callback?code=test-code&state=test-state-one";

describe("needs 35: what a person pastes", () => {
  test.each([
    ["the address", address],
    ["the address with spaces around it", `  ${address}\r\n`],
    ["the address, wrapped by a terminal", "http://127.0.0.1:1455/auth/call\nback?code=test-\r\n  code&sta te=test-state-one"],
    ["the address as localhost", address.replace("127.0.0.1", "localhost")],
    ["an invisible character in the address", address.replace("code=test", "code=te\u200Bst")],
    ["a query", "?code=test-code&state=test-state-one"],
    ["a query without its mark", "code=test-code&state=test-state-one"],
    ["host and query", "localhost:1455/auth/callback?code=test-code&state=test-state-one"],
    ["code and state in one", "test-code#test-state-one"],
    ["the code", "test-code"],
    ["the code with spaces and line breaks", "  test-\n co de\t"],
  ])("%s", (_what, text) => {
    expect(read(text)).toEqual(both);
    expect(readPastedCallback(text, login).href.startsWith(`${login.redirectUri}?`)).toBe(true);
  });

  test("a code keeps its signs, copied from an address or from a page", () => {
    expect(read("4/0Ab-_~.==")).toEqual({ ...both, code: "4/0Ab-_~.==" });
    expect(read("4%2F0Ab")).toEqual({ ...both, code: "4/0Ab" });
    expect(read("4%zz")).toEqual({ ...both, code: "4%zz" });
  });

  test("an error of the provider is kept for the login to tell", () => {
    expect(read("http://x/?error=access_denied&state=test-state-one")).toEqual({ error: "access_denied", state: "test-state-one" });
  });

  test.each([
    ["the state of another login", address.replace("state-one", "state-two"), "state differs"],
    ["a wrong state, before its error is looked at", "http://x/?error=access_denied&state=other", "state differs"],
    ["a wrong state, before its missing code is", "http://x/?state=other", "state differs"],
    ["two states", `${address}&state=test-state-one`, "state differs"],
    ["no state", "http://127.0.0.1:1455/auth/callback?code=test-code", "holds no state"],
    ["code and another state", "test-code#other", "state differs"],
    ["the address the login began with", "https://id.acme.test/authorize?client_id=x&state=test-state-one", "where the login begins"],
    ["nothing", " \n", "nothing was pasted"],
    ["a whole page", "x".repeat(17_000), "longer than any address"],
    ["half an address", "http://", "cannot be read"],
  ])("%s is refused", (_what, text, why) => {
    const error = refusal(text);
    expect(error).toMatchObject({ code: "login-refused", message: expect.stringContaining(why), hint: expect.any(String) });
    expect(inspect(error, { showHidden: true, depth: 9 })).not.toMatch(/test-code|test-state/);
  });
});

import { describe, expect, test } from "vitest";
import { endToEndHeaders, withoutQueryCredential } from "./request-parts.ts";
import { findProvider } from "./table.ts";

test("headers of the connection, of other hosts and those that connection names stay behind", () => {
  const headers = {
    Connection: "keep-alive, X-Hop",
    "X-Hop": "1",
    Host: "evil.test",
    "Content-Length": "3",
    "transfer-encoding": "chunked",
    Expect: "100-continue",
    TE: "trailers",
    "Content-Type": "application/json",
    accept: "*/*",
  };
  expect(endToEndHeaders(headers)).toEqual({ "content-type": "application/json", accept: "*/*" });
});

describe("a credential in a query", () => {
  const strip = (provider: string, query: string) => {
    const spec = findProvider(provider);
    if (!spec) throw new Error(`no ${provider}`);
    return withoutQueryCredential(new URL(`https://api.test/x${query}`), spec).search;
  };

  test.each([
    ["?key=test-key", ""],
    ["?alt=sse&key=test-key&b=%20+c", "?alt=sse&b=%20+c"],
    ["?%6Bey=test-key&KEY=test-key&access_token=x&oauth_token=y&keys=1&monkey=2", "?keys=1&monkey=2"],
    ["?key", ""],
    ["?a=%zz&key=1", "?a=%zz"],
    ["?a=b%26key=1", "?a=b%26key=1"],
  ])("of Google is taken off: %s", (query, expected) => {
    expect(strip("google", query)).toBe(expected);
  });

  test("is a parameter like any other elsewhere", () => {
    expect(strip("openai", "?key=a%20b&x")).toBe("?key=a%20b&x");
  });
});

import { describe, expect, test } from "vitest";
import { localGatewayUrl, parseGatewayUrl } from "./gateway-address.ts";

describe("--url", () => {
  test.each([
    ["http://127.0.0.1:18789", "http://127.0.0.1:18789/"],
    ["http://localhost:1", "http://localhost:1/"],
    ["http://[::1]:1", "http://[::1]:1/"],
    ["http://127.1.2.3", "http://127.1.2.3/"],
    ["https://gateway.example/base", "https://gateway.example/base"],
  ])("%s", (text, url) => {
    expect(parseGatewayUrl(text).href).toBe(url);
  });

  test.each([
    ["http://gateway.example", /must be https/u],
    ["http://192.168.1.5:18789", /must be https/u],
    ["http://x.localhost:1", /must be https/u],
    ["http://0.0.0.0:1", /must be https/u],
    ["http://127.0.0.1.example", /must be https/u],
    ["http://user:test-password@127.0.0.1", /user name/u],
    ["https://test-user@gateway.example", /user name/u],
    ["https://gateway.example/?token=test-token", /before any \?/u],
    ["https://gateway.example/#x", /before any \?/u],
    ["ftp://127.0.0.1", /http or https/u],
    ["file:///etc/passwd", /http or https/u],
    ["127.0.0.1:18789", /http or https/u],
    ["", /http or https/u],
  ])("refuses %s and does not repeat it", (text, rule) => {
    expect(() => parseGatewayUrl(text)).toThrow(rule);
    expect(() => parseGatewayUrl(text)).not.toThrow(/test-/u);
  });
});

describe("the gateway of this machine", () => {
  test("is at its port, or the default one", () => {
    expect([localGatewayUrl(undefined).href, localGatewayUrl(1234).href]).toEqual(["http://127.0.0.1:18789/", "http://127.0.0.1:1234/"]);
  });

  test("cannot be found where any free port was taken", () => {
    expect(() => localGatewayUrl(0)).toThrow(/gateway\.port is 0/u);
  });
});

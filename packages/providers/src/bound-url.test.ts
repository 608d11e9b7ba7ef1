import { describe, expect, test } from "vitest";
import { boundUrl } from "./bound-url.ts";
import { customSpec } from "./custom-spec.ts";

const spec = customSpec({ id: "test", baseUrl: "" });
const bound = (url: string, base: string) => boundUrl(url, new URL(base), spec).href;

describe("T1: a request may go to the base URL and what lies below", () => {
  test.each([
    ["https://api.test/v1/chat", "https://api.test/v1"],
    ["https://api.test/v1/chat", "https://api.test/v1/"],
    ["https://api.test/v1/chat", "https://api.test"],
    ["https://api.test/v1", "https://api.test/v1"],
    ["https://api.test/v1/a?q=../..", "https://api.test/v1"],
    ["https://API.test:443/v1/chat", "https://api.test/v1"],
    ["https://api.test/team/v1/a..b", "https://api.test/team"],
    // Another version, and uploads that begin before it.
    ["https://api.test/v1/models/m:generateContent", "https://api.test/v1beta"],
    ["https://api.test/upload/v1beta/files", "https://api.test/v1beta"],
    ["https://api.test/team/v2/chat", "https://api.test/team/v1"],
  ])("%s, with %s", (url, base) => {
    expect(bound(url, base)).toBe(new URL(url).href);
  });

  test.each([
    ["https://api.test/team-b/v1", "https://api.test/team-a/v1", "outside"],
    ["https://api.test/team-ab", "https://api.test/team-a", "outside"],
    ["https://api.test/", "https://api.test/team-a", "outside"],
    ["https://api.test/team-a/../team-b", "https://api.test/team-a", "outside"],
    ["https://api.test/team-a/%2e%2e/team-b", "https://api.test/team-a", "outside"],
    ["https://api.test/team-a/..%2fteam-b", "https://api.test/team-a", "outside"],
    ["https://api.test/team-a/%2E%2e%5Cteam-b", "https://api.test/team-a", "outside"],
    ["https://api.test/team-a/x%2f..", "https://api.test/team-a", "outside"],
    ["https://api.test.evil/", "https://api.test", "another"],
    ["https://api.test@evil.test/", "https://api.test", "another"],
    ["https://evil.test\\@api.test/", "https://api.test", "another"],
    ["http://api.test/", "https://api.test", "another"],
    ["https://api.test:8443/", "https://api.test", "another"],
    ["https://api.test./", "https://api.test", "another"],
    ["https://me@api.test/", "https://api.test", "user name"],
    ["https://me:test-key@api.test/", "https://api.test", "user name"],
    ["/v1/chat", "https://api.test", "no URL"],
    ["blob:https://api.test/x", "https://api.test", "outside"],
  ])("not to %s, with %s", (url, base, rule) => {
    expect(() => bound(url, base)).toThrow(expect.objectContaining({ code: "foreign-host", message: expect.stringContaining(rule) }));
    expect(() => bound(url, base)).not.toThrow(/evil|test-key/);
  });
});

import { describe, expect, test } from "vitest";
import { readDeviceOffer } from "./device-offer.ts";
import type { Answer } from "./read-answer.ts";

describe("the offer", () => {
  const good = {
    device_code: "test-device",
    user_code: "ABCD-EFGH",
    verification_uri: "https://acme.test/activate",
    verification_uri_complete: "https://acme.test/activate?user_code=ABCD-EFGH",
    expires_in: 900,
    interval: 5,
  };
  const answered = (body: object, status = 200): Answer => ({
    kind: "answered",
    status,
    contentType: "application/json",
    retryAfter: undefined,
    body: { text: JSON.stringify(body) },
  });
  const read = (more: object) => readDeviceOffer(answered({ ...good, ...more }), 0);

  test.each([
    [5, 5],
    ["7", 7],
    [0, 5],
    [-1, 5],
    ["soon", 5],
    [undefined, 5],
    [0.1, 1],
    [3600, 60],
  ])("an interval of %j means %i s", (interval, seconds) => {
    expect(read({ interval })).toMatchObject({ intervalSeconds: seconds });
  });

  test.each([
    [900, 900],
    ["900", 900],
    [1e12, 3600],
  ])("a life of %j means %i s", (expires_in, seconds) => {
    expect(read({ expires_in })).toMatchObject({ lifeSeconds: seconds });
  });

  test.each([
    { verification_uri: "javascript:alert(1)" },
    { verification_uri: "file:///etc/passwd" },
    { verification_uri: "https://acme.test@evil.test/" },
    { verification_uri: "activate" },
    { verification_uri: undefined },
    { user_code: "AB\u001B[2JCD" },
    { user_code: "AB\nCD" },
    { user_code: "x".repeat(65) },
    { user_code: 5 },
    { device_code: "" },
    { expires_in: 0 },
    { expires_in: -5 },
    { expires_in: undefined },
  ])("%j is refused", (more) => {
    expect(read(more)).toMatchObject({ verdict: { kind: "bad" } });
  });

  test("a complete address that no browser may open is left out", () => {
    expect(read({ verification_uri_complete: "javascript:alert(1)" })).not.toHaveProperty("verificationUriComplete");
  });

  test("an older spelling of the address is understood", () => {
    expect(read({ verification_uri: undefined, verification_url: "https://acme.test/device" })).toMatchObject({
      verificationUri: "https://acme.test/device",
    });
  });

  test("an error in its place is one, with 200 too", () => {
    expect(readDeviceOffer(answered({ error: "unauthorized_client" }, 400), 0)).toMatchObject({ verdict: { kind: "refused" } });
    expect(readDeviceOffer(answered({ error: "unauthorized_client" }), 0)).toMatchObject({ verdict: { kind: "refused" } });
  });
});

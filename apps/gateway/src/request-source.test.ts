import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { createSourceOf } from "./request-source.ts";

function from(remoteAddress: string, forwarded?: string): Pick<IncomingMessage, "headers" | "socket"> {
  const request = { headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded }, socket: { remoteAddress } };
  return JSON.parse(JSON.stringify(request));
}

test.each([
  ["127.0.0.1", "127.0.0.1"],
  ["::ffff:10.0.0.1", "10.0.0.1"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
])("T7: %s is counted as %s", (address, source) => {
  expect(createSourceOf([])(from(address))).toBe(source);
});

test("T7: X-Forwarded-For of anybody is its own invention", () => {
  expect(createSourceOf([])(from("10.0.0.1", "1.2.3.4"))).toBe("10.0.0.1");
  expect(createSourceOf(["10.0.0.2"])(from("10.0.0.1", "1.2.3.4"))).toBe("10.0.0.1");
});

test.each([
  ["1.2.3.4", "1.2.3.4"],
  ["6.6.6.6, 1.2.3.4", "1.2.3.4"],
  ["1.2.3.4, 10.0.0.7", "1.2.3.4"],
  ["6.6.6.6, 2001:db8:1:2::3, 10.0.0.7", "2001:db8:1:2::/64"],
  ["10.0.0.7", "10.0.0.1"],
  ["1.2.3.4, garbage", "10.0.0.1"],
  ["", "10.0.0.1"],
  [undefined, "10.0.0.1"],
])("T7: behind a trusted proxy %j comes from %s", (forwarded, source) => {
  expect(createSourceOf(["10.0.0.0/8", "fd00::/8"])(from("::ffff:10.0.0.1", forwarded))).toBe(source);
});

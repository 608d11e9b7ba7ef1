import { describe, expect, test } from "vitest";
import { nextInterval } from "./device-pace.ts";
import type { TokenVerdict } from "./token-answer.ts";

describe("the pace", () => {
  const refused = (code: string, intervalSeconds?: number): TokenVerdict => ({
    kind: "refused",
    error: code,
    status: 400,
    intervalSeconds,
  });
  const unavailable: TokenVerdict = { kind: "unavailable", why: "", retryAt: undefined };

  test.each([
    [refused("authorization_pending"), 5, 5],
    [refused("slow_down"), 5, 10],
    [refused("slow_down", 15), 5, 15],
    [refused("slow_down", 1), 5, 10],
    [refused("slow_down", 1e9), 5, 60],
    [refused("slow_down"), 58, 60],
    [unavailable, 5, 10],
    [{ kind: "lost", why: "" } as const, 40, 60],
    [{ kind: "bad", why: "" } as const, 5, undefined],
    [refused("access_denied"), 5, undefined],
    [refused("expired_token"), 5, undefined],
  ])("after %j at %i s it is %s s", (verdict, interval, next) => {
    expect(nextInterval(verdict, interval)).toBe(next);
  });
});

import { inspect } from "node:util";
import {
  MANUAL_CLOCK_START,
  manualClock,
  startFakeIdp,
  type FakeIdp,
  type FakeIdpOptions,
  type ManualClock,
  type TokenStep,
} from "@openclaw/testkit";
import { afterEach, describe, expect, test } from "vitest";
import { createOAuthClient } from "./oauth-client.ts";

const started: FakeIdp[] = [];

afterEach(async () => {
  for (const idp of started.splice(0)) await idp.close();
});

/** A clock that jumps over every pause at once and remembers it. The deadline of a request, 30 s, is no pause: it never comes. */
function jumpingClock() {
  const pauses: number[] = [];
  let now = MANUAL_CLOCK_START;
  return {
    pauses,
    now: () => now,
    advance: (durationMs: number) => void (now += durationMs),
    async sleep(durationMs: number, signal?: AbortSignal) {
      signal?.throwIfAborted();
      if (durationMs === 30_000) return new Promise<void>(() => undefined);
      pauses.push(durationMs);
      now += durationMs;
    },
  };
}

async function begin(options: FakeIdpOptions = {}, clock: ManualClock | ReturnType<typeof jumpingClock> = jumpingClock()) {
  const idp = await startFakeIdp(options);
  started.push(idp);
  const { tokenUrl, deviceUrl, clientId } = idp;
  const client = createOAuthClient({ provider: "acme", tokenUrl, deviceUrl, clientId, accountClaim: ["account_id"] }, { clock });
  return { idp, device: await client.beginDevice() };
}

const error = (code: string, more: object = {}): TokenStep => ({ reply: { status: 400, body: { error: code, ...more } } });

const pending = error("authorization_pending");

describe("polling", () => {
  test("asks every 5 s until the person has consented, and then has the tokens", async () => {
    const clock = jumpingClock();
    const { idp, device } = await begin({ deviceIntervalSeconds: null }, clock);
    expect(device).toMatchObject({
      verificationUri: `${idp.url}/activate`,
      verificationUriComplete: `${idp.url}/activate?user_code=${device.userCode}`,
      expiresAt: clock.now() + 900_000,
    });
    idp.script(pending, pending);
    idp.settleDevice(device.userCode, { accountId: "account-two" });
    expect(await device.poll()).toMatchObject({ accountId: "account-two" });
    expect(clock.pauses).toEqual([5000, 5000, 5000]);
  });

  test("slow_down adds 5 s for good, whatever the provider asked for first", async () => {
    const clock = jumpingClock();
    const { idp, device } = await begin({ deviceIntervalSeconds: 2 }, clock);
    idp.script(pending, error("slow_down"), pending, error("slow_down", { interval: 20 }), pending, error("access_denied"));
    await expect(device.poll()).rejects.toMatchObject({ code: "oauth-denied" });
    expect(clock.pauses).toEqual([2000, 2000, 7000, 7000, 20_000, 20_000]);
  });

  test("a person who says no ends it", async () => {
    const { idp, device } = await begin();
    idp.settleDevice(device.userCode, { error: "access_denied" });
    await expect(device.poll()).rejects.toMatchObject({ code: "oauth-denied" });
    expect(idp.tokenRequests()).toBe(1);
  });

  test("a device code that has ended is a timeout, by the provider's word", async () => {
    const { idp, device } = await begin();
    idp.script(error("expired_token"));
    await expect(device.poll()).rejects.toMatchObject({ code: "login-timeout" });
  });

  test("a device code that has ended is a timeout, by the clock, without another request", async () => {
    const clock = jumpingClock();
    const { idp, device } = await begin({}, clock);
    clock.advance(898_000);
    await expect(device.poll()).rejects.toMatchObject({ code: "login-timeout" });
    expect([clock.pauses, idp.tokenRequests()]).toEqual([[2000], 0]);
  });

  test("goes on after an answer that was lost, more slowly", async () => {
    const clock = jumpingClock();
    const { idp, device } = await begin({}, clock);
    idp.settleDevice(device.userCode);
    idp.script({ drop: "before" }, { reply: { status: 503 } });
    await expect(device.poll()).resolves.toHaveProperty("refresh");
    expect(clock.pauses).toEqual([5000, 10_000, 20_000]);
  });

  test("is one at a time, ends with its signal, and can be taken up again", async () => {
    const clock = manualClock();
    const { idp, device } = await begin({}, clock);
    const controller = new AbortController();
    const polled = device.poll(controller.signal).catch((failed: unknown) => failed);
    await expect(device.poll()).rejects.toMatchObject({ code: "login-refused" });
    controller.abort("stop");
    expect(await polled).toBe("stop");
    idp.settleDevice(device.userCode);
    const again = device.poll();
    expect(clock.sleeping()).toEqual([clock.now() + 5000]);
    clock.advance(5000);
    await expect(again).resolves.toHaveProperty("access");
    expect(clock.sleeping()).toEqual([]);
  });

  test.each([
    [error("invalid_client"), "login-refused"],
    [{ reply: { body: "<html>", headers: { "content-type": "text/html" } } }, "oauth-bad-answer"],
    [{ fields: { token_type: "mac" } }, "oauth-bad-answer"],
  ])("ends after %j with %s, and tells nothing", async (step, code) => {
    const { idp, device } = await begin();
    idp.settleDevice(device.userCode);
    idp.script(step);
    const failed = await device.poll().catch((failed: unknown) => failed);
    expect(failed).toMatchObject({ code });
    expect(inspect([failed, device], { showHidden: true, depth: 9 })).not.toContain(idp.requests[0]?.form.get("device_code"));
  });
});

import { Secret } from "@openclaw/secrets";
import { createTempHome } from "@openclaw/testkit";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { createFileStorage } from "../file-storage.ts";
import { createAccessLives } from "./access-lives.ts";
import type { LoginCopy } from "./login-copies.ts";

const NOW = 1_000_000_000_000;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;

async function loginThatEndsIn(leftMs: number, access = "test-access-one"): Promise<LoginCopy> {
  const home = await createTempHome();
  onTestFinished(() => home.remove());
  const storage = createFileStorage({ storePath: join(home.path, "auth-profiles.json") });
  return { id: "acme:work", storage, profile: { type: "oauth", provider: "acme", access: Secret.of(access), expires: NOW + leftMs } };
}

describe("an access is replaced before its end", () => {
  test.each([
    ["a year", 365 * 24 * 60 * MINUTE_MS, 5 * MINUTE_MS],
    ["an hour", 60 * MINUTE_MS, 5 * MINUTE_MS],
    ["20 minutes", 20 * MINUTE_MS, 2 * MINUTE_MS],
    ["5 minutes", 5 * MINUTE_MS, 45 * SECOND_MS],
    ["a minute", MINUTE_MS, 30 * SECOND_MS],
    ["20 seconds", 20 * SECOND_MS, 10 * SECOND_MS],
  ])("that lives for %s", async (_life, lifeMs, aheadMs) => {
    const login = await loginThatEndsIn(lifeMs);
    const lives = createAccessLives();
    lives.got(login, Secret.of("test-access-one"), lifeMs);
    expect(lives.aheadMs(login, NOW + lifeMs / 2)).toBe(aheadMs);
  });

  test.each([
    [40 * MINUTE_MS, 4 * MINUTE_MS],
    [4 * MINUTE_MS, 45 * SECOND_MS],
    [40 * SECOND_MS, 20 * SECOND_MS],
  ])("of which %d ms were left when it took the place of another", async (leftMs, aheadMs) => {
    const login = await loginThatEndsIn(leftMs);
    const lives = createAccessLives();
    lives.saw({ ...login, profile: { ...login.profile, access: Secret.of("test-access-before") } }, NOW);
    expect(lives.aheadMs(login, NOW)).toBe(aheadMs);
    lives.saw(login, NOW);
    lives.saw(login, NOW + leftMs / 2);
    expect(lives.aheadMs(login, NOW + leftMs - 1)).toBe(aheadMs);
  });

  test.each([40 * MINUTE_MS, 4 * MINUTE_MS, 10 * SECOND_MS])("that is the first one seen, %d ms before its end", async (leftMs) => {
    const login = await loginThatEndsIn(leftMs);
    const lives = createAccessLives();
    expect(lives.aheadMs(login, NOW)).toBe(5 * MINUTE_MS);
    lives.saw(login, NOW);
    expect(lives.aheadMs(login, NOW)).toBe(5 * MINUTE_MS);
  });
});

test("an access that is over is not remembered", async () => {
  const login = await loginThatEndsIn(-1);
  const lives = createAccessLives();
  lives.saw(login, NOW);
  expect(lives.aheadMs(login, NOW - 4 * MINUTE_MS)).toBe(5 * MINUTE_MS);
});

test("what was seen while the clock was wrong counts for nothing after it is set back", async () => {
  const login = await loginThatEndsIn(10 * SECOND_MS);
  const lives = createAccessLives();
  lives.saw({ ...login, profile: { ...login.profile, access: Secret.of("test-access-before") } }, NOW);
  lives.saw(login, NOW);
  expect(lives.aheadMs(login, NOW)).toBe(5 * SECOND_MS);
  lives.saw(login, NOW - 60 * MINUTE_MS);
  expect(lives.aheadMs(login, NOW)).toBe(5 * MINUTE_MS);
});

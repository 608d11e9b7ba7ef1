import { expect, test } from "vitest";
import { storeLockName } from "./store-lock-name.ts";

test("the name of a lock is part of a protocol", () => {
  expect(storeLockName("/home/me/.openclaw/agents/main/agent/auth-profiles.json")).toBe(
    "store-cce26622460f4ff152e9009eb87308ccc6b743dffd7a6a6a1fe5b7d357d1d440",
  );
});

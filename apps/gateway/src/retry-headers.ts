import { secondsUntil } from "./seconds-until.ts";
import type { HeaderChanges } from "./upstream.ts";

/** SDKs that retry by themselves sleep as long as they are told. Beyond this they are told to leave it to whoever called them. */
const LONGEST_SLEEP_SECONDS = 60;

/** Says when the first credential recovers. SDKs believe `retry-after-ms` first, which speaks of one credential. */
export function retryHeaders(retryAt: number, now: number): HeaderChanges {
  const seconds = secondsUntil(retryAt, now);
  return {
    "retry-after": String(seconds),
    "retry-after-ms": undefined,
    ...(seconds > LONGEST_SLEEP_SECONDS && { "x-should-retry": "false" }),
  };
}

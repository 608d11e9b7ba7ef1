import type { FailureClass } from "@openclaw/key-rotation";

/** Failures after which a gateway asks another model, once the credentials of one are spent. */
export const fallbackClasses: ReadonlySet<FailureClass> = new Set<FailureClass>([
  "rate_limit",
  "auth",
  "auth_permanent",
  "billing",
  "overloaded",
  "timeout",
  "server",
  "model_not_found",
]);

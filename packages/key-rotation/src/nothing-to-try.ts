import { RotationError } from "./errors.ts";
import type { Health } from "./health/health.ts";
import type { Plan } from "./plan.ts";

/** Says why no credential of a plan could be tried. */
export function nothingToTry(plan: Plan, health: Health | undefined): RotationError {
  const { provider, candidates, excluded } = plan;
  if (candidates.length > 0) {
    const cooling = health?.cooling(plan) ?? [];
    const [first] = cooling;
    const areInUse = first !== undefined && cooling.every(({ reason }) => reason === "busy");
    return new RotationError("all-cooling", `Every credential of ${provider} is ${areInUse ? "in use" : "cooling down"}`, {
      cooling,
      excluded,
      ...(first && !areInUse && { hint: `the first can be tried again at ${new Date(first.until).toISOString()}` }),
    });
  }
  const reasons = [...new Set(excluded.map(({ reason }) => reason))].join(", ");
  const message =
    excluded.length === 0
      ? `No API keys configured for provider "${provider}".`
      : `No credential of ${provider} can be used: ${excluded.length} left out (${reasons})`;
  return new RotationError("no-credentials", message, { excluded });
}

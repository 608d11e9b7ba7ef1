import { formatSecretRef, type Secret } from "@openclaw/secrets";
import type { Standing } from "./standing.ts";
import type { PlanTarget } from "./target.ts";
import type { ApplyWarning } from "./warning.ts";

/** Says so where a reference leads to another value than what is used now. It is applied all the same. */
export function compareValues(
  target: PlanTarget,
  standing: Standing | undefined,
  value: Secret | undefined,
  salt: Uint8Array,
): readonly ApplyWarning[] {
  const path = target.kind === "profile" ? `${target.agentId}: ${target.path}` : target.path;
  const name = formatSecretRef(target.ref);
  const before = standing?.effective;
  if (value && before && !before.equals(value)) {
    const message = `${name} leads to another value (${value.fingerprint(salt)}) than the one in use (${before.fingerprint(salt)})`;
    return [{ code: "value-differs", path, message }];
  }
  // Of a command that was not run the result says so already.
  return value && standing?.isUnknown
    ? [{ code: "value-not-compared", path, message: `whether ${name} leads to the value in use is not known` }]
    : [];
}

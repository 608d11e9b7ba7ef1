import type { Secret } from "@openclaw/secrets";
import { providerSpecs } from "./specs/index.ts";

/** The markers that may be printed of a key, longest first. Nothing else of a key is ever shown. */
export const publicPrefixes: readonly string[] = [...new Set(providerSpecs.flatMap((spec) => spec.keyPrefixes ?? []))].toSorted(
  (left, right) => right.length - left.length || left.localeCompare(right),
);

/** The longest public marker a secret begins with, such as `sk-ant-api03-`, or an empty string. */
export function publicPrefix(secret: Secret): string {
  return publicPrefixes.find((prefix) => secret.startsWith(prefix)) ?? "";
}

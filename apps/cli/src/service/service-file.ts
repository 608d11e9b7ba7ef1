import { createHash } from "node:crypto";

/** How the file of a service stands to what would be written now. */
export type ServiceFileState =
  | "absent"
  /** What would be written now. */
  | "current"
  /** Written by `gateway install`, with other settings or by another version. */
  | "outdated"
  /** Somebody changed it, or wrote it. */
  | "edited";

const CHECKSUM = /checksum ([0-9a-f]{64})/u;

/** Puts the checksum of a text where it says `checksum @`, so that a change by hand shows. */
export function withChecksum(text: string): string {
  return text.replace("checksum @", `checksum ${digest(text)}`);
}

/** Compares a file with what would be written now. */
export function serviceFileState(existing: string | undefined, wanted: string): ServiceFileState {
  if (existing === undefined) return "absent";
  if (existing === wanted) return "current";
  return isUnedited(existing) ? "outdated" : "edited";
}

function isUnedited(text: string): boolean {
  const [, stated] = CHECKSUM.exec(text) ?? [];
  return stated !== undefined && stated === digest(text.replace(CHECKSUM, "checksum @"));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

import type { Canary, CanaryHit } from "./canary.ts";
import { createCanarySearch } from "./canary.ts";

/** Something that was captured while the stack was exercised. */
export interface Evidence {
  /** The check it belongs to: `models status --json`. */
  readonly check: string;
  /** `stdout`, or the path of a file. */
  readonly place: string;
  readonly bytes: Uint8Array;
  /** Labels of the canaries that were put there, or that are asked for there. */
  readonly allowed: readonly string[];
}

/** A canary where none should be. */
export interface Finding extends Omit<CanaryHit, "label"> {
  readonly place: string;
  readonly canary: string;
}

/** How one check went. */
export interface VerifyCheck {
  readonly id: string;
  /** `failed`: the stack did not do what it was asked, so nothing is proven. `skipped`: it cannot be asked here. */
  readonly status: "ok" | "leak" | "failed" | "skipped";
  readonly bytesSearched: number;
  readonly findings: readonly Finding[];
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

/** Something other than a text that was seen: a check that did not work, or a leak that needs no search. */
export type Observation = Pick<VerifyCheck, "id"> & Partial<Pick<VerifyCheck, "status" | "reason" | "findings">>;

/** Searches the evidence. Checks come in the order in which they were first seen. */
export function judge(
  canaries: readonly Canary[],
  evidence: readonly Evidence[],
  observations: readonly Observation[],
): readonly VerifyCheck[] {
  const { search } = createCanarySearch(canaries);
  const ids = new Set([...evidence.map(({ check }) => check), ...observations.map(({ id }) => id)]);
  return [...ids].map((id) => {
    const own = evidence.filter(({ check }) => check === id);
    const seen = observations.filter((observation) => observation.id === id);
    const hits = own.flatMap(({ place, bytes, allowed }) =>
      search(bytes).flatMap(({ label, ...hit }): Finding[] => (allowed.includes(label) ? [] : [{ place, canary: label, ...hit }])),
    );
    const findings = [...hits, ...seen.flatMap((observation) => observation.findings ?? [])];
    const problem = ["failed", "skipped"].flatMap((status) => seen.find((observation) => observation.status === status) ?? [])[0];
    return {
      id,
      status: findings.length > 0 ? "leak" : (problem?.status ?? "ok"),
      bytesSearched: own.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
      findings,
      ...(problem?.reason !== undefined && { reason: problem.reason }),
    };
  });
}

import type { Finding, VerifyCheck } from "../secrets-verify/evidence.ts";
import type { VerifyReport } from "../secrets-verify/verify-canary.ts";
import { printable } from "../io.ts";

const marks: Readonly<Record<VerifyCheck["status"], string>> = { ok: "ok", leak: "LEAK", failed: "FAILED", skipped: "skipped" };

/** A check that leaks at all mostly leaks everywhere. */
const MOST = 20;

/** The self-test for people. */
export function renderVerify({ status, checks, canaries, bytesSearched, durationMs }: VerifyReport): string {
  const rows = checks.flatMap(({ id, status, findings, reason }) => [
    `  ${marks[status].padEnd(8)} ${id}${reason === undefined ? "" : `: ${printable(reason)}`}`,
    ...findings.slice(0, MOST).map((finding) => `             ${printable(describe(finding))}`),
    ...(findings.length > MOST ? [`             and ${findings.length - MOST} more (--json lists them)`] : []),
  ]);
  const leaks = checks.reduce((sum, { findings }) => sum + findings.length, 0);
  const ends: Readonly<Record<VerifyReport["status"], string>> = {
    clean: "No canary got out.",
    leak: `${leaks} leak(s). Please report them: they are secrets in the wrong place.`,
    failed: "No canary got out, but not everything could be exercised.",
  };
  return [
    ...rows,
    "",
    `${canaries} fake secrets, ${(bytesSearched / 1_000_000).toFixed(1)} MB searched, ${(durationMs / 1000).toFixed(1)} s`,
    ends[status],
  ].join("\n");
}

function describe({ place, canary, form, isPiece }: Finding): string {
  return `${place}: ${isPiece ? "a piece of " : ""}the canary ${canary} (${form})`;
}

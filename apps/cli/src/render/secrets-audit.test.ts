import { expect, test } from "vitest";
import type { AuditReport } from "../secrets-audit/audit-types.ts";
import { renderAudit } from "./secrets-audit.ts";

const clean: AuditReport = {
  version: 1,
  status: "clean",
  resolution: { refsChecked: 1, skippedExecRefs: 0, resolvabilityComplete: true },
  filesScanned: ["/home/a/.openclaw/openclaw.json"],
  summary: { plaintextCount: 0, unresolvedRefCount: 0, shadowedRefCount: 0, legacyResidueCount: 0, valueFindingCount: 0 },
  findings: [],
  valueFindings: [],
  filesSearched: [],
  filesNotSearched: [],
  notices: [],
};
const display = (path: string) => path.replace("/home/a", "~");

test("one line where nothing is found", () => {
  expect(renderAudit(clean, display)).toBe("Secrets audit: nothing found (1 file checked, 0 searched by value, 1 reference tried).");
});

test("commands that were not run are told of, and what runs them", () => {
  const text = renderAudit({ ...clean, resolution: { refsChecked: 1, skippedExecRefs: 2, resolvabilityComplete: false } }, display);
  expect(text).toContain("2 not run");
  expect(text).toContain("openclaw secrets audit --allow-exec");
});

test("what was found, what was not searched, and control characters of neither", () => {
  const text = renderAudit(
    {
      ...clean,
      status: "unresolved",
      summary: { ...clean.summary, unresolvedRefCount: 1, valueFindingCount: 1 },
      findings: [
        {
          code: "REF_UNRESOLVED",
          severity: "error",
          file: "/home/a/x\u001B[31m.json",
          jsonPath: "a.\u202Eb",
          message: "env:default:A is not set",
        },
      ],
      valueFindings: [{ file: "/home/a/log.gz", offset: 7, form: "gzip+base64", secret: "OPENAI_API_KEY", fingerprint: "#01234567" }],
      filesNotSearched: [{ file: "/home/a/b.zip", reason: "a zip archive" }],
    },
    display,
  );
  expect(text).toMatch(/^Secrets audit: 1 unresolved, 1 known by value in other places/u);
  expect(text).toContain("error REF_UNRESOLVED ~/x.json: a. b\n        env:default:A is not set");
  expect(text).toContain("~/log.gz, byte 7: OPENAI_API_KEY #01234567, gzip+base64");
  expect(text).toContain("~/b.zip: a zip archive");
});
